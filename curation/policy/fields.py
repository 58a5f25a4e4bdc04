"""The fields of the policy language: what kind each is, which operators it takes, and its natural range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "bool", "date"]

OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": ("eq", "ne", "in", "not_in", "contains", "starts_with"),
    "number": ("eq", "ne", "lt", "lte", "gt", "gte", "between", "in"),
    "bool": ("eq",),
    "date": ("before", "after", "between", "within_days", "older_than_days"),
}


@dataclass(frozen=True)
class Field:
    """One thing a condition may ask about; `low` and `high` span what a linear score term calls 0 and 1."""

    name: str
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    is_audio: bool = False


def _text(*names: str) -> list[Field]:
    return [Field(name, "text") for name in names]


def _audio(*names: str) -> list[Field]:
    return [Field(name, "number", is_audio=True) for name in names]


_ALL = [
    *_text(
        "genre", "artist", "artist_id", "album", "album_id", "title", "label", "isrc", "tag", "album_type"
    ),
    *_text("version", "season"),
    Field("popularity", "number", 0, 100),
    Field("duration_s", "number", 0, 600),
    Field("release_year", "number", 1950, 2030),
    Field("age_days", "number", 0, 3650),
    Field("track_number", "number", 1, 20),
    Field("days_since_used", "number", 0, 90),
    *_audio(
        "energy", "danceability", "valence", "acousticness", "instrumentalness", "liveness", "speechiness"
    ),
    Field("tempo", "number", 50, 200, is_audio=True),
    Field("loudness", "number", -40, 0, is_audio=True),
    Field("key", "number", 0, 11, is_audio=True),
    Field("time_signature", "number", 1, 7, is_audio=True),
    Field("explicit", "bool"),
    Field("is_interlude", "bool"),
    Field("mode_major", "bool", is_audio=True),
    Field("release_date", "date"),
    Field("added_at", "date"),
]
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
NUMBERS = tuple(field.name for field in _ALL if field.kind == "number")
