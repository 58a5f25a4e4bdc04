"""Rows that older code wrote get the columns that Python works out, in batches and beside others."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.features import enrich
from catalog.ingest import backfill
from catalog.models import Album, Track
from tests.curation import catalogue

ALBUM_COLUMNS = ("name_folded", "label_folded", "genres_folded", "tags_folded", "words")
TRACK_COLUMNS = ("name_folded", "artist_names_folded", "artist_key", "words", "is_interlude", "season")


def as_old_code_writes(**values) -> None:
    """A track and its album as a worker of the version before leaves them."""
    home = catalogue.album(
        1,
        name="Γιορτές",
        label="ΣΑΣ",
        genres=["Laïko"],
        tags=["İyi"],
        release_date="99",
        released_on="0099-01-01",
    )
    catalogue.track(
        1,
        home,
        name="Silent Night (Skit)",
        artist="Beyoncé",
        artist_names=["Beyoncé"],
        duration_ms=30_000,
        **values,
    ).save()
    forget()


def forget() -> None:
    Album.objects.update(**dict.fromkeys(ALBUM_COLUMNS))
    Track.objects.update(**dict.fromkeys(TRACK_COLUMNS))


@pytest.mark.django_db
def test_what_older_code_wrote_is_completed_once():
    as_old_code_writes()

    assert (backfill.complete(), backfill.complete()) == (2, 0)

    row, home = Track.objects.get(), Album.objects.get()
    assert [getattr(row, name) for name in TRACK_COLUMNS] == [
        "silent night (skit)", ["beyoncé"], "beyonce", "silent night skit beyonce", True, "christmas"
    ]  # fmt: skip
    assert row.recording_key == "name:silent night skit|beyonce"
    assert [getattr(home, name) for name in ALBUM_COLUMNS] == [
        "γιορτεσ", "σασ", ["laïko"], ["iyi"], "γιορτεσ artist"
    ]  # fmt: skip
    assert home.released_on is None


@pytest.mark.django_db
def test_an_isrc_still_decides_about_the_recording():
    as_old_code_writes(isrc="GBAYE7100001", recording_key="isrc:GBAYE7100001")

    backfill.complete()

    assert Track.objects.get().recording_key == "isrc:GBAYE7100001"


@pytest.mark.django_db
def test_a_large_catalogue_is_completed_batch_by_batch(monkeypatch):
    catalogue.fill(25)
    forget()
    monkeypatch.setattr(backfill, "ROWS_AT_ONCE", 10)

    assert backfill.complete() == 30
    assert not Track.objects.filter(name_folded=None).exists()


@pytest.mark.django_db
def test_completing_leaves_the_same_as_writing_does():
    catalogue.fill(10)
    written = list(Track.objects.order_by("pk").values(*TRACK_COLUMNS))
    forget()

    backfill.complete()

    assert list(Track.objects.order_by("pk").values(*TRACK_COLUMNS)) == written


@pytest.mark.django_db
def test_each_enrichment_looks_for_what_is_missing(settings):
    settings.AUDIO_FEATURES_SOURCE = "none"
    as_old_code_writes()

    enrich.run(now=catalogue.NOW)

    assert not Track.objects.filter(name_folded=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_writes_at_the_moment_is_left_for_the_next_time():
    as_old_code_writes()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM tracks FOR UPDATE")

        assert backfill.complete() == 1
    finally:
        other.rollback()
        other.close()
    assert backfill.complete() == 1


@pytest.mark.django_db(transaction=True)
def test_the_migration_completes_the_catalogue_that_it_finds():
    catalogue.fill(3)
    written = list(Track.objects.order_by("pk").values(*TRACK_COLUMNS))

    call_command("migrate", "catalog", "0006", verbosity=0)
    call_command("migrate", "catalog", verbosity=0)

    assert list(Track.objects.order_by("pk").values(*TRACK_COLUMNS)) == written
    assert not Album.objects.filter(words=None).exists()
