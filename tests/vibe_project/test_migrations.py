"""Every migration reverses, and what the models say is what the migrations make."""

import datetime as dt
import os
import subprocess
import sys

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


# --- several hosts, one database


@pytest.fixture
def empty_database(transactional_db):
    """The environment of a host whose database is new."""
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS two_hosts")
        cursor.execute("CREATE DATABASE two_hosts")
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    yield {
        **os.environ,
        "DATABASE_URL": f"{server}/two_hosts",
        "DJANGO_SETTINGS_MODULE": "vibe_project.settings",
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE two_hosts WITH (FORCE)")


def host(environment):
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_hosts_that_start_together_migrate_one_after_the_other(empty_database):
    hosts = [host(empty_database) for _ in range(3)]

    said = [one.communicate(timeout=300)[1] for one in hosts]

    assert [one.returncode for one in hosts] == [0, 0, 0], said


def test_a_host_says_that_it_waits_for_another_ones_migration(transactional_db, child_environment):
    lock = "SELECT {}(hashtext('vibe.migrate'))"
    with connection.cursor() as cursor:
        cursor.execute(lock.format("pg_advisory_lock"))
        try:
            second = host(child_environment)
            told = second.stderr.readline()
        finally:
            cursor.execute(lock.format("pg_advisory_unlock"))
    second.communicate(timeout=120)

    assert "waiting for it" in told
    assert second.returncode == 0
