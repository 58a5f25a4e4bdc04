"""Numbers stand beside their nouns as people write them."""

from __future__ import annotations

import pathlib
import re

import pytest

from accounts import plurals


@pytest.mark.parametrize(
    "number, noun, text",
    [
        (0, "copy", "0 copies"),
        (1, "copy", "1 copy"),
        (2, "copy", "2 copies"),
        (1, "day", "1 day"),
        (7, "day", "7 days"),
        (2, "batch", "2 batches"),
        (1200, "failed link", "1,200 failed links"),
        (1, "failed link", "1 failed link"),
    ],
)
def test_only_one_is_singular(number, noun, text):
    assert plurals.counted(number, noun) == text


def test_a_verb_agrees_with_its_number():
    assert [plurals.verb(number, "waits", "wait") for number in (0, 1, 2)] == ["wait", "waits", "wait"]


ROOT = pathlib.Path(__file__).parents[2]
NOUNS = (
    "accounts albums calls changes copies days duplicates entries lines links lists logins minutes moves "
    "nights places playlists policies rows seconds songs times tracks"
).replace(" ", "|")
# A number and, up to two words later, a plural. Names in capitals are constants; shares are no counts.
IN_PYTHON = re.compile(
    rf"\{{(?![A-Z_.]+[:}}])(?!plurals\.|settings\.)[^{{}}\":]+(?::,)?\}} (?:[a-z]+ ){{0,2}}(?:{NOUNS})\b"
)
IN_TEMPLATES = re.compile(rf"\}}\}}(?:</b>)? (?:new |more )?(?:{NOUNS})\b")
# Lines that see to the one themselves.
FINE = ("|length == 1", "{_listed(value)} songs", " of its tracks ", "(min/median/p95)")


def sources(pattern: str) -> list[pathlib.Path]:
    apps = ("accounts", "catalog", "curation", "playlists", "vibe_project", "templates")
    found = [path for app in apps for path in (ROOT / app).rglob(pattern)]
    skipped = {"migrations"}
    return [path for path in found if not skipped & set(path.parts)]


@pytest.mark.parametrize(("pattern", "bare"), [("*.py", IN_PYTHON), ("*.html", IN_TEMPLATES)])
def test_no_sentence_puts_a_plural_beside_a_number_that_may_be_one(pattern, bare):
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources(pattern)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line) and not any(words in line for words in FINE)
    ]

    assert not wrong, "Say it with accounts.plurals, or in a template with |pluralize:\n" + "\n".join(wrong)
