"""Ids look like Spotify's, can be read back, and are told from ids that this world never made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import ids, isrcs


@given(kind=st.integers(1, 5), number=st.integers(0, 10**12), seed=st.integers(0, 10**6))
def test_an_id_is_22_characters_and_leads_back_to_its_number(kind, number, seed):
    spotify_id = ids.encode(kind, number, seed=seed)

    assert ids.well_formed(spotify_id)
    assert ids.decode(kind, spotify_id, seed=seed) == number


def test_an_id_of_another_kind_or_another_world_is_unknown():
    album = ids.encode(ids.ALBUM, 7, seed=1)

    assert ids.decode(ids.TRACK, album, seed=1) is None
    assert ids.decode(ids.ALBUM, album, seed=2) is None


@pytest.mark.parametrize("text", ["", "short", "z" * 22, "0" * 23, "0" * 21 + "-", "é" * 22])
def test_what_is_no_id_is_refused(text):
    assert not ids.well_formed(text)
    assert ids.decode(ids.ALBUM, text, seed=1) is None


@given(album=st.integers(0, 10**6), index=st.integers(0, 199), year=st.integers(1960, 2026))
def test_a_recording_code_leads_back_to_its_place(album, index, year):
    code = isrcs.code(album, index, year=year)

    assert len(code) == 12
    assert isrcs.place(code) == (album, index)


@given(st.text(max_size=14))
def test_any_other_text_is_no_recording_code_of_ours(text):
    assert isrcs.place(text) is None or text.upper().startswith(isrcs.COUNTRY)
