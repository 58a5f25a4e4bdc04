"""A whole day at DEBUG: no token, key or secret stands in a log, in Redis, on a page or a command line."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from cryptography import fernet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from tests.e2e import days
from vibe_project import demo

pytestmark = [
    pytest.mark.e2e,
    # Each refresh brings a new refresh token, so that these travel too.
    pytest.mark.sandbox(albums=120, rotate_refresh_tokens=True),
    pytest.mark.xdist_group("worker"),
]
SENTENCE = "calm songs for a rainy sunday"


@pytest.fixture
def canaries(settings) -> dict[str, str]:
    """Secrets that exist nowhere else, by the names they have in the environment."""
    names = ("ADMIN_API_KEY", "SPOTIFY_CLIENT_SECRET", "GEMINI_API_KEY")
    made = {name: f"canary{secrets.token_hex(16)}" for name in names}
    for name, value in made.items():
        setattr(settings, name, value)
    settings.SPOTIFY_TOKEN_KEYS = [fernet.Fernet.generate_key().decode() for _ in range(2)]
    return made | {"SPOTIFY_TOKEN_KEY": ",".join(settings.SPOTIFY_TOKEN_KEYS)}


@pytest.fixture
def worker_environment(worker_environment, canaries) -> dict[str, str]:
    return worker_environment | canaries | {"LOG_LEVEL": "DEBUG"}


@pytest.fixture
def overheard(redis_db) -> Iterator[list[str]]:
    """Every command that Redis is given meanwhile: messages are gone from it once they are read."""
    heard: list[str] = []
    patient = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None)
    with patient, patient.monitor() as monitor:
        listener = threading.Thread(target=listen, args=(monitor, heard), daemon=True)
        listener.start()
        yield heard
        redis_db.echo("that is all")
        listener.join(timeout=10)


def listen(monitor, heard: list[str]) -> None:
    for said in monitor.listen():
        heard.append(said["command"])
        if said["command"] == "ECHO that is all":
            return


# --- where a secret could stand


def stored_in(redis_db) -> str:
    """Every key of this database with its value; read, not dumped, because a dump is compressed."""
    read = {
        b"none": lambda key: "gone meanwhile",
        b"string": redis_db.get,
        b"hash": redis_db.hgetall,
        b"set": redis_db.smembers,
        b"list": lambda key: redis_db.lrange(key, 0, -1),
        b"zset": lambda key: redis_db.zrange(key, 0, -1),
        b"stream": redis_db.xrange,
    }
    return "\n".join(f"{key} {read[redis_db.type(key)](key)}" for key in redis_db.scan_iter())


def unfolded(heard: list[str]) -> str:
    """The commands, and the bodies of Celery's messages, which travel as base64."""
    text = "\n".join(heard)
    bodies = re.findall(r'"body": "([\w+/=]+)"', text)
    return "\n".join([text, *(base64.b64decode(body).decode(errors="replace") for body in bodies)])


def command_lines() -> str:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(lines)


def console_pages(admin_client) -> str:
    pages = [reverse("admin:index"), reverse("admin:accounts_account_changelist")]
    pages += [
        reverse("admin:accounts_account_change", args=[account.pk]) for account in Account.objects.all()
    ]
    return "\n".join(shown(admin_client.get(page)) for page in pages)


def api_bodies(api, anonymous_api) -> str:
    accounts = anonymous_api.get("/api/v1/public/accounts")
    answers = [accounts, api.get("/api/v1/admin/accounts"), api.get("/api/v1/admin/connect?label=Again")]
    for row in accounts.json()["results"]:
        answers.append(anonymous_api.get(f"/api/v1/public/accounts/{row['id']}/playlists"))
    for account in Account.objects.all():
        for action in ("deactivate", "activate"):
            answers.append(api.post(f"/api/v1/admin/accounts/{account.pk}/{action}"))
    return "\n".join(shown(answer) for answer in answers)


def shown(answer) -> str:
    assert answer.status_code == 200, answer.text
    return answer.text


# --- the secrets themselves


def tokens_of(sandbox) -> set[str]:
    return {*sandbox.world.accounts.access, *sandbox.world.accounts.refresh}


def configured(settings, canaries: dict[str, str]) -> set[str]:
    """Also as they travel: without the padding that a URL would escape, and as a Basic header."""
    client = f"{settings.SPOTIFY_CLIENT_ID}:{settings.SPOTIFY_CLIENT_SECRET}"
    keys = {key.rstrip("=") for key in settings.SPOTIFY_TOKEN_KEYS}
    plain = {value for name, value in canaries.items() if name != "SPOTIFY_TOKEN_KEY"}
    return keys | plain | {base64.b64encode(client.encode()).decode().rstrip("=")}


def a_whole_day(client) -> None:
    now = timezone.now()
    demo.connect_accounts(2, now=now)
    days.sign_in(client)
    demo.load_policies(now=now)
    demo.submit(100, now=now)
    days.play("ingest", "enrich", "scale", "curate", "sync")


@pytest.mark.django_db(transaction=True)
def test_no_secret_of_a_whole_day_is_seen_anywhere(
    overheard, worker, worker_environment, network, canaries, settings, sandbox, client, redis_db, api,
    anonymous_api, admin_client,
):  # fmt: skip
    a_whole_day(client)
    issued = tokens_of(sandbox)
    days.expire_and_refresh()
    issued |= tokens_of(sandbox)
    vibe = days.manage(worker_environment, "generate_vibe", SENTENCE, "--json")

    places = {
        "the worker's log": worker.read_text(),
        "a command's output": vibe.stdout + vibe.stderr,
        "what is in Redis": stored_in(redis_db),
        "what went through Redis": unfolded(overheard),
        "the console": console_pages(admin_client),
        "the API": api_bodies(api, anonymous_api),
        "command lines": command_lines(),
    }

    # The day was a real one, and each place is one where a secret would have been found.
    assert demo.faults(today=timezone.now().date()) == []
    assert json.loads(vibe.stdout)["interpreter"] == "gemini"
    assert len(issued) >= 9  # two accounts renewed once, a listener and the app
    for place, sign in SIGNS.items():
        assert re.search(sign, places[place]), place
    wanted = issued | configured(settings, canaries)
    assert [(place, secret[:10]) for secret in wanted for place in places if secret in places[place]] == []


SIGNS = {
    "the worker's log": r"\[debug +\]",
    "a command's output": SENTENCE,
    "what is in Redis": "gemini:answer:",
    "what went through Redis": r'\[\[\], \{"copy_id": \d+\}',
    "the console": "Demo 2",
    "the API": "Demo 2",
    "command lines": "celery -A vibe_project worker",
}
