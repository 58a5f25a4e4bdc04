"""The tasks drain what is due and ring for what is left; a closed door is left to the sweep."""

from __future__ import annotations

import pytest
from celery import current_app

from catalog import tasks
from catalog.intake import batches
from catalog.models import AlbumSource, Track
from tests.catalog.ingest.test_ingest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings(monkeypatch, django_capture_on_commit_callbacks) -> list[str]:
    """The names of tasks that were rung."""
    rung: list[str] = []
    monkeypatch.setattr("accounts.enqueue.current_app.send_task", lambda task, **how: rung.append(task))
    monkeypatch.setattr("accounts.enqueue.transaction.on_commit", lambda ring, robust: ring())
    return rung


@pytest.mark.parametrize("task", [tasks.ingest_albums_from_sources, tasks.fetch_audio_features])
def test_tasks_go_to_the_ingest_queue(task):
    assert current_app.amqp.router.route({}, task.name)["queue"].name == "ingest"


def test_an_ingest_is_followed_by_features(sandbox, rings):
    batches.enqueue(sandbox.album_links(3), by="test", now=NOW, ring=False)

    tasks.ingest_albums_from_sources()
    tasks.fetch_audio_features()

    assert AlbumSource.objects.filter(status="ingested").count() == 3
    assert Track.objects.exclude(features_source=None).exists()
    assert rings == ["fetch_audio_features"]


def test_when_time_is_up_the_rest_is_rung_for(sandbox, rings, monkeypatch):
    batches.enqueue(sandbox.album_links(3), by="test", now=NOW, ring=False)
    monkeypatch.setattr(tasks, "SECONDS", 0.0)

    tasks.ingest_albums_from_sources()

    assert rings == ["ingest_albums_from_sources"]


def test_a_closed_door_is_left_to_the_sweep(sandbox, rings):
    batches.enqueue(sandbox.album_links(30), by="test", now=NOW, ring=False)
    sandbox.faults.add("quota", path="/v1/albums", retry_after=3600)

    tasks.ingest_albums_from_sources()

    assert rings == []


def test_with_nothing_due_nobody_is_asked(sandbox, rings):
    tasks.ingest_albums_from_sources()
    tasks.fetch_audio_features()

    assert not sandbox.calls
    assert rings == []
