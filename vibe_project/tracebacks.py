"""What a log says about an exception: its type, text and causes, and where it was; never a local variable."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from vibe_project import masking

ROOT = Path(__file__).resolve().parent.parent
OUR_FRAMES = 3
LAST_FRAMES = 2
CAUSES = 3
MOST_CHARACTERS = 500
# A database that is away brings the same traceback with every request: once a minute is enough.
QUIET_SECONDS = 60.0
MOST_REMEMBERED = 200


def headline(error: BaseException) -> str:
    """`psycopg.OperationalError: connection refused`, in one short line without secrets."""
    text = _text(error)
    said = f"{_name(error)}: {text}" if text else _name(error)
    return said if len(said) <= MOST_CHARACTERS else f"{said[:MOST_CHARACTERS]}…"


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _text(error: BaseException) -> str:
    """Masked before it is cut: half a secret looks like none."""
    return " ".join(masking.mask(str(error)).split())


def frames(error: BaseException) -> list[str]:
    """`file:line function` of our last frames and the innermost ones, outermost first."""
    walked = [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [number for number, (file, _, _) in enumerate(walked) if _is_ours(file)]
    last = range(max(0, len(walked) - LAST_FRAMES), len(walked))
    chosen = sorted({*ours[-OUR_FRAMES:], *last})
    return [f"{_short(file)}:{line} {function}" for file, line, function in (walked[n] for n in chosen)]


def causes(error: BaseException) -> list[str]:
    """What led to it, nearest first, and where each was raised."""
    lines, known = [], {_text(error)}
    for cause in list(_chain(error))[:CAUSES]:
        # Django's database errors say again what the driver's said.
        told = _name(cause) if _text(cause) in known else headline(cause)
        known.add(_text(cause))
        lines.append(" at ".join([f"caused by {told}", *frames(cause)[-1:]]))
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    now: BaseException | None = error
    while now is not None:
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
        if now is None or id(now) in seen:
            return
        seen.add(id(now))
        yield now


def _is_ours(file: str) -> bool:
    return file.startswith(f"{ROOT}/") and "site-packages" not in file


def _short(file: str) -> str:
    """From the project's folder, or from where libraries are installed."""
    if "site-packages/" in file:
        return file.rpartition("site-packages/")[2]
    return file.removeprefix(f"{ROOT}/").removeprefix(f"{sys.base_prefix}/lib/")


def of(exc_info: object) -> BaseException | None:
    """The exception of what a logger was given as `exc_info`: True, an exception, or sys.exc_info()."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        error, trace = exc_info[1], exc_info[2]
        if isinstance(error, BaseException) and error.__traceback__ is None:
            return error.with_traceback(trace) if isinstance(trace, TracebackType) else error
        return error if isinstance(error, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


class Repeats:
    """Whether a traceback was written less than a minute ago in this process."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._written: dict[str, float] = {}

    def is_new(self, lines: list[str]) -> bool:
        """True the first time and after a minute. Places alone count: texts differ by ports and ids."""
        place = "\n".join(line.rpartition(" at ")[2] for line in lines)
        now = self._timer()
        with self._lock:
            if now - self._written.get(place, -QUIET_SECONDS) < QUIET_SECONDS:
                return False
            if len(self._written) >= MOST_REMEMBERED:
                self._written.clear()
            self._written[place] = now
            return True
