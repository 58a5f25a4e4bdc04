"""When two tracks are one recording."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.ingest import recordings


@pytest.mark.parametrize(
    "title",
    [
        "IMAGINE", "Imagine - Live", "Imagine (Remastered 2010)", "Imagine [feat. Someone]", "Imaginé",
        "Imagine - Radio Edit", "Imagine (Deluxe Edition) - Mono", "Imagine - Sped Up",
        "Imagine (Slowed + Reverb)",
    ],
)  # fmt: skip
def test_dresses_of_one_song_are_normalised_alike(title):
    assert recordings.normalised(title) == "imagine"


@pytest.mark.parametrize("title", ["(I Can't Get No) Satisfaction", "Symphony - Part 2", "Hello (Goodbye)"])
def test_brackets_and_dashes_of_the_title_itself_stay(title):
    assert len(recordings.normalised(title).split()) > 1


def test_the_isrc_decides_where_there_is_one():
    key = recordings.recording_key(isrc="GBAYE7100001", title="Imagine", artist="John Lennon")

    assert key == recordings.recording_key(
        isrc="GBAYE7100001", title="Imagine - Remaster", artist="John Lennon"
    )
    assert key != recordings.recording_key(isrc=None, title="Imagine", artist="John Lennon")


def test_without_an_isrc_title_and_artist_decide():
    key = recordings.recording_key(isrc=None, title="Imagine (Live)", artist="John Lennon")

    assert key == recordings.recording_key(isrc=None, title="Imagine", artist="JOHN LENNON")
    assert key != recordings.recording_key(isrc=None, title="Imagine", artist="A Perfect Circle")


@given(st.text(), st.text())
def test_any_title_has_a_key_that_an_index_can_hold(title, artist):
    key = recordings.recording_key(isrc=None, title=title, artist=artist)

    assert key == recordings.recording_key(isrc=None, title=title, artist=artist)
    assert len(key) <= recordings.LONGEST_KEY
