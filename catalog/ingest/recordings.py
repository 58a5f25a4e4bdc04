"""Tell which version of a recording a title means, and give all tracks of a recording one key. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

ORIGINAL, LIVE, REMIX, REMASTER, KARAOKE = "original", "live", "remix", "remaster", "karaoke"
LONGEST_KEY = 200

_KARAOKE = re.compile(
    r"\b(karaoke|backing track|sing[- ]?along|in the style of|made famous by|originally performed by)\b"
)
_REMIX = re.compile(
    r"\b(re-?mix(ed)?|rework(ed)?|bootleg|mash-?up|(club|dub|vip|extended|dance|house) (mix|edit))\b"
)
_LIVE = re.compile(r"\b(live|unplugged|en vivo|ao vivo|en directo|en concert|dal vivo|in concert)\b")
_REMASTER = re.compile(r"\bre-?master(ed|ing)?\b")
# In this order: a remastered live recording is first of all live.
_VERSIONS = ((KARAOKE, _KARAOKE), (REMIX, _REMIX), (LIVE, _LIVE), (REMASTER, _REMASTER))
# Words that mark the same song in another dress; a bracket without one of them belongs to the title.
_DRESS = re.compile(
    r"\b(feat|ft|featuring|with|mono|stereo|radio edit|edit|single|album|bonus|deluxe|explicit|clean|version|"
    r"anniversary|edition|mix|demo|acoustic|instrumental|prod|from)\b"
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DASH = re.compile(r"\s[-–—]\s")
_WORD = re.compile(r"[^\W_]+")


def version(title: str, artists: Iterable[str] = ()) -> str:
    """original, live, remix, remaster or karaoke, from what the title says after its name and who sings.

    Only brackets and what follows a dash count: "Live and Let Die" is no live recording, "Imagine - Live" is.
    """
    marks = " | ".join(_marks(_folded(title)))
    if any(_KARAOKE.search(_folded(artist)) for artist in artists):
        return KARAOKE
    return next((name for name, pattern in _VERSIONS if pattern.search(marks)), ORIGINAL)


def normalised(title: str) -> str:
    """The title in lower case without accents, punctuation, and marks of a version, guest or edition."""
    folded = _folded(title)
    bare = _BRACKET.sub(lambda found: " " if _is_dress(found[1]) else found[0], folded)
    head, *tails = _DASH.split(bare)
    kept = " ".join([head, *(tail for tail in tails if not _is_dress(tail))])
    return _words(kept) or _words(folded) or folded.strip()


def recording_key(*, isrc: str | None, title: str, artist: str) -> str:
    """The same for two tracks of one recording: the ISRC, else the normalised title and the main artist."""
    if isrc:
        return f"isrc:{isrc}"
    key = f"name:{normalised(title)}|{_words(_folded(artist)) or artist.strip().lower()}"
    # An index entry has a size limit; a title has none.
    return key if len(key) <= LONGEST_KEY else f"hash:{hashlib.sha256(key.encode()).hexdigest()}"


def _marks(folded: str) -> list[str]:
    return [*_BRACKET.findall(folded), *_DASH.split(_BRACKET.sub(" ", folded))[1:]]


def _is_dress(part: str) -> bool:
    return bool(_DRESS.search(part)) or any(pattern.search(part) for _, pattern in _VERSIONS)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def _words(folded: str) -> str:
    return " ".join(_WORD.findall(folded))
