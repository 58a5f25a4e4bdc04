"""A new token key while workers run: no call fails, nothing is lost, and the old key is missed loudly."""

from __future__ import annotations

import pytest
from cryptography import fernet
from django.core import management
from django.utils import timezone

from accounts.gateway_state import tokens
from accounts.login import key_rotation
from accounts.models import Account
from tests.devstack import waiting
from tests.e2e import days
from vibe_project import demo

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox(albums=120), pytest.mark.xdist_group("worker")]
OLD, NEW = fernet.Fernet.generate_key().decode(), fernet.Fernet.generate_key().decode()


def secrets_under(key: str) -> dict[str, list[bool]]:
    """For each column that holds secrets, whether this key alone opens them."""
    return {
        f"{model._meta.db_table}.{column}": [
            opens(key, secret.ciphertext)
            for secret in model._default_manager.exclude(**{column: ""}).values_list(column, flat=True)
        ]
        for model, column in key_rotation.COLUMNS
    }


def opens(key: str, ciphertext: str) -> bool:
    try:
        fernet.Fernet(key).decrypt(ciphertext.encode())
    except fernet.InvalidToken:
        return False
    return True


def all_under(key: str) -> bool:
    """Whether every column holds secrets, each of them under this key."""
    return all(found and all(found) for found in secrets_under(key).values())


def rotate() -> int:
    """The command's exit code."""
    try:
        management.call_command("rotate_token_keys")
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def fill_under_the_old_key(settings, client) -> None:
    """A row in every table that holds secrets."""
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    demo.connect_accounts(2, now=timezone.now())
    days.sign_in(client)
    tokens.app_access_token(now=timezone.now())
    assert all_under(OLD)


def a_day_up_to_its_sync() -> None:
    demo.load_policies(now=timezone.now())
    demo.submit(100, now=timezone.now())
    days.play("ingest", "enrich", "scale", "curate")


def rotate_amid_a_refresh_and_a_write(sandbox) -> list[int]:
    """The command's exit codes, first while one account is being refreshed and another written for."""
    Account.objects.filter(label="Demo 1").update(token_expires_at=timezone.now())
    sandbox.faults.add("hold", path="/api/token", name="refresh")
    sandbox.faults.add("hold", path="/v1/playlists/", method="PUT", name="write")
    syncing = demo.run("sync", today=timezone.now().date())
    next(syncing)
    assert sandbox.faults.wait_until_held("refresh", timeout=30)
    assert sandbox.faults.wait_until_held("write", timeout=30)
    codes = [rotate()]
    sandbox.faults.release("refresh")
    sandbox.faults.release("write")
    codes += [rotate() for _ in syncing]
    return codes


@pytest.mark.django_db(transaction=True)
@pytest.mark.extended
def test_the_key_changes_under_running_workers_and_no_call_fails(
    worker_environment, network, settings, sandbox, client, tmp_path
):
    fill_under_the_old_key(settings, client)
    settings.SPOTIFY_TOKEN_KEYS = [NEW, OLD]
    both = worker_environment | {"SPOTIFY_TOKEN_KEY": f"{NEW},{OLD}"}
    with days.running_worker(both, tmp_path / "both.log"):
        a_day_up_to_its_sync()
        first, *_ = rotate_amid_a_refresh_and_a_write(sandbox)
        days.expire_and_refresh()
        waiting.until(lambda: rotate() == 0, seconds=20)
    assert first == 3  # the row that was being refreshed was left alone, and said to be
    assert all_under(NEW)

    settings.SPOTIFY_TOKEN_KEYS = [NEW]
    alone = worker_environment | {"SPOTIFY_TOKEN_KEY": NEW}
    check = days.manage(alone, "check", "--database", "default")
    with days.running_worker(alone, tmp_path / "alone.log"):
        days.expire_and_refresh()

    assert check.returncode == 0, check.stderr
    assert [call for call in sandbox.calls if call.status >= 400] == []
    assert demo.faults(today=timezone.now().date()) == []
    assert Account.objects.active().filter(grant_refused_at=None, token_retry_at=None).count() == 2
    assert "No key" not in (tmp_path / "both.log").read_text() + (tmp_path / "alone.log").read_text()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", ["check --database default", "migrate"])
def test_without_the_old_key_too_early_nothing_starts(worker_environment, settings, client, command):
    fill_under_the_old_key(settings, client)

    refused = days.manage(worker_environment | {"SPOTIFY_TOKEN_KEY": NEW}, *command.split())
    accepted = days.manage(worker_environment | {"SPOTIFY_TOKEN_KEY": f"{NEW},{OLD}"}, *command.split())

    assert refused.returncode == 1
    assert "accounts.E001" in refused.stderr
    assert accepted.returncode == 0, accepted.stderr
