"""What each genre source knows about each artist of the made-up catalogue: more about the famous."""

import uuid
import zlib
from dataclasses import dataclass
from random import Random

from sandbox.catalogue import Catalogue
from sandbox.records import VARIOUS_ARTISTS, Artist

_WIKIDATA, _MUSICBRAINZ, _SPOTIFY, _MBID = 21, 22, 23, 24
_LOW = (1 << 48) - 1
COUNTRIES = ("US", "GB", "DE", "FR", "BR", "MX", "JP", "KR", "NG", "SE", "CA", "ES", "IT", "JM", "NL")
BANDS = ("band", "dark")
# Wikidata's own names and numbers of the genres that it calls otherwise than people do.
ITEMS = {
    "rock": ("rock music", "Q11399"),
    "pop": ("pop music", "Q37073"),
    "metal": ("heavy metal music", "Q38848"),
    "punk": ("punk rock", "Q3071"),
    "hip hop": ("hip hop music", "Q11401"),
    "r&b": ("", "Q45981"),  # known by its number alone: it came without an English label
    "soul": ("soul music", "Q131272"),
    "house": ("house music", "Q20502"),
    "ambient": ("ambient music", "Q193207"),
    "classical": ("classical music", "Q9730"),
    "folk": ("folk music", "Q43343"),
    "country": ("country music", "Q83440"),
    "alternative rock": ("alternative rock", "Q11366"),
    "blues rock": ("blues rock", "Q193355"),
    "dance pop": ("dance-pop", "Q900000001"),
}
NEW_WORDS = {"house": "slap house", "hip hop": "miami hip hop", "latin": "reggaeton", "pop": "soft pop"}


@dataclass(frozen=True, slots=True)
class Item:
    """An artist's item at Wikidata. `genres`: (label, language, qid); a qid of "" is "unknown value"."""

    qid: str
    mbid: str
    origins: tuple[str, ...]
    citizenships: tuple[str, ...]
    genres: tuple[tuple[str, str, str], ...]


def items(catalogue: Catalogue, artist: Artist) -> list[Item]:
    """The artist's items: mostly one or none, now and then a double."""
    rng = catalogue.dice(_WIKIDATA, artist.number)
    has_genres = rng.random() < min(0.97, 0.24 + 0.9 * artist.fame)
    if artist.number == VARIOUS_ARTISTS or not has_genres:
        return [_item(catalogue, artist, rng, ())] if rng.random() < 0.2 else []
    genres = tuple(_genre(label, rng) for label in _labels(artist, rng))
    if rng.random() < 0.02:
        genres = (*genres, ("", "", ""))
    found = [_item(catalogue, artist, rng, genres)]
    return [*found, _item(catalogue, artist, rng, genres[:1])] if rng.random() < 0.02 else found


def votes(catalogue: Catalogue, artist: Artist) -> dict[str, int] | None:
    """{tag: votes} of MusicBrainz' editors; None for an artist that is not there."""
    rng = catalogue.dice(_MUSICBRAINZ, artist.number)
    is_there = rng.random() < min(0.98, 0.3 + artist.fame)
    if artist.number == VARIOUS_ARTISTS or not is_there:
        return None
    if rng.random() > min(0.97, 0.3 + 0.9 * artist.fame):
        return {}
    return {label: rng.randint(1, 4 + int(20 * artist.fame)) for label in _labels(artist, rng)}


def is_linked(catalogue: Catalogue, artist: Artist) -> bool:
    """Whether MusicBrainz knows the artist's Spotify page: not every editor adds it."""
    link = Random(f"{catalogue.seed}:link:{artist.number}")
    return votes(catalogue, artist) is not None and link.random() < 0.85


def at_spotify(catalogue: Catalogue, artist: Artist) -> list[str]:
    """What extended mode still says: mostly nothing, in the words of 2026."""
    rng = catalogue.dice(_SPOTIFY, artist.number)
    if artist.number == VARIOUS_ARTISTS or rng.random() > 0.08 + 0.5 * artist.fame:
        return []
    label = rng.choice((artist.genre.name, *artist.genre.sub))
    return [NEW_WORDS.get(label, label)]


def mbid(catalogue: Catalogue, number: int) -> str:
    """The artist's id at MusicBrainz; it can be read back with `number_of`."""
    rng = catalogue.dice(_MBID, number)
    low = number ^ Random(f"{catalogue.seed}:mbid").getrandbits(48)
    return str(uuid.UUID(int=(rng.getrandbits(80) << 48) | low, version=4))


def number_of(catalogue: Catalogue, text: str) -> int | None:
    """The artist behind an MBID; None where this world never gave it out."""
    number = (uuid.UUID(text).int & _LOW) ^ Random(f"{catalogue.seed}:mbid").getrandbits(48)
    return number if mbid(catalogue, number) == text else None


def _labels(artist: Artist, rng: Random) -> list[str]:
    return [artist.genre.name, *rng.sample(artist.genre.sub, rng.choice((0, 1, 1, 2)))]


def _genre(label: str, rng: Random) -> tuple[str, str, str]:
    name, qid = ITEMS.get(label, (label, f"Q{900_000_100 + zlib.crc32(label.encode()) % 90_000_000}"))
    return name, "mul" if rng.random() < 0.05 else "en", qid


def _item(
    catalogue: Catalogue, artist: Artist, rng: Random, genres: tuple[tuple[str, str, str], ...]
) -> Item:
    countries = tuple(rng.sample(COUNTRIES, rng.choice((0, 0, 1, 1, 1, 1, 1, 1, 1, 2))))
    is_band = artist.genre.people in BANDS
    has_mbid = votes(catalogue, artist) is not None and rng.random() < 0.9
    return Item(
        qid=f"Q{100_000_000 + rng.randrange(30_000_000)}",
        mbid=mbid(catalogue, artist.number) if has_mbid else "",
        origins=countries[:1] if is_band else (),
        citizenships=() if is_band else countries,
        genres=genres,
    )
