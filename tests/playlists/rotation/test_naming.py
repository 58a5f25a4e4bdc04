"""Names and descriptions: within Spotify's limits, whole where it matters, and known again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.rotation import naming

DAY = dt.date(2026, 11, 25)
NASTY = st.text(max_size=150) | st.sampled_from(
    ["👨‍👩‍👧‍👦" * 40, "e\u0301" * 90, "שלום" * 30, "<b>&amp;" * 20, "\n\t", "•" * 99]
)


def test_the_name_is_theme_number_and_date():
    assert naming.name(theme_tag="Calm", global_index=7, date=DAY) == "Vibe • Calm • #007 • 2026-11-25"
    assert naming.name(theme_tag="Calm", global_index=1234, date=DAY) == "Vibe • Calm • #1234 • 2026-11-25"


@given(NASTY, st.integers(1, 99_999), st.dates(dt.date(2000, 1, 1)))
def test_a_name_fits_and_keeps_number_and_date(tag, index, date):
    made = naming.name(theme_tag=tag, global_index=index, date=date)

    assert naming.length(made) <= 100
    assert made.startswith("Vibe • ")
    assert made.endswith(f" • #{index:03} • {date}")
    assert "\n" not in made


@given(NASTY, NASTY, st.integers(1, 999), st.dates(dt.date(2000, 1, 1)), st.dates(dt.date(2000, 1, 1)))
def test_a_name_is_known_on_any_day_and_only_as_its_own(tag, other, index, date, later):
    made = naming.name(theme_tag=tag, global_index=index, date=date)

    assert naming.is_named_for(made, theme_tag=tag, global_index=index)
    assert not naming.is_named_for(made, theme_tag=tag, global_index=index + 1)
    assert not naming.is_named_for(made + "x", theme_tag=tag, global_index=index)


@given(NASTY, st.integers(1, 10**9), st.integers(1, 50))
def test_a_description_is_one_line_that_fits_and_carries_its_marker(policy, copy_id, epoch):
    marker = naming.marker(copy_id, epoch)
    made = naming.description(policy=policy, date=DAY, count=50, gap_days=10, marker=marker)

    assert naming.length(made) <= 300
    assert "\n" not in made
    assert "Wednesday 25 November 2026" in made
    assert naming.bears_marker(made, marker)


@pytest.mark.parametrize(
    "text, found",
    [
        ("vibe:12.1", True),
        ("words &lt;b&gt; vibe:12.1 &amp;", True),
        ("vibe:12.10", False),
        ("vibe:112.1", False),
        ("", False),
    ],
)
def test_only_the_whole_marker_counts(text, found):
    assert naming.bears_marker(text, "vibe:12.1") is found


def test_a_cut_never_ends_inside_a_joined_character():
    family = "👨‍👩‍👧‍👦"

    made = naming.cut(family * 20, 30)

    assert set(made.removesuffix("…").split(family)) == {""}
