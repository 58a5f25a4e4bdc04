"""Give all tracks of one recording the same key, whatever their titles say after the name. Pure."""

from __future__ import annotations

import hashlib
import re

from catalog import names, titles

LONGEST_KEY = 200

# Words that mark the same song in another dress; a bracket without one of them belongs to the title.
_DRESS = re.compile(
    r"\b(feat|ft|featuring|with|mono|stereo|radio edit|edit|single|album|bonus|deluxe|explicit|clean|version|"
    r"anniversary|edition|mix|demo|acoustic|instrumental|prod|from)\b"
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DASH = re.compile(r"\s[-–—]\s")
_WORD = re.compile(r"[^\W_]+")


def normalised(title: str) -> str:
    """The title in lower case without accents, punctuation, and marks of a version, guest or edition."""
    bare = names.bare(title)
    undressed = _BRACKET.sub(lambda found: " " if _is_dress(found[1]) else found[0], bare)
    head, *tails = _DASH.split(undressed)
    kept = " ".join([head, *(tail for tail in tails if not _is_dress(tail))])
    return _words(kept) or _words(bare) or bare.strip()


def recording_key(*, isrc: str | None, title: str, artist: str) -> str:
    """The same for two tracks of one recording: the ISRC, else the normalised title and the main artist (the
    id of one without a name)."""
    if isrc:
        return f"isrc:{isrc}"
    singer = names.bare(artist)
    key = f"name:{normalised(title)}|{_words(singer) or singer.strip()}"
    # An index entry has a size limit; a title has none.
    return key if len(key) <= LONGEST_KEY else f"hash:{hashlib.sha256(key.encode()).hexdigest()}"


def _is_dress(part: str) -> bool:
    return bool(_DRESS.search(part)) or any(titles.version_of(piece) for piece in titles.pieces(part))


def _words(bare: str) -> str:
    return " ".join(_WORD.findall(bare))
