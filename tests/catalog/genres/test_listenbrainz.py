"""MusicBrainz links and ListenBrainz tags over HTTP: both shapes of answer, and each way of failing."""

from __future__ import annotations

import pytest

from catalog.genres import listenbrainz, musicbrainz
from catalog.genres.provider import Absent, Found, GenresError, NoGenre
from sandbox import artist_genres
from sandbox import musicbrainz as played

A, B = "3WrFJ7ztbogyGnTHbHJFl2", "6olE6TJLqED3rqDCT0FyPh"
BEATLES, NIRVANA = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d", "5b11f4ce-a62d-471e-81fc-a69a8278c7da"
PORTISHEAD = "8f6bd1e4-fbe1-4f50-aa9b-94c450ec0f11"
pytestmark = pytest.mark.sandbox(albums=300)


@pytest.fixture
def ask(sandbox, vendor):
    def lookup(artists, agent=None):
        options = {} if agent is None else {"agent": agent}
        given = artists if isinstance(artists, dict) else dict.fromkeys(artists, "")
        return listenbrainz.lookup(
            sandbox.listenbrainz_url,
            vendor("ListenBrainz", listenbrainz.GAP_SECONDS, **options),
            sandbox.musicbrainz_url,
            vendor("MusicBrainz", musicbrainz.GAP_SECONDS, **options),
            given,
        )

    return lookup


@pytest.fixture
def linked(sandbox, artists):
    """{artist id: MBID} of those whose Spotify page MusicBrainz knows."""
    catalogue = sandbox.world.catalogue
    return {
        each.spotify_id: artist_genres.mbid(catalogue, each.number)
        for each in artists
        if artist_genres.is_linked(catalogue, each)
    }


def url(artist_id, *mbids):
    relations = [
        {"type": "free streaming", "target-type": "artist", "artist": {"id": each}} for each in mbids
    ]
    return {"id": "x", "resource": f"https://open.spotify.com/artist/{artist_id}", "relations": relations}


def calls(sandbox, part):
    return [call for call in sandbox.calls if part in call.path]


# --- what answers mean


def test_many_links_come_as_a_list_and_one_alone_comes_bare():
    many = {"url-count": 2, "url-offset": 0, "urls": [url(A, BEATLES), url(B, NIRVANA)]}

    assert musicbrainz.linked(many, [A, B]) == {A: BEATLES, B: NIRVANA}
    assert musicbrainz.linked(url(B, NIRVANA), [B]) == {B: NIRVANA}
    assert musicbrainz.linked({"url-count": 0, "url-offset": 0, "urls": []}, [A, B]) == {}


def test_a_link_that_belongs_to_two_artists_names_none():
    assert musicbrainz.linked(url(A, BEATLES, NIRVANA), [A]) == {}


def test_a_link_is_compared_letter_by_letter():
    assert musicbrainz.linked(url(A.lower(), BEATLES), [A]) == {}


@pytest.mark.parametrize("body", [None, [], {}, {"urls": {}}, {"urls": [None]}, "x"])
def test_an_answer_without_links_is_no_answer(body):
    with pytest.raises(GenresError, match="without links"):
        musicbrainz.linked(body, [A])


def test_a_tag_is_a_genre_where_it_carries_a_genres_own_id():
    tags = [
        {"count": 6, "genre_mbid": "cc38aba3-48ed-439a-83b9-f81a34a66598", "tag": "downtempo"},
        {"count": 13, "genre_mbid": "45eb1d9c-588c-4dc8-9394-a14b7c8f02bc", "tag": "trip hop"},
        {"count": 7, "tag": "trip-hop"},
    ]

    answers = listenbrainz.read([{"artist_mbid": PORTISHEAD, "tag": {"artist": tags}}], [PORTISHEAD])

    assert answers == {
        PORTISHEAD: Found(("trip hop", "downtempo"), {"trip hop": 13, "downtempo": 6}, mbid=PORTISHEAD)
    }


def test_a_genre_that_was_voted_down_is_none():
    tags = [{"count": -1, "genre_mbid": "45eb1d9c-588c-4dc8-9394-a14b7c8f02bc", "tag": "trip hop"}]

    answers = listenbrainz.read([{"artist_mbid": PORTISHEAD, "tag": {"artist": tags}}], [PORTISHEAD])

    assert answers == {PORTISHEAD: NoGenre(mbid=PORTISHEAD)}


@pytest.mark.parametrize("tag", [{}, {"tag": None}, {"tag": {"artist": None}}, {"tag": {"artist": []}}])
def test_a_known_artist_without_tags_has_no_genre(tag):
    assert listenbrainz.read([{"artist_mbid": BEATLES} | tag], [BEATLES]) == {BEATLES: NoGenre(mbid=BEATLES)}


def test_an_answer_that_is_no_list_is_no_answer():
    with pytest.raises(GenresError, match="without artists"):
        listenbrainz.read({"code": 200}, [BEATLES])


# --- over HTTP


