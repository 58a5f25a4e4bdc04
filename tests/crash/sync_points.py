"""Named points of a sync: the first process to reach an armed one gets the signal that the file names."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from accounts.spotify.gateway import Gateway
from playlists.sync import writes

WRITES = ("create_playlist", "replace_items", "change_details", "unfollow")
# What a save is about to commit, by the columns it writes.
COMMITS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "before the intent's commit": lambda fields: fields.get("intent_at") is not None,
    "before the id's commit": lambda fields: bool(fields.get("spotify_playlist_id")),
    "before the items' commit": lambda fields: bool(fields.get("items_hash")),
    "before the details' commit": lambda fields: set(fields) == {"details_hash"},
    "before the last commit": lambda fields: fields.get("status") == "synced",
    "before the archive's commit": lambda fields: fields.get("status") == "archived",
}
CREATING = (
    "before the intent's commit", "before create_playlist", "after create_playlist", "before the id's commit",
)  # fmt: skip
UPDATING = (
    "before replace_items", "after replace_items", "before the items' commit", "before change_details",
    "after change_details", "before the details' commit", "before the last commit",
)  # fmt: skip
ARCHIVING = ("before unfollow", "after unfollow", "before the archive's commit")


def arm(folder: Path, point: str, what: signal.Signals = signal.SIGKILL) -> None:
    waiting = folder / f"{point}.new"
    waiting.write_text(what.name)
    waiting.rename(folder / point)


def is_armed(folder: Path, point: str) -> bool:
    return (folder / point).exists()


def reach(point: str) -> None:
    """Taking the file away first, so that one signal is one signal."""
    armed = Path(os.environ["SYNC_POINTS"]) / point
    try:
        what = armed.read_text()
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.Signals[what])


def _watched(name: str) -> Callable[..., Any]:
    write = getattr(Gateway, name)

    @functools.wraps(write)
    def watched(*args: Any, **kwargs: Any) -> Any:
        reach(f"before {name}")
        answer = write(*args, **kwargs)
        reach(f"after {name}")
        return answer

    return watched


def _save(copy: Any, **fields: Any) -> None:
    for point, is_it in COMMITS.items():
        if is_it(fields):
            reach(point)
    _true_save(copy, **fields)
    if fields.get("intent_at") is not None:
        reach("after the intent's commit")


_true_save = writes.save
if "SYNC_POINTS" in os.environ:
    for _name in WRITES:
        setattr(Gateway, _name, _watched(_name))
    writes.save = _save
