"""Prepare the environment with the standard library alone, then run demo, test, run or manage in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - not a POSIX system
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = "uv==0.13.9"
OLDEST = (3, 11)
COMMANDS = ("demo", "test", "run", "manage", "python", "install")


def main(argv: list[str]) -> None:
    if sys.version_info < OLDEST:
        _use_newer_python(argv)
    if not argv or argv[0] not in COMMANDS:
        _stop(f"usage: dev.py {'|'.join(COMMANDS)} [arguments]", code=2)
    command, arguments = argv[0], argv[1:]
    ensure_environment(dev=command in {"test", "install"})
    if command == "install":
        return
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    sys.stdout.flush()
    os.chdir(ROOT if command == "test" else Path.cwd())
    os.execve(PYTHON, [str(PYTHON), *command_line(command, arguments)], environment)


def command_line(command: str, arguments: list[str]) -> list[str]:
    """What the environment's Python is asked to run."""
    if command == "test":
        return ["-m", "pytest", *spread(arguments), *arguments]
    if command == "python":
        return arguments
    return ["-m", "devstack", command, *arguments]


def spread(arguments: list[str]) -> list[str]:
    """Several processes for the whole suite; one for a chosen part, which starts sooner that way."""
    alone = (
        "-n",
        "-k",
        "-m",
        "--lf",
        "--pdb",
        "--co",
        "--help",
        "-h",
        "--version",
        "--fixtures",
        "--markers",
    )
    if any(not argument.startswith("-") or argument.startswith(alone) for argument in arguments):
        return []
    return ["-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "loadgroup"]


# --- the environment


def ensure_environment(*, dev: bool) -> None:
    """Make .venv hold exactly the lock; do nothing when its stamp says it does."""
    if is_stamped(dev=dev):
        return
    with _one_at_a_time():
        if is_stamped(dev=dev):  # somebody else did it while we waited
            return
        lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
        _say(f"Installing {lock.name} into {VENV} (once, and again when it changes)")
        _install(lock)
        _stamp(dev).write_text(digest(lock))


def is_stamped(*, dev: bool) -> bool:
    """Whether .venv was made from today's lock; the development lock holds all of the other one too."""
    if not PYTHON.exists():
        return False
    return _matches(dev=True) or (not dev and _matches(dev=False))


def _matches(*, dev: bool) -> bool:
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    try:
        return _stamp(dev).read_text() == digest(lock)
    except OSError:
        return False


def _stamp(dev: bool) -> Path:
    return VENV / ("vibe-dev.stamp" if dev else "vibe.stamp")


def digest(lock: Path) -> str:
    """A fingerprint of the lock and of the place, since a moved .venv has wrong paths in it."""
    return hashlib.sha256(lock.read_bytes() + str(ROOT).encode()).hexdigest()


@contextlib.contextmanager
def _one_at_a_time():  # type: ignore[no-untyped-def]
    """Two first starts in one clone install one after the other."""
    with open(ROOT / ".venv.lock", "w") as handle:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _install(lock: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        _create_with_venv()
        uv = _uv_through_pip()
    elif not PYTHON.exists() and not _ran([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]):
        _create_with_venv()
    if uv and _ran([uv, "pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(lock)]):
        return
    _say("uv could not install it; trying pip")
    if not _has_pip():
        _create_with_venv()
    if not _ran([str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]):
        _stop("The dependencies could not be installed; the lines above say why.")


def _create_with_venv() -> None:
    if PYTHON.exists() and _has_pip():
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        _stop(f"This Python has no ensurepip: install python{version}-venv (or uv) and start again.")
    if not _ran([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        _stop(f"The environment {VENV} could not be created; the lines above say why.")


def _has_pip() -> bool:
    probe = [str(PYTHON), "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _uv_through_pip() -> str | None:
    """uv in a place of its own, because `uv pip sync` removes from .venv whatever the lock does not name."""
    place = VENV / "uv"
    binary = place / "bin" / "uv"
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if binary.exists() or _ran([*pip, "--target", str(place), UV]):
        return str(binary) if binary.exists() else None
    return None


def _ran(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode == 0
    except OSError:
        return False


# --- which Python, and talking to people


def _use_newer_python(argv: list[str]) -> None:
    for minor in range(19, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, __file__, *argv])
    _stop(f"Vibe needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")


def _say(text: str) -> None:
    print(f"vibe: {text}", file=sys.stderr, flush=True)


def _stop(text: str, code: int = 1) -> None:
    _say(text)
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
