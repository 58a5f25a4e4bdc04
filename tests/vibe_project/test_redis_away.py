"""Without Redis open endpoints and intake answer as usual, unthrottled and at once; enqueueing is quick."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import celery
import pytest
import redis
from django.conf import settings as configured
from django.core.cache import cache

from accounts import enqueue
from catalog.models import AlbumSource
from tests.vibe_project import away

pytestmark = pytest.mark.django_db
LINK = "https://open.spotify.com/album/1000000000000000000001"
QUICK_SECONDS = 2.0


@pytest.fixture(params=[away.GONE, away.FROZEN])
def redis_is_away(request, settings, monkeypatch) -> Iterator[str]:
    """The cache and the broker of this process are at a Redis that is away."""
    with away.port(request.param) as port:
        url = f"redis://127.0.0.1:{port}/0"
        settings.CACHES = {"default": {**configured.CACHES["default"], "LOCATION": url}}
        settings.REDIS_URL = settings.CELERY_BROKER_URL = url
        app = celery.Celery("away", broker=url, backend=url, set_as_current=False)
        app.conf.broker_transport_options = getattr(configured, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
        monkeypatch.setattr(enqueue, "current_app", app)
        yield request.param


@pytest.fixture
def took() -> Iterator[list[float]]:
    began: list[float] = [time.monotonic()]
    yield began
    assert time.monotonic() - began[0] < QUICK_SECONDS


def test_open_endpoints_answer_unthrottled(anonymous_api, redis_is_away, took, settings):
    answers = [anonymous_api.get("/api/v1/public/playlists").status_code for _ in range(20)]

    assert answers == [200] * 20


def test_many_at_once_do_not_wait_one_after_the_other(redis_is_away, took):
    def ask() -> None:
        for _ in range(5):
            with pytest.raises(redis.RedisError):
                cache.get("anything")

    callers = [threading.Thread(target=ask) for _ in range(24)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()


def test_intake_takes_links_and_nothing_waits_for_the_workers(
    anonymous_api, api, redis_is_away, took, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        one = anonymous_api.post("/api/v1/ingest/albums/submit-one", {"url": LINK}, format="json")
        many = api.post("/api/v1/ingest/albums/submit", {"urls": [LINK.replace("1", "2")]}, format="json")

    assert (one.status_code, many.status_code) == (202, 202)
    assert AlbumSource.objects.filter(status="queued").count() == 2


def test_enqueueing_many_waits_for_redis_once_and_warns_once(
    redis_is_away, took, django_capture_on_commit_callbacks, caplog
):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(50):
            enqueue.after_commit("ensure_playlist_for_account", copy_id=number)

    assert [record.levelname for record in caplog.records if record.name == "accounts.outages"] == ["WARNING"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
