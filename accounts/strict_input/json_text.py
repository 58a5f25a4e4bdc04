"""JSON text as RFC 8259 would have it, read by everything: a key twice in one object is a fault. Pure.

What readers of JSON do not agree on is refused with its path, so that nothing is lost in silence: the last of
two keys wins in most of them, NaN is a number in some, a whole number of thirty digits a rounded one.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 40
MAX_DIGITS = 18  # fits 64 bits, signed
MAX_ERRORS = 20
# What a second, slower look is worth: long digits, large exponents, names of no number, odd escapes.
_DOUBTFUL = re.compile(r"\d{19}|[eE]\+?\d{3}|NaN|Infinity|\\u(?:0000|[dD][89abAB])")


class Refused(ValueError):
    """Text that is not read; `errors` holds one {"path", "message"} per fault."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{one['path'] or 'JSON'}: {one['message']}" for one in errors))


class _Fault(str):
    """Stands in the place of a number that is refused, and says why."""


class _Twice(dict[str, Any]):
    """An object that held some keys more than once."""

    keys_twice: frozenset[str]


def read(text: bytes | str) -> Any:
    """The document. Raises Refused."""
    try:
        decoded = text if isinstance(text, str) else text.decode()
        document = _decoded(decoded)
    except UnicodeDecodeError as error:
        raise _refusal(f"is not UTF-8 text: byte {error.start} is no character") from None
    except json.JSONDecodeError as error:
        raise _refusal(
            f"is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise _too_deep() from None
    return document


def _decoded(text: str) -> Any:
    document = None
    is_doubtful = _DOUBTFUL.search(text) is not None
    if not is_doubtful:
        try:
            document = _QUICK.decode(text)
        except _KeyTwice:
            is_doubtful = True
    if is_doubtful:
        document = _THOROUGH.decode(text)
    if _is_deeper(document, MAX_DEPTH):
        raise _too_deep()
    if is_doubtful and (errors := list(itertools.islice(_faults(document, ""), MAX_ERRORS))):
        raise Refused(errors)
    return document


def at(path: str, key: str | int) -> str:
    """'where.all[0].op': the way on from a path."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


class _KeyTwice(Exception):
    """The quick look ends here: it does not know where it is."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwice
    return found


def _object_with_faults(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = _Twice(found)
    counts = Counter(key for key, _ in pairs)
    twice.keys_twice = frozenset(key for key, count in counts.items() if count > 1)
    return twice


def _whole(digits: str) -> int | _Fault:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        return _Fault(f"a whole number has at most {MAX_DIGITS} digits")
    return int(digits)


def _fraction(digits: str) -> float | _Fault:
    found = float(digits)
    return found if math.isfinite(found) else _Fault("the number is too large")


def _no_number(name: str) -> _Fault:
    return _Fault(f"{name} is not a number in JSON")


_QUICK = json.JSONDecoder(object_pairs_hook=_object)
_THOROUGH = json.JSONDecoder(
    object_pairs_hook=_object_with_faults,
    parse_int=_whole,
    parse_float=_fraction,
    parse_constant=_no_number,
)


def _is_deeper(document: Any, limit: int) -> bool:
    """Looks level by level: no recursion, whatever the text holds."""
    level = [document]
    for _ in range(limit):
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, dict | list) for one in level)


def _faults(value: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(value, _Fault):
        yield {"path": path, "message": str(value)}
    elif isinstance(value, str):
        if message := _text_fault(value):
            yield {"path": path, "message": message}
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _faults(item, at(path, place))
    elif isinstance(value, dict):
        yield from _object_faults(value, path)


def _object_faults(value: dict[str, Any], path: str) -> Iterator[dict[str, str]]:
    twice = value.keys_twice if isinstance(value, _Twice) else frozenset()
    for key, item in value.items():
        if message := _text_fault(key):
            yield {"path": path, "message": f"a key {message}"}  # the key itself fits into no answer
            continue
        if key in twice:
            yield {"path": at(path, key), "message": "is there twice in one object"}
        yield from _faults(item, at(path, key))


def _text_fault(text: str) -> str:
    if "\0" in text:
        return "holds a NUL character"
    return "" if text.isascii() or _is_unicode(text) else "holds half a character (a lone surrogate)"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(message: str) -> Refused:
    return Refused([{"path": "", "message": message}])


def _too_deep() -> Refused:
    return _refusal(f"is nested deeper than {MAX_DEPTH} levels")
