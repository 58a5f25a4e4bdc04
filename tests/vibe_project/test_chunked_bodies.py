"""A body sent in chunks, to the server that bin/run starts: read like any other, never taken for none."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator

import pytest

from devstack import processes, programs
from playlists.models import ManagerPlan
from tests.devstack import waiting

KEY = {"X-ADMIN-API-KEY": "test-admin-key"}
EXECUTE = "/api/v1/manager/execute"


@pytest.fixture
def site(child_environment, everything, tmp_path) -> Iterator[int]:
    """The port of a whole web process on this test's own data."""
    port = processes.free_port()
    environment = {**child_environment, "PORT": str(port), "ALLOWED_HOSTS": "127.0.0.1"}
    program = programs.named("web", environment)
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(program.argv, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            waiting.until(lambda: processes.answers(port))
            yield port
        finally:
            process.terminate()
            process.wait(20)


def send(port, path, body, *, headers, chunks=True):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    given = iter([body[:7], body[7:]]) if chunks else body
    connection.request("POST", path, given, headers, encode_chunked=chunks)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, answer.headers.get("Content-Type"), json.loads(read) if read[:1] == b"{" else read


@pytest.mark.django_db(transaction=True)
def test_a_body_in_chunks_is_read(site):
    chunked = {**KEY, "Content-Type": "application/json", "Transfer-Encoding": "chunked"}

    status, _, plan = send(site, EXECUTE, b'{"dry_run": true}', headers=chunked)
    assert (status, plan["id"]) == (200, None)
    assert not ManagerPlan.objects.exists()

    status, kind, problem = send(site, EXECUTE, b'{"dryRun": true}', headers=chunked)
    assert (status, kind) == (400, "application/problem+json")
    assert problem["errors"][0]["path"] == "dryRun"

    text = {**KEY, "Content-Type": "text/plain", "Transfer-Encoding": "chunked"}
    status, _, checked = send(
        site, "/api/v1/ingest/albums/validate", b"spotify:album:4aawyAB9vmqN3uQ7FjRGTy", headers=text
    )
    assert (status, checked["queued"]) == (200, 1)

    form = {"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"}
    status, _, _ = send(site, "/albums", b"url=nonsense", headers=form)
    assert status == 403  # the page's own token is asked for, as without chunks
    assert not ManagerPlan.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_more_in_chunks_than_a_body_may_hold_is_refused_and_the_connection_stays_good(site):
    chunked = {**KEY, "Content-Type": "application/json", "Transfer-Encoding": "chunked"}

    status, kind, problem = send(site, EXECUTE, b'{"a": "' + b"x" * 3_000_000 + b'"}', headers=chunked)

    assert (status, kind) == (413, "application/problem+json")
    assert "2 MB" in problem["detail"]
    status, _, _ = send(
        site, EXECUTE, b'{"dry_run": true}', headers=KEY | {"Content-Type": "application/json"}, chunks=False
    )
    assert status == 200


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "gzip, chunked", "identity"])
def test_a_server_that_does_not_read_chunks_refuses_them_in_front_of_every_view(client, encoding):
    for path in (EXECUTE, "/api/v1/playlist/generate", "/albums", "/admin/login/"):
        answer = client.generic("POST", path, "", headers={**KEY, "Transfer-Encoding": encoding})
        assert answer.status_code == 411
    assert not ManagerPlan.objects.exists()
