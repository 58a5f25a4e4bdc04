"""The environment of Vibe's processes: the real one, then .env, then keys generated once for this clone."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from devstack import places, processes

_WARNING = "# Generated once for this clone. Without SPOTIFY_TOKEN_KEY every account must be connected again."
_HOW_TO_MAKE = """\
Every host of a database needs the same ones: put them into .env, taken from the host that has them or new:
  SPOTIFY_TOKEN_KEY  python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"
  the others         python3 -c "import secrets; print(secrets.token_urlsafe(48))\""""
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def for_run(real: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What bin/run and bin/manage hand to every process."""
    env_file = Path(real.get("VIBE_ENV_FILE") or places.ROOT / ".env")
    written = parse(env_file.read_text()) if env_file.is_file() else {}
    environment, kept = merge(real, written), places.data_folder() / "keys.env"
    if environment.get("DATABASE_URL"):
        refuse_without_keys(environment, kept)
    return with_keys(environment, kept)


def refuse_without_keys(environment: Mapping[str, str], file: Path) -> None:
    """ServerError where keys are absent although the database may be shared: each host would invent its own,
    and could not read what the others wrote. Keys that this clone once generated count as set."""
    kept = parse(file.read_text()) if file.exists() else {}
    if absent := [name for name in _GENERATE if not environment.get(name) and name not in kept]:
        raise processes.ServerError(f"{', '.join(absent)} must be set where DATABASE_URL is. {_HOW_TO_MAKE}")


def merge(real: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    """The real environment beats .env; an empty line in .env says nothing."""
    filled = {name: value for name, value in written.items() if value}
    # What is in .env is in the environment from here on: the file is read once.
    return {**filled, **real, "VIBE_ENV_FILE": os.devnull}


def parse(text: str) -> dict[str, str]:
    """`NAME=value` lines; quotes around a value and `#` comments behind a space are dropped."""
    found = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and not line.lstrip().startswith("#"):
            found[match[1]] = _unquote(match[2])
    return found


def _unquote(value: str) -> str:
    quoted = re.match(r"""(['"])(.*?)\1\s*(?:#.*)?$""", value)
    return quoted[2] if quoted else re.split(r"(?:^|\s)#", value, maxsplit=1)[0].rstrip()


def with_keys(environment: Mapping[str, str], file: Path) -> dict[str, str]:
    """Fill in the secret keys that are not set, from `file`: written once, readable by its owner only."""
    wanted = [name for name in _GENERATE if not environment.get(name)]
    if not wanted:
        return dict(environment)
    kept = parse(file.read_text()) if file.exists() else {}
    fresh = {name: _GENERATE[name]() for name in wanted if name not in kept}
    if fresh:
        lines = "".join(f"{name}={value}\n" for name, value in (kept | fresh).items())
        write_private(file, f"{_WARNING}\n{lines}")
        print(f"vibe: generated {', '.join(fresh)}; kept in {file}", file=sys.stderr, flush=True)
    return {**environment, **{name: (kept | fresh)[name] for name in wanted}}


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    building = file.with_suffix(".new")
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    building.replace(file)


def _text_key() -> str:
    return secrets.token_urlsafe(48)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


_GENERATE: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _text_key,
    "SPOTIFY_TOKEN_KEY": _fernet_key,
    "ADMIN_API_KEY": _text_key,
}
