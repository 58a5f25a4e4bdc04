"""The made-up catalogue: albums and tracks follow from seed and number, made when asked for."""

import dataclasses
import datetime as dt
import math
from collections import defaultdict
from functools import lru_cache
from random import Random

from sandbox import draws, ids, isrcs, names, odd
from sandbox.genres import Genre
from sandbox.records import TRACKS_PER_ALBUM, VARIOUS_ARTISTS, Album, Artist, Track

FRESH_SHARE, THIS_YEAR_SHARE = 0.06, 0.08
FRESH_DAYS = 45
NEWEST_YEAR = 2025  # of all that is not fresh: `today` must not move the rest of the catalogue
LOCKED_SHARE = 0.012
_ARTIST, _ALBUM, _TRACK = 1, 2, 3


class Catalogue:
    """`albums` albums of the world of `seed`; `today` only moves the fresh releases.

    A larger catalogue begins with much the same albums as a smaller one; only seed and size fix it.
    """

    def __init__(self, *, seed: int, albums: int, today: dt.date) -> None:
        self.seed, self.size, self.today = seed, albums, today
        self.odd = odd.numbers(albums)
        self._artist_of = draws.artists_by_album(albums, Random(f"{seed}:artists"))
        if self.odd:
            self._artist_of[odd.REISSUE] = self._artist_of[odd.ORIGINAL]
        self._albums_of: dict[int, list[int]] = defaultdict(list)
        for number, artist in enumerate(self._artist_of):
            self._albums_of[artist].append(number)
        self.artist = lru_cache(8192)(self._artist)
        self.album = lru_cache(4096)(self._album)
        self.track = lru_cache(16384)(self._track)

    # --- by number

    def exists(self, number: int) -> bool:
        return 0 <= number < self.size and not (number == odd.GONE and number in self.odd)

    def tracks(self, album: Album) -> list[Track]:
        return [self.track(album.number, index) for index in range(album.total)]

    def albums_of(self, artist: int) -> list[int]:
        return [number for number in self._albums_of.get(artist, []) if self.exists(number)]

    def artist_numbers(self) -> list[int]:
        return list(self._albums_of)

    def album_id(self, number: int) -> str:
        return ids.encode(ids.ALBUM, number, seed=self.seed)

    # --- by Spotify id

    def find_album(self, spotify_id: str) -> Album | None:
        number = ids.decode(ids.ALBUM, spotify_id, seed=self.seed)
        return self.album(number) if number is not None and self.exists(number) else None

    def find_track(self, spotify_id: str) -> Track | None:
        number = ids.decode(ids.TRACK, spotify_id, seed=self.seed)
        return self.track_numbered(number) if number is not None else None

    def find_artist(self, spotify_id: str) -> Artist | None:
        number = ids.decode(ids.ARTIST, spotify_id, seed=self.seed)
        if number is None or not (number == VARIOUS_ARTISTS or number in self._albums_of):
            return None
        return self.artist(number)

    def find_isrc(self, isrc: str) -> Track | None:
        """The first recording under this code; later albums carry it again."""
        place = isrcs.place(isrc)
        if place is None:
            return None
        track = self.track_numbered(place[0] * TRACKS_PER_ALBUM + place[1])
        return track if track and track.isrc == isrc.upper() else None

    def track_numbered(self, number: int) -> Track | None:
        album, index = divmod(number, TRACKS_PER_ALBUM)
        if not self.exists(album) or index >= self.album(album).total:
            return None
        return self.track(album, index)

    # --- how things are made

    def dice(self, kind: int, number: int) -> Random:
        return Random((self.seed << 80) | (kind << 72) | number)

    def _artist(self, number: int) -> Artist:
        rng = self.dice(_ARTIST, number)
        genre = draws.genre_of(number, self.seed)
        name = "Various Artists" if number == VARIOUS_ARTISTS else names.artist(genre.people, rng)
        # The early ones have the most albums (they were drawn from longest), so they are the better known.
        fame = min(1.0, rng.betavariate(1.4, 2.8) + 0.3 * math.exp(-number / 60))
        return Artist(number, ids.encode(ids.ARTIST, number, seed=self.seed), name, genre, fame)

    def _album(self, number: int) -> Album:
        rng = self.dice(_ALBUM, number)
        artist = self.artist(self._artist_of[number])
        genre = artist.genre
        kind, total = draws.kind_and_length(rng)
        date, precision = self._release(genre, rng)
        version = draws.album_version(kind, int(date[:4]), rng)
        various = kind == "compilation" and rng.random() < 0.4
        album = Album(
            number=number,
            spotify_id=self.album_id(number),
            name=draws.album_name(artist, kind, version, various, rng),
            artist=artist.number,
            kind=kind,
            total=total,
            release_date=date,
            precision=precision,
            genre=genre,
            genres=draws.album_genres(genre, rng),
            label="Singalong Tracks" if version == "Karaoke Version" else names.label(rng),
            upc=f"{rng.randrange(10**11, 10**12)}",
            popularity=draws.popularity(artist.fame, genre, rng),
            mood=rng.gauss(0.0, 1.0),
            version=version,
            various=various,
            only_in=("JP", "KR") if rng.random() < LOCKED_SHARE / 3 else None,
        )
        return odd.bend_album(album) if number in self.odd else album

    def _release(self, genre: Genre, rng: Random) -> tuple[str, str]:
        """(release date, precision): skewed to the present; now and then only a year or a month."""
        draw = rng.random()
        if draw < FRESH_SHARE:
            return str(self.today - dt.timedelta(days=rng.randrange(FRESH_DAYS))), "day"
        if draw < FRESH_SHARE + THIS_YEAR_SHARE:
            return str(self.today - dt.timedelta(days=rng.randrange(FRESH_DAYS, 365))), "day"
        year = NEWEST_YEAR - int((NEWEST_YEAR - genre.first_year) * rng.betavariate(0.9, 2.0))
        date = min(self.today, dt.date(year, 1, 1) + dt.timedelta(days=rng.randrange(365)))
        old = year < 1995
        if rng.random() < (0.12 if old else 0.005):
            return str(year), "year"
        return (f"{date:%Y-%m}", "month") if rng.random() < (0.03 if old else 0.002) else (str(date), "day")

    def _track(self, album_number: int, index: int) -> Track:
        album = self.album(album_number)
        number = album_number * TRACKS_PER_ALBUM + index
        rng = self.dice(_TRACK, number)
        earlier = self._earlier_recording(album, index, rng)
        track = (
            self._again(album, number, index, earlier, rng)
            if earlier
            else self._new(album, number, index, rng)
        )
        return odd.bend_track(track) if album_number in self.odd else track

    def _new(self, album: Album, number: int, index: int, rng: Random) -> Track:
        """A recording that appears here first."""
        artist = self.artist(rng.choice(self._artist_of) if album.various else album.artist)
        guest = (
            self.artist(rng.choice(self._artist_of)) if rng.random() < 0.09 and not album.version else None
        )
        disc, position = draws.place(album, index)
        return Track(
            number=number,
            spotify_id=ids.encode(ids.TRACK, number, seed=self.seed),
            album=album.number,
            index=index,
            disc=disc,
            position=position,
            name=draws.track_name(artist, guest, album, rng),
            artists=(artist.number, guest.number) if guest and guest is not artist else (artist.number,),
            duration_ms=draws.duration(artist.genre, rng),
            explicit=rng.random() < artist.genre.explicit and not album.version,
            isrc=isrcs.code(album.number, index, year=album.year),
            popularity=draws.popularity(artist.fame, artist.genre, rng),
            recording=number,
            only_in=album.only_in or (("JP",) if rng.random() < LOCKED_SHARE else None),
        )

    def _again(self, album: Album, number: int, index: int, first: Track, rng: Random) -> Track:
        """An earlier recording once more: another track id, the same ISRC; now and then relinked."""
        disc, position = draws.place(album, index)
        relinked = index == 0 if album.source is not None else rng.random() < 0.05
        return dataclasses.replace(
            first,
            number=number,
            spotify_id=ids.encode(ids.TRACK, number, seed=self.seed),
            album=album.number,
            index=index,
            disc=disc,
            position=position,
            popularity=max(0, first.popularity - rng.randrange(12)),
            recording=first.recording,
            only_in=album.only_in,
            relinks_to=first.number if relinked and first.only_in is None else None,
        )

    def _earlier_recording(self, album: Album, index: int, rng: Random) -> Track | None:
        """A compilation repeats songs of its artist, or of anybody; a reissue its whole original."""
        if album.source is not None:
            return self.track(album.source, index)
        if (
            album.kind != "compilation"
            or album.number == odd.HUGE
            or rng.random() > (0.35 if album.various else 0.6)
        ):
            return None
        pool = range(self.size) if album.various else self._albums_of[album.artist]
        source = rng.choice(pool)
        if source in self.odd or self.album(source).kind == "compilation" or self.album(source).version:
            return None
        # Slots of a best-of may draw the same album: the index keeps their songs apart.
        song = index if not album.various else rng.randrange(self.album(source).total)
        return self.track(source, song) if song < self.album(source).total else None
