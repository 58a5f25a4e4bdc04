"""Damaged bodies: whatever a vendor sends, the answer is one of the three or a GenresError, never a lie."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.genres import listenbrainz, musicbrainz, wikidata
from catalog.genres.provider import Absent, Found, GenresError, NoGenre
from tests.accounts.spotify import damage

A, B = "4Z8W4fKeB5YxbusRsdQVPb", "6vWDO969PvNqNYHIOW5v0m"
MBID = "a74b1b7f-71a5-4011-9441-d0b5e4122711"
ENTITY = "http://www.wikidata.org/entity/"
WIKIDATA = {
    "head": {"vars": ["sid", "item", "mbid", "g", "gl"]},
    "results": {
        "bindings": [
            {
                "sid": {"type": "literal", "value": A},
                "item": {"type": "uri", "value": ENTITY + "Q44190"},
                "mbid": {"type": "literal", "value": MBID},
                "origin": {"type": "literal", "value": "GB"},
                "g": {"type": "uri", "value": ENTITY + "Q11366"},
                "gl": {"type": "literal", "xml:lang": "en", "value": "alternative rock"},
            },
            {"sid": {"type": "literal", "value": B}, "item": {"type": "uri", "value": ENTITY + "Q36153"}},
        ]
    },
}
LINKS = {
    "url-count": 1,
    "urls": [
        {
            "resource": f"https://open.spotify.com/artist/{A}",
            "relations": [{"type": "free streaming", "target-type": "artist", "artist": {"id": MBID}}],
        }
    ],
}
TAGS = [{"artist_mbid": MBID, "tag": {"artist": [{"tag": "trip hop", "count": 13, "genre_mbid": MBID}]}}]

blows = given(junk=damage.JUNK, drop=st.booleans(), times=st.integers(1, 3), dice=st.integers(0, 10**6))


def damaged(body, junk, drop, times, dice):
    return damage.damaged(body, junk=junk, drop=drop, times=times, rng=random.Random(dice))


def is_sound(answer):
    if isinstance(answer, Found):
        return all(isinstance(genre, str) and 0 < len(genre) <= 100 for genre in answer.genres) and all(
            isinstance(count, int) for count in answer.counts.values()
        )
    return isinstance(answer, NoGenre | Absent)


@blows
def test_a_damaged_answer_of_wikidata(junk, drop, times, dice):
    body = damaged(WIKIDATA, junk, drop, times, dice)
    try:
        answers = wikidata.read(body, [A, B])
    except GenresError:
        return
    assert set(answers) == {A, B}
    assert all(is_sound(answer) for answer in answers.values())


@blows
def test_a_damaged_answer_of_musicbrainz(junk, drop, times, dice):
    try:
        found = musicbrainz.linked(damaged(LINKS, junk, drop, times, dice), [A])
    except GenresError:
        return
    assert found in ({}, {A: MBID})


@blows
def test_a_damaged_answer_of_listenbrainz(junk, drop, times, dice):
    try:
        answers = listenbrainz.read(damaged(TAGS, junk, drop, times, dice), [MBID])
    except GenresError:
        return
    assert set(answers) <= {MBID}
    assert all(is_sound(answer) for answer in answers.values())


@pytest.mark.parametrize("cut", range(1, 40))
def test_half_a_body_is_never_taken_for_a_whole_one(cut):
    import json

    from accounts.spotify.deadline import Whole

    text = json.dumps(WIKIDATA).encode()

    with pytest.raises(wikidata._TooMuch):
        wikidata._body(Whole(200, {}, text[: len(text) * cut // 40]))