def test_links_are_asked_first_and_tags_then_fifty_at_a_time(sandbox, ask, artists, linked):
    wanted = [artist.spotify_id for artist in artists][:50]

    answers = ask(wanted)

    assert set(answers) == set(wanted)
    assert {each for each in wanted if answers[each] != Absent()} == set(linked) & set(wanted)
    assert len(calls(sandbox, "/ws/2/url")) == len(calls(sandbox, "/metadata/artist")) == 1
    assert any(isinstance(answer, Found) and answer.counts for answer in answers.values())
    assert any(isinstance(answer, NoGenre) for answer in answers.values())
    assert "seen live" not in {genre for each in answers.values() for genre in getattr(each, "genres", ())}


def test_who_has_an_mbid_already_is_not_asked_for_at_musicbrainz(sandbox, ask, linked):
    (artist_id, mbid), *_ = linked.items()

    answers = ask({artist_id: mbid})

    assert answers[artist_id].mbid == mbid
    assert calls(sandbox, "/ws/2/") == []


def test_one_unknown_link_is_a_404_and_means_absent(sandbox, ask, artists, linked):
    unknown = next(artist.spotify_id for artist in artists if artist.spotify_id not in linked)

    assert ask([unknown]) == {unknown: Absent()}
    assert [call.status for call in sandbox.calls] == [404]


def test_one_known_link_comes_in_the_other_shape_and_is_read(ask, linked):
    (artist_id, mbid), *_ = linked.items()

    assert ask([artist_id])[artist_id].mbid == mbid


def test_only_unknown_links_are_an_empty_list_and_nobody_else_is_asked(sandbox, ask):
    asked = ["7" * 21 + "1", "7" * 21 + "2"]

    assert ask(asked) == dict.fromkeys(asked, Absent())
    assert calls(sandbox, "/metadata/") == []


def test_a_busy_musicbrainz_is_asked_again_after_a_second_at_least(sandbox, ask, linked, waits):
    (artist_id, mbid), *_ = linked.items()
    sandbox.faults.add(
        "status", path="/ws/2/", status=503, body=played.BUSY, headers=played.BUSY_HEADERS, times=3
    )

    assert ask([artist_id])[artist_id].mbid == mbid
    assert len(calls(sandbox, "/ws/2/")) == 4
    assert len([seconds for seconds in waits if seconds >= 1]) >= 3


def test_a_musicbrainz_that_stays_busy_is_left_alone(sandbox, ask, linked):
    sandbox.faults.add(
        "status", path="/ws/2/", status=503, body=played.BUSY, headers=played.BUSY_HEADERS, times=0
    )

    with pytest.raises(GenresError, match="it is busy") as caught:
        ask(list(linked)[:2])

    assert (caught.value.permanent, len(calls(sandbox, "/ws/2/"))) == (False, 4)


def test_musicbrainz_says_that_we_are_too_fast_and_is_given_its_time(sandbox, ask, linked, vendor):
    artist_id, *_ = linked
    hasty = vendor("MusicBrainz", 0.0)
    ends_at = hasty.ends_at(60)

    for _ in range(3):
        assert musicbrainz.mbids(sandbox.musicbrainz_url, hasty, [artist_id], ends_at=ends_at)

    assert 503 in [call.status for call in sandbox.calls]


def test_at_our_own_pace_neither_service_refuses_us(sandbox, ask, artists):
    wanted = [artist.spotify_id for artist in artists]

    for start in range(0, len(wanted), 10):
        ask(wanted[start : start + 10])

    assert len(sandbox.calls) > 25
    assert {call.status for call in sandbox.calls} == {200}


def test_a_musicbrainz_without_our_name_needs_a_person(sandbox, ask, linked):
    with pytest.raises(GenresError, match="OPERATOR_CONTACT") as caught:
        ask(list(linked)[:2], agent="python-requests/2.32")

    assert caught.value.permanent


def test_inc_genres_is_never_asked_for_because_links_refuse_it(sandbox, ask, linked):
    ask(list(linked)[:2])

    (call,) = calls(sandbox, "/ws/2/")
    assert "inc=artist-rels" in call.query


def test_listenbrainz_says_in_a_header_of_its_own_how_long_to_wait(sandbox, ask, linked, waits):
    (artist_id, mbid), *_ = linked.items()
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": "8"}
    sandbox.faults.add("status", path="/metadata/", status=429, body={"code": 429}, headers=headers)

    assert ask({artist_id: mbid})[artist_id] != Absent()
    assert 8 in waits


def test_one_id_that_listenbrainz_cannot_read_does_not_spoil_the_others(sandbox, ask, linked):
    given = dict(list(linked.items())[:8])
    body = {"code": 400, "error": "artist mbid 1 is not valid."}
    sandbox.faults.add("status", path="/metadata/", status=400, body=body)

    answers = ask(given)

    assert Absent() not in answers.values()
    assert len(calls(sandbox, "/metadata/")) == 3


def test_what_is_no_mbid_is_never_sent(sandbox, ask, linked):
    (artist_id, mbid), *_ = linked.items()

    assert ask({artist_id: "1"})[artist_id].mbid == mbid
    assert len(calls(sandbox, "/ws/2/")) == 1


@pytest.mark.parametrize("path", ["/ws/2/", "/metadata/"])
@pytest.mark.parametrize("fault", ["html", "empty", "truncate"])
def test_a_body_that_is_no_json_makes_nobody_absent(sandbox, ask, linked, path, fault):
    sandbox.faults.add(fault, path=path, times=0)

    with pytest.raises(GenresError):
        ask(list(linked)[:3])
