"""Several at once, each with its own database connection: one refresh, one probe, nobody lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from accounts.gateway_state import breaker_store, tokens
from accounts.login import key_rotation, onboarding
from accounts.models import Account, Circuit
from accounts.spotify import errors
from tests.accounts.connecting import connected, follow

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ROOT = Path(__file__).resolve().parents[3]


def at_once(action):
    """The outcomes of the action done by eight threads at once: its value, or the error it raised."""
    barrier, outcomes = threading.Barrier(THREADS), []

    def run():
        barrier.wait(timeout=20)
        try:
            outcomes.append(action())
        except (errors.SpotifyError, onboarding.LoginError) as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(outcomes) == THREADS
    return outcomes


def token_calls(sandbox):
    return sum(call.path.endswith("/api/token") for call in sandbox.calls)


@pytest.mark.sandbox(rotate_refresh_tokens=True)
def test_as_many_refreshes_as_expiries_and_nobody_lost(sandbox):
    account = connected()
    before = token_calls(sandbox)

    for _ in range(10):
        Account.objects.update(token_expires_at=timezone.now())
        found = at_once(lambda: tokens.fresh_access_token(account.pk, now=timezone.now()))
        assert len(set(found)) == 1

    assert token_calls(sandbox) - before == 10
    assert Account.objects.get().status == "active"


@pytest.mark.sandbox(rotate_refresh_tokens=True)
def test_a_401_met_by_all_is_one_refresh(sandbox):
    account = connected()
    stale = tokens.fresh_access_token(account.pk, now=timezone.now())
    before = token_calls(sandbox)

    found = at_once(lambda: tokens.renewed_access_token(account.pk, stale=stale, now=timezone.now()))

    assert len(set(found)) == 1
    assert token_calls(sandbox) - before == 1


def test_exactly_one_of_all_probes_a_half_open_circuit():
    now = timezone.now()
    breaker_store.StoredCircuits("app").block("catalogue", seconds=600, reason="test", now=now)
    later = now + dt.timedelta(seconds=601)

    outcomes = at_once(lambda: breaker_store.StoredCircuits("app").admit("catalogue", now=later))

    assert outcomes.count(True) == 1
    assert sum(isinstance(outcome, errors.Blocked) for outcome in outcomes) == THREADS - 1


def test_blocks_met_by_all_at_once_are_one_row():
    now = timezone.now()
    at_once(
        lambda: breaker_store.StoredCircuits("app").block("app", seconds=14_400, reason="blocked", now=now)
    )

    assert Circuit.objects.get().open_until == now + dt.timedelta(seconds=14_400)


def test_a_login_finished_by_all_at_once_is_one_account(sandbox):
    url, _ = onboarding.begin(label="", begun_by=onboarding.API_KEY, now=timezone.now())
    back = follow(url)

    outcomes = at_once(
        lambda: onboarding.finish(
            code=back["code"], state=back["state"], begun_by=onboarding.API_KEY, now=timezone.now()
        )
    )

    assert sum(isinstance(outcome, Account) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, onboarding.LoginError)} == {
        "replayed"
    }


def test_the_same_person_logging_in_by_two_logins_at_once_is_one_account(sandbox):
    user = sandbox.world.users[0].user_id

    at_once(lambda: connected(user).pk)

    assert Account.objects.count() == 1


def test_keys_are_rotated_while_tokens_are_refreshed(sandbox, settings):
    account = connected()
    settings.SPOTIFY_TOKEN_KEYS = [
        "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE=",
        *settings.SPOTIFY_TOKEN_KEYS,
    ]
    turn = iter(range(THREADS))

    def refresh_or_rotate():
        if next(turn) % 2:
            return key_rotation.rotate()
        Account.objects.update(token_expires_at=timezone.now())
        return tokens.fresh_access_token(account.pk, now=timezone.now())

    outcomes = at_once(refresh_or_rotate)
    key_rotation.rotate()
    settings.SPOTIFY_TOKEN_KEYS = settings.SPOTIFY_TOKEN_KEYS[:1]

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert key_rotation.first_unreadable() is None
    assert tokens.fresh_access_token(account.pk, now=timezone.now())


# A process of its own: one that is forked from here would take the locks of this one's threads along.
REFRESHING = """
import sys, django
django.setup()
from django.utils import timezone
from accounts.gateway_state import tokens
tokens.renewed_access_token(int(sys.argv[1]), stale=None, now=timezone.now())
"""


def killed_in_a_refresh(sandbox, account, environment):
    """A process dies by SIGKILL when Spotify has answered its refresh and before it could store that."""
    sandbox.faults.add("hold", path="/api/token", when="after", name="granted")
    command = [sys.executable, "-c", REFRESHING, str(account.pk)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as child:
        assert sandbox.faults.wait_until_held("granted", timeout=60), f"exit code: {child.poll()}"
        child.kill()
    sandbox.faults.clear()


def test_a_process_killed_between_the_grant_and_its_storing_loses_nothing(sandbox, child_environment):
    account = connected()
    Account.objects.update(token_expires_at=timezone.now())

    killed_in_a_refresh(sandbox, account, child_environment)

    assert tokens.renewed_access_token(account.pk, stale=None, now=timezone.now())
    assert Account.objects.get().status == "active"


@pytest.mark.sandbox(rotate_refresh_tokens=True)
def test_a_rotated_refresh_token_lost_with_its_process_asks_for_a_login_and_erases_nothing(
    sandbox, child_environment
):
    account = connected()
    Account.objects.update(token_expires_at=timezone.now())

    killed_in_a_refresh(sandbox, account, child_environment)

    with pytest.raises(errors.NeedsReauth):
        tokens.renewed_access_token(account.pk, stale=None, now=timezone.now())
    left = Account.objects.get()
    assert left.status == "needs_reauth"
    assert bool(left.refresh_token)
