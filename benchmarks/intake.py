"""How long intake takes over 10,000 links, and over what is no list: `.venv/bin/python -m benchmarks.intake`.

Claim: 10,000 spellings of one album are one new album in under five seconds; what is no list is refused in
under one second, whichever way it comes, with memory flat. Growth is that of Python's peak in a second
run, by tracemalloc; what the client itself holds of the body is in it.
"""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import catalogues

ALBUM = "2noRn2Aes5aoNVsU6iWThc"
SPELLINGS = (
    "https://open.spotify.com/intl-de/album/{}?si={}",
    "spotify:album:{}#{}",
    "<http://play.spotify.com/album/{}/{}>",
    "https://embed.spotify.com/?uri=spotify%3Aalbum%3A{}&n={}",
    '  "open.spotify.com/album/{}?utm_source={}",  ',
)
LINKS = [SPELLINGS[number % 5].format(ALBUM, number) for number in range(10_000)]
DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE: dict[str, bytes] = {
    "10,001 lines": "\n".join([*LINKS, ALBUM]).encode(),
    "a 2 MB line": b"x" * (2 * 1024 * 1024),
    "a gz named .csv": gzip.compress("\n".join(LINKS).encode()),
    "100,000 deep": DEEP.encode(),
    "a NUL": f"{ALBUM}\0".encode(),
    "5 MB": b"x" * 5_000_000,
    "a million words": b"x," * 1_000_000,
    "a million blanks": b"\n" * 2_000_000,
}
SUBMIT = "/api/v1/ingest/albums/submit"
Way = Callable[[bytes], object]


def main() -> None:
    worst = 0.0
    with catalogues.database(redis=True), tempfile.TemporaryDirectory() as folder:
        ways = dict(entrances(Path(folder)))
        for way in ways.values():
            way(b"the first request of a process is not like the others")
        for name, way in ways.items():
            seconds, growth, answer = measured(way, "\n".join(LINKS).encode())
            tell(name, "10,000 spellings", seconds, growth, answer)
        for name, way in ways.items():
            for what, body in HOSTILE.items():
                seconds, growth, answer = measured(way, body)
                tell(name, what, seconds, growth, answer)
                worst = max(worst, seconds)
    print(f"slowest refusal, as a share of the second it may take: {worst:.2f}")


def tell(name: str, what: str, seconds: float, growth: float, answer: object) -> None:
    print(f"{name:<8}{what:<18}{seconds:7.3f} s {growth:+7.1f} MB  {str(answer)[:90]}")


def measured(way: Way, body: bytes) -> tuple[float, float, object]:
    """Seconds, MB that the peak grew by in another run (tracing makes it slow), and what was answered."""
    started = time.perf_counter()
    answer = way(body)
    seconds = time.perf_counter() - started
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    way(body)
    growth = (tracemalloc.get_traced_memory()[1] - before) / 1e6
    tracemalloc.stop()
    return seconds, growth, answer


def entrances(folder: Path) -> Iterator[tuple[str, Way]]:
    """The ways in: JSON and text to the API, the console's form, the command."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import CommandError, call_command
    from django.test import Client
    from django.test.utils import setup_test_environment
    from rest_framework.test import APIClient

    setup_test_environment()
    api, console = APIClient(headers={"X-ADMIN-API-KEY": settings.ADMIN_API_KEY}), Client()
    console.force_login(User.objects.create_superuser("benchmark"))

    def as_text(body: bytes) -> str:
        return told(api.generic("POST", SUBMIT, body, content_type="text/plain"))

    def as_json(body: bytes) -> str:
        text = body.decode("latin-1")
        sent = text if text == DEEP else json.dumps({"urls": text.split("\n")})
        return told(api.generic("POST", SUBMIT, sent, content_type="application/json"))

    def as_upload(body: bytes) -> str:
        upload = SimpleUploadedFile("links.csv", body)
        page = console.post("/admin/catalog/batch/add/", {"file": upload, "queue": "1"})
        if page.status_code == 302:
            return f"302 {page['Location']}"
        return f"{page.status_code} {' '.join(page.context['form'].errors.as_text().split())}"

    def as_command(body: bytes) -> str:
        path = folder / "links.csv"
        path.write_bytes(body)
        out = io.StringIO()
        try:
            call_command("ingest_albums", "--file", str(path), stdout=out, stderr=out)
        except CommandError as error:
            return f"exit {error.returncode}: {error}".replace(f"{folder}/", "")
        except SystemExit as stop:
            return f"exit {stop.code}: {out.getvalue().strip()}"
        return out.getvalue().strip()

    yield from {"text": as_text, "json": as_json, "form": as_upload, "command": as_command}.items()


def told(answer: Any) -> str:
    body = answer.json()
    said = body.get("detail") or f"{body['queued']} new, {body['duplicates']} duplicates"
    return f"{answer.status_code} {said}"


if __name__ == "__main__":
    main()
