"""Spotify ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import errors, ids

LARGEST = "7N42dgm5tFLK9N8MT7fHC7"


@pytest.mark.parametrize("good", ["0" * 22, LARGEST, "4aawyAB9vmqN3uQ7FjRGTy"])
def test_twenty_two_base62_characters_below_two_to_the_128_are_an_id(good):
    assert ids.is_id(good)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ab",
        "7N42dgm5tFLK9N8MT7fHC8",
        "z" * 22,
        "Z" * 22,
        LARGEST + "\n",
        "4aawyAB9vmqN3uQ7FjRGT!",
        None,
        7,
    ],
)
def test_anything_else_is_not(bad):
    assert not ids.is_id(bad)


@given(st.integers(0, (1 << 128) - 1))
def test_every_number_below_two_to_the_128_has_an_id(number):
    digits = ""
    for _ in range(22):
        number, digit = divmod(number, 62)
        digits = ids.ALPHABET[digit] + digits

    assert ids.is_id(digits)


def test_one_bad_id_from_people_refuses_the_batch_and_is_named():
    with pytest.raises(errors.BadRequest, match="nonsense"):
        ids.checked(["0" * 22, "nonsense"], at_most=20, strict=True)


def test_ids_that_spotify_told_are_believed_but_never_leave_their_place_in_a_path():
    assert ids.checked(["a-playlist_7"], at_most=1) == ["a-playlist_7"]
    for bad in ("", "a/b", "..", "a?b", "a b", "a\n", "x" * 65):
        with pytest.raises(errors.BadRequest):
            ids.checked([bad], at_most=1)


def test_more_ids_than_a_call_may_carry_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at most 2"):
        ids.checked(["0" * 22] * 3, at_most=2)
