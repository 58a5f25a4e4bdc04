"""The engine: which tracks each playlist gets on a day. This package is its door; the way through it:

    day          reads the candidates, lets the pure parts decide, bins the lists back
    demands      what each playlist wants, what was used when, and what its policy means today
    candidates   one pass of SQL over the usable tracks: each with a mask of its answers to all conditions
    network      the network's day: scopes (network, theme, playlist), pins, the allocation, what is short
    allocation   the greedy pass; augment then fills what it left open; maxflow says what could be filled
    distribute   a policy's tracks into its playlists; drafts hold them; shortfall relaxes, repeats, holds
    entries      a finished draft in order, with the reason of every entry (ordering does the order)

Beside the way: score (what a policy prefers), masks (bits of answers), capacity (the rest that a set of
tracks can keep), timings (how long each part took).
"""

from curation.engine.day import (
    BuiltList,
    DayResult,
    Demand,
    Entry,
    Shortage,
    Single,
    Usage,
    build_day,
    build_one,
    classes,
    horizon,
)

__all__ = [
    "BuiltList",
    "DayResult",
    "Demand",
    "Entry",
    "Shortage",
    "Single",
    "Usage",
    "build_day",
    "build_one",
    "classes",
    "horizon",
]
