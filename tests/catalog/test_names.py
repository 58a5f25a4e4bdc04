"""When two names are the same: for policies without case, for sentences without accents and signs as well."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import names

SAME_FOR_POLICIES = [
    ("ABBA", "abba"),
    ("İbrahim Tatlıses", "İBRAHİM TATLISES"),
    ("İbrahim Tatlıses", "ibrahim tatlıses"),
    ("İbrahim Tatlıses", "IBRAHIM TATLISES"),
    ("Γιώργος Νταλάρας", "ΓΙΩΡΓΟΣ ΝΤΑΛΑΡΑΣ"),
    ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
    ("Beyoncé", "BEYONCE\u0301"),
    ("Straßenjungs", "STRASSENJUNGS"),
    ("Земфира", "ЗЕМФИРА"),
    ("Дзідзьо й Ї", "ДЗІДЗЬО Й Ї"),
]
NOT_THE_SAME_FOR_POLICIES = [
    ("Beyoncé", "Beyonce"),
    ("Mø", "Mo"),
    ("AC/DC", "ACDC"),
    ("Й", "И"),
    ("が", "か"),
]
SAME_IN_SENTENCES = [
    *SAME_FOR_POLICIES,
    ("Beyoncé", "beyonce"),
    ("Sigur Rós", "sigur ros"),
    ("MØ", "mo"),
    ("AC/DC", "acdc"),
    ("AC/DC", "ac dc"),
    ("P!nk", "pink"),
    ("A$AP Rocky", "asap rocky"),
    ("Jay-Z", "jay z"),
    ("Simon & Garfunkel", "simon and garfunkel"),
    ("Florence + The Machine", "florence and the machine"),
    ("Panic! At The Disco", "panic at the disco"),
    ("t.A.T.u.", "tatu"),
    ("Guns N' Roses", "guns n roses"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FOR_POLICIES)
def test_case_and_spelling_in_unicode_make_no_other_name(one, other):
    assert names.folded(one) == names.folded(other)


@pytest.mark.parametrize(("one", "other"), NOT_THE_SAME_FOR_POLICIES)
def test_accents_and_signs_make_another_name_for_policies(one, other):
    assert names.folded(one) != names.folded(other)


@pytest.mark.parametrize(("one", "other"), SAME_IN_SENTENCES)
def test_however_it_is_typed_it_is_the_same_artist(one, other):
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize("name", ["!!!", "???", "+/-", "🎵"])
def test_a_name_of_signs_alone_still_has_a_key(name):
    assert names.key(name)
    assert names.key("!!!") != names.key("???")


def test_an_artist_without_a_name_is_called_nothing():
    assert names.known(["ABBA", names.NOBODY, ""]) == ["abba"]


@given(st.text())
def test_folding_again_changes_nothing_nor_does_unicode_form(text):
    assert names.folded(names.folded(text)) == names.folded(text)
    assert names.folded(unicodedata.normalize("NFD", text)) == names.folded(text)
    assert names.key(names.words(text)) == names.key(text) or not names.words(text)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L"])))
def test_a_text_of_letters_is_the_same_in_capitals(text):
    assert names.folded(text.upper().lower()) == names.folded(text.upper())
