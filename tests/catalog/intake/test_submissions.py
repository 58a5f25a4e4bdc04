"""What people paste or upload becomes numbered entries, or is refused with a reason."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.intake import submissions

A, B = "2noRn2Aes5aoNVsU6iWThc", "1DFixLWuPkv3KT3TnV35m3"
LINK = f"https://open.spotify.com/album/{A}"
OTHER = f"https://open.spotify.com/album/{B}"


def found(given_list) -> list[tuple[int, str | None]]:
    return [(entry.line, entry.verdict.spotify_id) for entry in submissions.read(given_list)]


def test_blank_lines_and_comments_count_but_are_no_entries():
    assert found(f"# my albums\n\n{LINK}\r\n   \n{OTHER}") == [(3, A), (5, B)]


@pytest.mark.parametrize("between", [" ", ",", ", ", ";", "\t", " | "])
def test_a_line_may_hold_several_links(between):
    assert found(f"{LINK}{between}{OTHER}") == [(1, A), (1, B)]


def test_a_query_does_not_swallow_the_next_link():
    assert found(f"{LINK}?si=x,{OTHER}?si=y") == [(1, A), (1, B)]


def test_words_around_a_link_are_no_entries():
    assert found(f"Somebody, Their Album, {LINK}, 1999") == [(1, A)]


def test_a_line_without_a_link_is_one_entry_with_a_reason():
    (entry,) = submissions.read("not a link at all")

    assert entry.value == "not a link at all"
    assert entry.verdict.reason


def test_the_header_of_a_csv_chooses_the_column():
    text = f'artist,track uri,album url\nSomebody,spotify:track:{B},{LINK}\n"Some, Body",,{OTHER}'

    assert found(text) == [(2, A), (3, B)]


def test_every_item_of_a_list_is_an_entry():
    assert [entry.line for entry in submissions.read(["", LINK, "# no comment"])] == [1, 2, 3]


def test_a_line_over_300_characters_is_refused_alone():
    entries = submissions.read(f"{LINK}?si={'x' * 300}\n{OTHER}")

    assert [entry.verdict.ok for entry in entries] == [False, True]


@pytest.mark.parametrize(
    "given_list, refusal",
    [
        ("\n".join([LINK] * 10_001), submissions.TooManyLines),
        ([LINK] * 10_001, submissions.TooManyLines),
        (",".join([LINK] * 10_001)[: submissions.MAX_BYTES], submissions.LineTooLong),
        ("x" * (submissions.MAX_BYTES + 1), submissions.TooLarge),
        (b"x" * (submissions.MAX_BYTES + 1), submissions.TooLarge),
        (["x" * (submissions.MAX_BYTES + 1)], submissions.TooLarge),
        ("x" * submissions.MAX_BYTES, submissions.LineTooLong),
        (gzip.compress(LINK.encode()), submissions.NotText),
        (b"PK\x03\x04 a spreadsheet", submissions.NotText),
        (f"{LINK}\x00", submissions.NotText),
        ([f"{LINK}\x00"], submissions.NotText),
        ([f"{LINK}\udcff"], submissions.NotText),
        (b"\x89PNG\r\n\x1a\n\x00\x00", submissions.NotText),
        ("", submissions.Nothing),
        ("# only words\n\n", submissions.Nothing),
        ([], submissions.Nothing),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_reason(given_list, refusal):
    with pytest.raises(refusal, match=r"\w+"):
        submissions.read(given_list)


def test_ten_thousand_lines_are_taken():
    assert len(submissions.read("\n".join([LINK] * 10_000) + "\n")) == 10_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding):
    assert found(f"Björk,{LINK}".encode(encoding)) == [(1, A)]


def test_line_endings_do_not_make_another_list():
    assert submissions.digest(submissions.read(f"{LINK}\n{OTHER}\n")) == submissions.digest(
        submissions.read(f"{LINK}\r\n{OTHER}")
    )


@given(st.one_of(st.text(max_size=400), st.binary(max_size=400)))
def test_anything_is_read_or_refused(anything):
    with contextlib.suppress(submissions.RefusedSubmission):
        entries = submissions.read(anything)

        assert all(entry.verdict.ok or entry.verdict.reason for entry in entries)
        assert submissions.digest(entries)


# --- a table's column of links is found by its cells, its names only help


@pytest.mark.parametrize(
    "header, row",
    [
        ("id,url", f"17,{LINK}"),
        ("URL,album", f"https://shop.example/record/17,{LINK}"),
        ("album_id,artist,Spotify", f"4711,Somebody,{LINK}"),
        ("id,album uri", f"{B},spotify:album:{A}"),
        ("track id,album id", f"{B},{A}"),
        ("artist;title;where", f"Somebody;Their Album, deluxe;{LINK}"),
        ("artist|album link", f"Somebody|{LINK}"),
        (
            "id,code",
            f'17,"<iframe src=""https://open.spotify.com/embed/album/{A}"" height=""352""></iframe>"',
        ),
    ],
)
def test_the_column_of_a_table_is_the_one_whose_cells_are_album_links(header, row):
    assert found(f"{header}\n{row}\n{row}") == [(2, A), (3, A)]


def test_a_column_that_only_claims_to_hold_links_still_tells_what_is_wrong_with_each():
    entries = submissions.read("album url,artist\nnonsense,Somebody\n,Somebody else")

    assert [entry.line for entry in entries] == [2, 3]
    assert all(entry.verdict.reason for entry in entries)


def test_a_first_line_with_words_of_its_own_is_no_header():
    assert found(f"Somebody, {LINK}\nSomebody else, {OTHER}") == [(1, A), (2, B)]


@pytest.mark.parametrize("header", ["artist,album url\n", ""])
def test_a_line_break_in_a_quoted_cell_makes_no_line_of_its_own(header):
    at = 2 if header else 1

    assert found(f'{header}"Some\n\nBody",{LINK}\r\n"Some, Body",{OTHER}') == [(at, A), (at + 3, B)]


def test_a_stray_quote_swallows_no_lines():
    text = f'artist,album url\n"Heroes,{LINK}\nLow,{OTHER}\n"Blackstar",{LINK}'

    assert found(text) == [(2, A), (3, B), (4, A)]


def test_sep_names_the_separator_and_counts_as_a_line():
    assert found(f"sep=;\nartist, title;album url\nSomebody;{LINK}") == [(3, A)]


EMBED = (
    f'<iframe data-testid="embed-iframe" style="border-radius:12px" src="https://open.spotify.com/embed/album/{A}'
    '?utm_source=generator" width="100%" height="352" frameBorder="0" allowfullscreen="" allow="autoplay; '
    'clipboard-write; encrypted-media; fullscreen; picture-in-picture" loading="lazy"></iframe>'
)


@pytest.mark.parametrize(
    "shared",
    [
        EMBED,
        f"<iframe src='https://open.spotify.com/embed/album/{A}'></iframe>",
        f"<iframe src=https://open.spotify.com/embed/album/{A} width=300></iframe>",
        f'<a href="{LINK}">Their Album</a>',
        f"Listen to Their Album on Spotify: {LINK}?si=qYmaklK4ReSVvBjLqHfxew",
        f"Their Album by Somebody ({LINK}).",
        f"I like [Their Album]({LINK}) a lot",
        f"[url={LINK}]Their Album[/url]",
        f"Look at this: spotify:album:{A}",
    ],
)
@pytest.mark.parametrize("as_given", [str, lambda text: [text]], ids=["text", "list"])
def test_what_spotify_and_people_share_around_a_link_is_read_alike_everywhere(shared, as_given):
    assert found(as_given(shared)) == [(1, A)]


@pytest.mark.parametrize(
    "line",
    [
        f"https://evil.example/?u=https://open.spotify.com/album/{A}",
        f"https://evil.example/?href=https://open.spotify.com/album/{A}",
        f'<iframe src="https://evil.example/?src=https://open.spotify.com/album/{A}"></iframe>',
        f"Listen: https://user:pw@open.spotify.com/album/{A}",
    ],
)
def test_a_link_inside_another_address_is_not_what_was_shared(line):
    assert found(line) == [(1, None)]
