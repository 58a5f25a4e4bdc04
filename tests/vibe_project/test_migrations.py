"""Every migration reverses, and what the models say is what the migrations make."""

import pytest
from django.core.management import call_command
from django.db import connection

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
