"""The encrypted field and its key ring, and re-encrypting what is stored."""

from __future__ import annotations

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import encrypted_field
from accounts.gateway_state import tokens
from accounts.login import key_rotation
from accounts.models import Account
from accounts.spotify import errors
from tests.accounts.connecting import connected

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def account(**more):
    values = {"spotify_user_id": "u", "access_token": "secret-access", "refresh_token": "secret-refresh"}
    return Account.objects.create(**values | more)


def column(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM accounts ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_the_column_is_ciphertext_and_the_value_opens():
    account()

    assert column("access_token")[0].startswith("gAAAA")
    assert encrypted_field.opened(Account.objects.get().access_token) == "secret-access"


def test_a_value_that_was_read_is_sealed_in_every_text_form():
    account()
    read = Account.objects.get()

    assert f"{read.access_token} {read.access_token!r} {read.__dict__}".count("secret-") == 0
    assert "secret-" not in serializers.serialize("json", [read])
    assert "gAAAA" not in serializers.serialize("json", [read])


def test_a_wrong_key_is_loud_when_opened_and_harmless_when_listed(settings):
    account()
    settings.SPOTIFY_TOKEN_KEYS = [NEW]

    (listed,) = Account.objects.all()

    with pytest.raises(encrypted_field.CannotDecrypt, match=r"accounts\.access_token"):
        encrypted_field.opened(listed.access_token)


def test_saving_a_row_read_under_a_wrong_key_keeps_its_ciphertext(settings):
    account()
    before = column("access_token")
    settings.SPOTIFY_TOKEN_KEYS = [NEW]
    row = Account.objects.get()
    row.label = "x"
    row.save()

    assert column("access_token") == before


@pytest.mark.parametrize("ring", [[], ["not a key"]])
def test_a_ring_that_is_none_is_refused(settings, ring):
    settings.SPOTIFY_TOKEN_KEYS = ring

    with pytest.raises(ImproperlyConfigured):
        encrypted_field.key_ring()


def rotate(*arguments):
    out, code = io.StringIO(), 0
    try:
        call_command("rotate_token_keys", "--json", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = end.code
    return json.loads(out.getvalue()), code


def test_rotating_puts_everything_under_the_first_key(settings):
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    account()
    account(spotify_user_id="v", refresh_token="")
    settings.SPOTIFY_TOKEN_KEYS = [NEW, OLD]

    assert rotate() == ({"rotated": 3, "current": 0, "unreadable": 0, "busy": 0}, 0)
    assert rotate() == ({"rotated": 0, "current": 3, "unreadable": 0, "busy": 0}, 0)
    settings.SPOTIFY_TOKEN_KEYS = [NEW]
    assert encrypted_field.opened(Account.objects.first().refresh_token) == "secret-refresh"


def test_a_dry_run_counts_and_writes_nothing(settings):
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    account()
    before = column("access_token")
    settings.SPOTIFY_TOKEN_KEYS = [NEW, OLD]

    assert rotate("--dry-run")[0]["rotated"] == 2
    assert column("access_token") == before


def test_one_row_in_the_middle_under_a_key_that_is_gone_is_found(settings):
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    rows = [account(spotify_user_id=name) for name in ("first", "middle", "last")]
    settings.SPOTIFY_TOKEN_KEYS = [NEW]
    for row in (rows[0], rows[2]):
        row.access_token = row.refresh_token = "again"
        row.save()

    assert key_rotation.first_unreadable() == "accounts.access_token"


def test_a_key_removed_too_early_is_found_and_nothing_is_overwritten(settings):
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    account()
    before = column("access_token")
    settings.SPOTIFY_TOKEN_KEYS = [NEW]

    assert key_rotation.first_unreadable() == "accounts.access_token"
    assert rotate() == ({"rotated": 0, "current": 0, "unreadable": 2, "busy": 0}, 1)
    assert column("access_token") == before


def test_tokens_work_before_during_and_after_a_rotation(sandbox, settings):
    settings.SPOTIFY_TOKEN_KEYS = [OLD]
    connected_account = connected()
    for ring in ([NEW, OLD], [NEW]):
        settings.SPOTIFY_TOKEN_KEYS = ring
        Account.objects.update(token_expires_at=timezone.now())
        assert tokens.fresh_access_token(connected_account.pk, now=timezone.now())
        rotate()


def test_an_unreadable_refresh_token_is_no_lost_login(sandbox, settings):
    row = connected()
    settings.SPOTIFY_TOKEN_KEYS = [NEW]

    with pytest.raises(encrypted_field.CannotDecrypt):
        tokens.renewed_access_token(row.pk, stale="x", now=timezone.now())

    assert not issubclass(encrypted_field.CannotDecrypt, errors.SpotifyError)
    assert Account.objects.get().status == "active"
