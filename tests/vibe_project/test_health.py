"""What machines ask."""

import pytest


def test_healthz_needs_nothing(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_is_ok_when_both_stores_answer(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "postgresql": "ok", "redis": "ok"}


@pytest.mark.django_db
def test_readyz_names_the_store_that_is_down(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["redis"] == "down"


@pytest.mark.django_db
def test_metrics_count_the_rows_that_wait(client):
    text = client.get("/metrics").content.decode()

    assert "vibe_album_sources" in text
    assert "vibe_playlist_copies" in text
