"""The draws behind the catalogue: how long an album is, what songs are called, how well known they are."""

from __future__ import annotations

from array import array
from functools import lru_cache
from random import Random

from sandbox import names
from sandbox.genres import GENRES, Genre
from sandbox.records import VARIOUS_ARTISTS, Album, Artist

NEW_ARTIST_SHARE, KNOWN_ARTIST_SHARE = 0.5, 0.25
CARDS = sum(genre.weight for genre in GENRES)


def artists_by_album(albums: int, rng: Random) -> array[int]:
    """Whose each album is: somebody new, somebody known, or whoever made a random earlier one.

    The last of these is what makes a few artists very productive: the more albums, the likelier one more.
    """
    artists = array("I")
    newest = VARIOUS_ARTISTS
    for number in range(albums):
        draw = rng.random()
        if not number or draw < NEW_ARTIST_SHARE:
            newest += 1
            artists.append(newest)
        elif draw < NEW_ARTIST_SHARE + KNOWN_ARTIST_SHARE:
            artists.append(rng.randrange(VARIOUS_ARTISTS + 1, newest + 1))
        else:
            artists.append(artists[rng.randrange(number)])
    return artists


@lru_cache(64)
def genre_deck(seed: int, deal: int) -> tuple[Genre, ...]:
    """All genres as often as they weigh, shuffled; artists take them in turn, so few artists cover all."""
    cards = [genre for genre in GENRES for _ in range(genre.weight)]
    Random(f"{seed}:genres:{deal}").shuffle(cards)
    return tuple(cards)


def genre_of(artist: int, seed: int) -> Genre:
    deal, card = divmod(artist, CARDS)
    return genre_deck(seed, deal)[card]


def kind_and_length(rng: Random) -> tuple[str, int]:
    """About 11 tracks on average over singles, albums and compilations."""
    draw = rng.random()
    if draw < 0.22:
        return "single", rng.choice((1, 1, 2, 2, 3, 4, 5, 6))
    if draw < 0.92:
        return "album", min(24, max(7, round(rng.gauss(12.2, 2.6))))
    return "compilation", rng.randint(14, 26)


def album_version(kind: str, year: int, rng: Random) -> str:
    draw = rng.random()
    if draw < 0.012:
        return "Karaoke Version"
    if draw < 0.05:
        return f"Live at {rng.choice(names.VENUES)}"
    if draw < 0.15 and year < 2000 and kind == "album":
        return f"{rng.randint(2001, 2023)} Remaster"
    return "Remix" if draw > 0.96 and kind == "single" else ""


def album_name(artist: Artist, kind: str, version: str, various: bool, rng: Random) -> str:
    name = names.album(artist.genre.mood, rng)
    if kind == "compilation" and not various and rng.random() < 0.6:
        name = rng.choice(("The Best of", "Essential", "The Collection:")) + f" {artist.name}"
    suffix = {"Karaoke Version": " (Karaoke Version)", "Remix": " (Remixes)"}.get(version, "")
    if version.endswith("Remaster"):
        suffix = " (Remastered)"
    if version.startswith("Live"):
        suffix = f" ({version})"
    return name + suffix


def album_genres(genre: Genre, rng: Random) -> tuple[str, ...]:
    """Spotify's own `genres` on albums is deprecated and nearly always empty. Here it is mostly filled:
    people write policies by genre against this world, and nothing else in it says what the music is."""
    if rng.random() < 0.08:
        return ()
    second = rng.choice(genre.sub)
    return (genre.name, second) if rng.random() < 0.6 else (genre.name,)


def track_name(artist: Artist, guest: Artist | None, album: Album, rng: Random) -> str:
    name = names.title(artist.genre.mood, rng)
    if guest is not None and guest is not artist:
        name += f" (feat. {guest.name})"
    version = album.version or own_version(artist.genre, rng)
    if version == "Remix":
        version = f"{names.surname(rng)} Remix"
    return (
        f"{name} ({version})" if version == "Karaoke Version" else f"{name} - {version}" if version else name
    )


def own_version(genre: Genre, rng: Random) -> str:
    draw = rng.random()
    if draw < 0.05:
        return rng.choice(("Acoustic", "Live", "Demo", "Radio Edit", "Instrumental"))
    return "Remix" if draw < 0.11 and genre.people == "dj" else ""


def place(album: Album, index: int) -> tuple[int, int]:
    """(disc number, track number on it): forty-five a disc."""
    return (index // 45 + 1, index % 45 + 1) if album.total > 45 else (1, index + 1)


def duration(genre: Genre, rng: Random) -> int:
    return int(
        1000 * min(1500.0, max(38.0, rng.gauss(genre.minutes, genre.minutes * 0.22) * 60))
    ) + rng.randrange(1000)


def popularity(fame: float, genre: Genre, rng: Random) -> int:
    """0..100, most of it low: the fame of the artist, the size of the genre, and luck."""
    reach = 0.62 + 0.04 * min(genre.weight, 12)
    return max(0, min(100, int(100 * fame * reach * (0.45 + 0.75 * rng.betavariate(2.2, 2.2)))))
