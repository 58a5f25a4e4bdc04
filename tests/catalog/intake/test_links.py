"""Any line of text becomes an album id or a reason."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import ids
from catalog.intake import links

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "reference" / "external" / "album_url_cases.tsv"
ALBUM = "2noRn2Aes5aoNVsU6iWThc"


def cases(path: Path) -> list[tuple[str, str, str, str]]:
    rows = [
        line.split("\t") for line in path.read_text("utf-8").split("\n") if line and not line.startswith("#")
    ]
    padded = [[*row, "", "", ""][:4] for row in rows]
    return [
        (text.encode("ascii", "backslashreplace").decode("unicode_escape"), *rest) for text, *rest in padded
    ]


def answer(line: str) -> tuple[str, str, str]:
    verdict = links.parse(line)
    return verdict.verdict, verdict.kind, verdict.spotify_id or ""


@pytest.mark.parametrize("line, verdict, kind, spotify_id", cases(HERE / "link_cases.tsv"))
def test_a_spelling_has_its_verdict(line, verdict, kind, spotify_id):
    assert answer(line) == (verdict, kind, spotify_id)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference's own cases are not on this machine")
def test_all_spellings_of_the_reference_have_their_verdicts():
    given_cases = cases(SHARED)

    assert len(given_cases) == 59
    assert [(line, *answer(line)) for line, *_ in given_cases] == given_cases


@pytest.mark.parametrize(
    "line",
    [
        f"[My favourite](https://open.spotify.com/album/{ALBUM})",
        f"**https://open.spotify.com/album/{ALBUM}**",
        f"\u201chttps://open.spotify.com/album/{ALBUM}\u201d",
        f"https://open.spotify.com/intl-de/album/{ALBUM}?si=a,b&x=https://open.spotify.com/track/1",
        f"spotify:album:{ALBUM}?si=1",
        f"https://embed.spotify.com/?theme=white&uri=spotify%3Aalbum%3A{ALBUM}#x",
    ],
)
def test_what_people_paste_around_a_link_does_not_hide_it(line):
    assert links.parse(line).spotify_id == ALBUM


@pytest.mark.parametrize(
    "line",
    [
        "https://open.spotify.com/album/7N42dgm5tFLK9N8MT7fHC8",  # 2^128
        f"ftp://open.spotify.com/album/{ALBUM}",
        f"https://open.spotify.com:8443/album/{ALBUM}",
        f"https://open.spotify.com\\@evil.example/album/{ALBUM}",
        f"https://spotify.com/album/{ALBUM}",
        f"https://open.spotify.com/%61lbums/{ALBUM}",
        f"https://open.spotify.com/album/{ALBUM}\n{ALBUM}",
        f"//open.spotify.com.evil/album/{ALBUM}",
    ],
)
def test_what_only_looks_like_an_album_is_refused(line):
    assert links.parse(line).spotify_id is None


def test_the_largest_id_is_one():
    assert links.parse("7N42dgm5tFLK9N8MT7fHC7").ok


@given(st.one_of(st.text(), st.text(alphabet="spotify:/.albumhtc?#@[]%()<> 4aZ\u200b\n\x00", max_size=80)))
def test_any_text_is_an_id_or_a_reason(line):
    verdict = links.parse(line)

    assert (verdict.reason is None) == verdict.ok
    assert ids.is_id(verdict.spotify_id) if verdict.ok else verdict.reason


@pytest.mark.parametrize("unit", ["/", "[", "(", "%20", "spotify:", "intl-de/", " ", "a", "@", "https://"])
def test_a_long_line_costs_no_more_than_its_length(unit):
    lines = [f"https://open.spotify.com/{unit * 400}"[: links.LONGEST], unit * 1_000_000, f"[{unit * 300}]("]
    started = time.perf_counter()

    for line in lines:
        links.parse(line)

    assert time.perf_counter() - started < 0.1
