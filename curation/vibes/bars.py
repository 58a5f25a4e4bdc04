"""The shape of a list as a small drawing: one bar a song, as tall as its energy and as wide as its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, GAP = 720.0, 96.0, 3.0
UNKNOWN = 0.08


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in a box of WIDTH x HEIGHT; `is_known` tells a measured song from one that was not."""

    x: str
    y: str
    width: str
    height: str
    place: int
    title: str
    energy: int | None
    is_known: bool


def bars(songs: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Left to right in playing order. Numbers are text, so that no locale puts a comma into the drawing."""
    total = sum(song["duration_ms"] for song in songs) or 1
    room = WIDTH - GAP * max(0, len(songs) - 1)
    found, x = [], 0.0
    for place, song in enumerate(songs, start=1):
        energy = song.get("energy")
        width = room * song["duration_ms"] / total
        height = HEIGHT * max(UNKNOWN, energy if energy is not None else UNKNOWN)
        percent = round(energy * 100) if energy is not None else None
        box = [f"{value:.1f}" for value in (x, HEIGHT - height, width, height)]
        found.append(Bar(box[0], box[1], box[2], box[3], place, song["title"], percent, energy is not None))
        x += width + GAP
    return found
