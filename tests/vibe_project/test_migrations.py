"""Every migration reverses, and what the models say is what the migrations make."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import AlbumSource

OURS = ["playlists", "curation", "catalog", "accounts"]  # the order in which they can be taken back


@pytest.fixture
def whole_again(transactional_db):
    """Whatever the test took away is there for the tests after it."""
    yield
    call_command("migrate", verbosity=0)


def test_every_migration_can_be_taken_back_and_made_again(whole_again):
    before = set(connection.introspection.table_names(include_views=True))

    for app in OURS:
        call_command("migrate", app, "zero", verbosity=0)
    bare = set(connection.introspection.table_names(include_views=True))
    call_command("migrate", verbosity=0)

    assert before - bare >= {"accounts", "album_sources", "curation_policies", "playlists", "recent_usage"}
    assert set(connection.introspection.table_names(include_views=True)) == before


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_failures_from_before_they_had_a_time_get_the_best_that_is_known(whole_again):
    executor = MigrationExecutor(connection)
    executor.migrate([("catalog", "0006_measures_as_columns")])
    old = executor.loader.project_state([("catalog", "0006_measures_as_columns")]).apps
    came, aside = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (20, 24))
    rows = [("failed", None), ("failed", aside), ("queued", None)]
    for number, (status, set_aside_at) in enumerate(rows):
        old.get_model("catalog", "AlbumSource").objects.create(
            url="x", spotify_album_id=f"{number:022}", status=status, failure_reason="Gone.",
            created_at=came, set_aside_at=set_aside_at,
        )  # fmt: skip

    call_command("migrate", verbosity=0)

    found = AlbumSource.objects.order_by("spotify_album_id").values_list("failed_at", flat=True)
    assert list(found) == [came, aside, None]
