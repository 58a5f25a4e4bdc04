"""Every way of writing a genre is one key, and a key is its own key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.genres.spelling import LONGEST, key


@pytest.mark.parametrize(
    "label, expected",
    [
        ("Hip-Hop", "hip hop"), ("hip hop music", "hip hop"), ("R&B", "r and b"), ("r'n'b", "r and b"),
        ("R n B", "r and b"), ("rock 'n' roll", "rock and roll"), ("Rock’n’Roll", "rock and roll"),
        ("drum 'n bass", "drum and bass"), ("d'n'b", "d and b"), ("Children's Music", "childrens"),
        ("Raï", "rai"), ("NOËL", "noel"), ("forró", "forro"), ("Großstadt", "grossstadt"),
        ("İstanbul", "istanbul"), ("  Neo   Soul ", "neo soul"),
        ("dance/electronic", "dance electronic"), ("lo_fi", "lo fi"), ("music", "music"), ("!!!", ""),
        ("", ""),        ("pop music music", "pop"), ("Ｋ－ＰＯＰ", "k pop"), ("演歌", "演歌"),
    ],
)  # fmt: skip
def test_a_label_folds_to_its_key(label, expected):
    assert key(label) == expected


@given(st.text(max_size=300))
def test_a_key_is_its_own_key_and_short(label):
    folded = key(label)

    assert key(folded) == folded
    assert len(folded) <= LONGEST
    assert folded == folded.strip()
    assert "\0" not in folded
