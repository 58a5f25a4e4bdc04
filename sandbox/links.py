"""Album links as people paste them: mostly the plain one, now and then another spelling, or a broken one."""

from collections.abc import Iterator
from random import Random

from sandbox.catalogue import Catalogue

SPELLINGS = (
    "https://open.spotify.com/intl-de/album/{id}?si=0a1b2c3d4e5f",
    "spotify:album:{id}",
    "https://open.spotify.com/album/{id}?si=Zq8&utm_source=copy-link",
    "open.spotify.com/album/{id}",
    "<https://open.spotify.com/album/{id}>",
    "https://open.spotify.com/intl-pt-br/album/{id}/",
)
OTHER_SPELLING_SHARE = 0.05
BROKEN = (
    "https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n",
    "https://open.spotify.com/album/notanalbum",
)


def album_links(catalogue: Catalogue, count: int, *, odd: bool = False) -> list[str]:
    """The first `count` albums' links (no more than there are); `odd` adds two that lead to no album."""
    lines = list(_links(catalogue, min(count, catalogue.size)))
    if odd:
        for place, line in zip((len(lines) // 3, len(lines) // 3 * 2), BROKEN, strict=True):
            lines.insert(place, line)
    return lines


def _links(catalogue: Catalogue, count: int) -> Iterator[str]:
    rng = Random(f"{catalogue.seed}:links")
    for number in range(count):
        other, draw = rng.choice(SPELLINGS), rng.random()
        spelling = other if draw < OTHER_SPELLING_SHARE else "https://open.spotify.com/album/{id}"
        yield spelling.format(id=catalogue.album_id(number))
