"""Whole albums from few calls, however answers go wrong; the gateway is a stub here, real in test_ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from accounts.spotify import errors, payloads
from catalog.ingest import fetching
from catalog.ingest.queue import Claimed
from tests.catalog import albums


@dataclass
class StubGateway:
    """Answers from `known`; a call with one of the `bad` ids in it raises `error`."""

    known: dict[str, payloads.Album]
    bad: frozenset[str] = frozenset()
    error: errors.SpotifyError = field(default_factory=lambda: errors.BadAnswer("html"))
    totals: list[int] = field(default_factory=list)
    tracks_per_call: int = 50
    calls: list[list[str]] = field(default_factory=list)

    def albums(self, asked: Sequence[str]) -> list[payloads.Album | None]:
        self._meet(asked)
        found = [self.known.get(album_id) for album_id in asked]
        return [album and replace(album, tracks=album.tracks[:50]) for album in found]

    def album_tracks(self, album_id: str, *, offset: int, limit: int) -> payloads.TrackPage:
        self._meet([f"{album_id}@{offset}"])
        album = self.known[album_id]
        items = album.tracks[offset : offset + limit]
        total = self.totals.pop(0) if self.totals else album.total_tracks
        return payloads.TrackPage(items, total, offset, len(items))

    def tracks(self, asked: Sequence[str]) -> list[payloads.Track | None]:
        self._meet(asked)
        return [albums.track(1, spotify_id=track_id, isrc="X") for track_id in asked]

    def _meet(self, asked: Sequence[str]) -> None:
        self.calls.append(list(asked))
        if self.bad.intersection(asked):
            raise self.error


def stub(*known: payloads.Album, **options) -> StubGateway:
    return StubGateway({album.spotify_id: album for album in known}, **options)


def claimed(*known: payloads.Album) -> list[Claimed]:
    return [Claimed(number, album.spotify_id, 1) for number, album in enumerate(known, 1)]


def fetch(gateway: StubGateway, *wanted: payloads.Album) -> list[fetching.Fetched | fetching.Failed]:
    return fetching.albums(gateway, claimed(*wanted))  # type: ignore[arg-type]


def test_albums_come_from_one_call():
    wanted = [albums.album(number) for number in range(20)]
    gateway = stub(*wanted)

    answers = fetch(gateway, *wanted)

    assert [answer.album for answer in answers] == wanted
    assert len(gateway.calls) == 1


def test_an_unknown_album_is_not_found():
    (answer,) = fetch(stub(), albums.album(1))

    assert isinstance(answer.error, errors.NotFound)


@pytest.mark.parametrize("error", [errors.BadAnswer("html"), errors.BadRequest("an id")])
def test_one_bad_album_spoils_no_other(error):
    wanted = [albums.album(number) for number in range(20)]
    gateway = stub(*wanted, bad=frozenset({wanted[7].spotify_id}), error=error)

    answers = fetch(gateway, *wanted)

    assert [number for number, answer in enumerate(answers) if isinstance(answer, fetching.Failed)] == [7]
    assert len(gateway.calls) == 1 + 20


def test_a_closed_door_is_not_knocked_at_twenty_times():
    wanted = [albums.album(number) for number in range(20)]
    gateway = stub(*wanted, bad=frozenset({wanted[0].spotify_id}), error=errors.Unavailable("503"))

    answers = fetch(gateway, *wanted)

    assert all(isinstance(answer, fetching.Failed) for answer in answers)
    assert len(gateway.calls) == 1


def test_only_a_long_album_is_paged():
    short, long = albums.album(1, tracks=50), albums.album(2, tracks=130)
    gateway = stub(short, long)

    answers = fetch(gateway, short, long)

    assert [len(answer.album.tracks) for answer in answers] == [50, 130]
    assert len(gateway.calls) == 1 + 2


def test_an_album_that_changes_between_pages_is_read_again():
    long = albums.album(2, tracks=130)
    gateway = stub(long, totals=[130, 131])

    (answer,) = fetch(gateway, long)

    assert len(answer.album.tracks) == 130
    assert len(gateway.calls) == 3 + 3


def test_an_album_that_never_stops_changing_is_taken_as_it_is():
    long = albums.album(2, tracks=130)
    gateway = stub(long, totals=[131] * 99)

    (answer,) = fetch(gateway, long)

    assert len(answer.album.tracks) == 130
    assert len(gateway.calls) <= 3 * fetching.READS + 1


def test_a_track_told_twice_is_taken_once():
    album = albums.album(1, tracks=2)
    doubled = replace(album, tracks=(*album.tracks, album.tracks[0]))

    (answer,) = fetch(stub(doubled), doubled)

    assert answer.album.tracks == album.tracks


def test_pages_that_end_early_end_the_reading():
    short = replace(albums.album(1, tracks=60), total_tracks=500)

    (answer,) = fetch(stub(short), short)

    assert len(answer.album.tracks) == 60


def details(gateway: StubGateway, *wanted: payloads.Album, last: bool) -> fetching.Details:
    known: fetching.Details = {}
    fetched = [fetching.Fetched(one, album) for one, album in zip(claimed(*wanted), wanted, strict=True)]
    fetching.details(gateway, fetched, known, last=last)  # type: ignore[arg-type]
    return known


def test_details_come_in_full_calls_and_the_rest_at_last():
    wanted = [albums.album(number, tracks=30) for number in range(4)]
    early, late = stub(), stub()

    assert len(details(early, *wanted, last=False)) == 100
    assert len(details(late, *wanted, last=True)) == 120
    assert [len(call) for call in late.calls] == [50, 50, 20]


def test_a_track_that_spoils_its_call_is_known_as_unknown():
    album = albums.album(1, tracks=50)
    gateway = stub(bad=frozenset({album.tracks[9].spotify_id}))

    known = details(gateway, album, last=False)

    assert [track_id for track_id, track in known.items() if track is None] == [album.tracks[9].spotify_id]


def test_a_closed_door_ends_the_details():
    album = albums.album(1, tracks=50)
    gateway = stub(bad=frozenset({album.tracks[9].spotify_id}), error=errors.Unavailable("503"))

    with pytest.raises(errors.Unavailable):
        details(gateway, album, last=False)
