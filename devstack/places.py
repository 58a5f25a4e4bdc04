"""Where this clone keeps its data: one private folder per clone, user and purpose (`run` or `demo`)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR_TMP = Path("/var/tmp")  # noqa: S108 - every use of it checks who owns what is there


def data_folder(root: Path = ROOT) -> Path:
    """The clone's `.vibe`, or a folder in /var/tmp where the clone is read-only or keeps no permissions."""
    inside = root / ".vibe"
    if _private(inside):
        return inside
    outside = _outside(root)
    if _private(outside):
        return outside
    raise SystemExit(f"vibe: neither {inside} nor {outside} can be a private folder of this user.")


def _outside(root: Path) -> Path:
    return VAR_TMP / f"vibe-{key(root)}"


def postgres_folder(purpose: str, root: Path = ROOT) -> Path:
    """PostgreSQL's own folder; for root outside the clone, since its user may not enter root's folders."""
    if os.geteuid() == 0:
        return VAR_TMP / f"vibe-pg-{key(root)}-{purpose}"
    return data_folder(root) / purpose / "postgres"


def redis_folder(purpose: str, root: Path = ROOT) -> Path:
    """Redis's own folder."""
    return data_folder(root) / purpose / "redis"


def key(root: Path) -> str:
    """What names a clone's folders outside itself: its place and its user."""
    return hashlib.sha256(f"{root}:{os.geteuid()}".encode()).hexdigest()[:10]


def _private(folder: Path) -> bool:
    """Create it 0700, and see whether it is ours and the file system keeps that mode."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == os.geteuid() and status.st_mode & 0o777 == 0o700 and os.access(folder, os.W_OK)
