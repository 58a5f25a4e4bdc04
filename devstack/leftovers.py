"""Clears what deleted clones left outside themselves: databases in /var/tmp, of this user's clones alone.

A clone that keeps data there leaves a note of its place beside it. What has no note of ours, is in use, or
belongs to a clone on a file system that is not mounted just now, stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from devstack import places, processes, servers


def note_and_clear(root: Path = places.ROOT) -> list[Path]:
    """Leave this clone's note, then remove what clones that are gone have left; what was removed."""
    if os.geteuid() == 0 or places.data_folder(root) != root / ".vibe":
        _write_note(root)
    return [folder for note in _notes() for folder in _cleared(note)]


def _write_note(root: Path) -> None:
    note = places.VAR_TMP / f"vibe-{places.key(root)}.clone"
    with contextlib.suppress(OSError):  # another user's file of that name: then nothing of ours is cleared
        handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"root": str(root), "device": root.stat().st_dev}, file)


def _notes() -> list[Path]:
    return [note for note in sorted(places.VAR_TMP.glob("vibe-*.clone")) if _is_mine(note, {os.geteuid()})]


def _cleared(note: Path) -> Iterator[Path]:
    try:
        said = json.loads(note.read_text())
        root, device = Path(said["root"]), int(said["device"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    key = places.key(root)
    if note.name != f"vibe-{key}.clone" or not _is_gone(root, device):
        return
    folders = [places.VAR_TMP / f"vibe-{key}", *places.VAR_TMP.glob(f"vibe-pg-{key}-*")]
    folders = [folder for folder in folders if _is_mine(folder, _our_users())]
    if any(_is_held(lock) for folder in folders for lock in folder.rglob("*.lock")):
        return
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        yield folder
    note.unlink(missing_ok=True)


def _is_gone(root: Path, device: int) -> bool:
    """Whether the clone was removed, rather than being on a file system that is not there just now."""
    if os.path.lexists(root):
        return False
    nearest = next(folder for folder in root.parents if folder.exists())
    return nearest.stat().st_dev == device


def _our_users() -> set[int]:
    """Who may own what we remove: this user and, for root, the one that PostgreSQL runs as."""
    try:
        run_as = servers.who_runs_postgres()
    except processes.ServerError:
        run_as = None
    return {os.geteuid()} | ({run_as.uid} if run_as else set())


def _is_mine(path: Path, users: set[int]) -> bool:
    try:
        return not path.is_symlink() and path.lstat().st_uid in users
    except OSError:
        return False


def _is_held(lock: Path) -> bool:
    try:
        with open(lock) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
