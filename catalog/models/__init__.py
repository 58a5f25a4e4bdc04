"""Every model of the app: links and their queue, albums and tracks, artists, and what is blocked."""

from catalog.models.artists import Artist, GenreAnswer
from catalog.models.music import (
    ABSENT_FOR,
    Album,
    AlbumTrackMap,
    Block,
    FeatureSource,
    Track,
    TrackQuerySet,
    obstacles,
)
from catalog.models.sources import AlbumSource, AlbumSourceQuerySet, Batch

__all__ = [
    "ABSENT_FOR",
    "Album",
    "AlbumSource",
    "AlbumSourceQuerySet",
    "AlbumTrackMap",
    "Artist",
    "Batch",
    "Block",
    "FeatureSource",
    "GenreAnswer",
    "Track",
    "TrackQuerySet",
    "obstacles",
]
