"""The accounts' commands and their exit codes."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Account
from tests.accounts.connecting import connected, follow

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, errors, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=errors)
    except SystemExit as end:
        code = end.code
    return out.getvalue(), code


def begun(*arguments):
    return json.loads(run("connect_account", "--label", "Anna", "--json", *arguments)[0])


def test_connect_account_prints_the_address(sandbox):
    out, code = run("connect_account", "--label", "Anna")

    assert code == 0
    assert out.startswith(sandbox.accounts_url)


def test_connect_account_finishes_with_code_and_state(sandbox):
    back = follow(begun()["authorize_url"])

    out, _ = run("connect_account", "--code", back["code"], "--state", back["state"], "--json")

    assert json.loads(out)["account"] == Account.objects.get(label="Anna").pk
    assert json.loads(out)["missing_scopes"] == []


def test_the_callback_may_finish_what_the_command_began(sandbox, client):
    assert client.get("/api/v1/admin/callback", follow(begun()["authorize_url"])).status_code == 200


def test_connect_account_says_what_is_wrong(sandbox):
    with pytest.raises(CommandError, match="never begun"):
        run("connect_account", "--code", "x", "--state", "y")
    with pytest.raises(CommandError, match="belong together") as caught:
        run("connect_account", "--code", "x")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no account"):
        run("connect_account", "--account", "999999")


def test_connect_account_asks_to_try_later_while_spotify_is_down(sandbox):
    back = follow(begun()["authorize_url"])
    sandbox.faults.add(do="status", path="/api/token", status=503, text="busy")

    assert run("connect_account", "--code", back["code"], "--state", back["state"])[1] == 75


def test_refresh_tokens_counts_and_ends_with_the_codes_of_the_contract(sandbox):
    account = connected()
    Account.objects.update(token_expires_at=timezone.now())

    assert run("refresh_tokens", "--dry-run", "--json") == ('{"due": 1}\n', 0)
    assert json.loads(run("refresh_tokens", "--json")[0]) == {"renewed": 1, "needs_reauth": 0, "delayed": 0}
    Account.objects.update(token_expires_at=timezone.now())
    sandbox.faults.add(do="status", path="/api/token", status=503, text="busy")
    assert run("refresh_tokens")[1] == 75
    sandbox.world.accounts.revoke(account.spotify_user_id)
    Account.objects.update(token_retry_at=None)
    assert run("refresh_tokens")[1] == 3
