"""Service accounts and listeners, and what the door to Spotify keeps: logins, circuits, alarms, counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts import encrypted_field


class AccountQuerySet(models.QuerySet["Account"]):
    def active(self) -> AccountQuerySet:
        return self.filter(status=Account.Status.ACTIVE)

    def usable_for_sync(self) -> AccountQuerySet:
        """Active accounts that hold a refresh token, so that a write has a chance."""
        return self.active().exclude(refresh_token="")

    def expiring_before(self, moment: dt.datetime) -> AccountQuerySet:
        return self.active().filter(Q(token_expires_at__isnull=True) | Q(token_expires_at__lt=moment))

    def consent_due_before(self, moment: dt.datetime) -> AccountQuerySet:
        return self.filter(reauth_due_at__lt=moment).exclude(status=Account.Status.DISABLED)


class Account(models.Model):
    """A Spotify user that Vibe publishes through."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        NEEDS_REAUTH = "needs_reauth"
        DISABLED = "disabled"

    label = models.CharField(max_length=100, blank=True)
    spotify_user_id = models.CharField(max_length=100)
    # Spotify's immutable id (2026-05); older answers lack it, so the user id stays the fallback.
    spotify_account_id = models.CharField(max_length=100, null=True, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.TextField(blank=True)
    access_token = encrypted_field.EncryptedTextField(blank=True, editable=False)
    refresh_token = encrypted_field.EncryptedTextField(blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    # When the accounts service first answered invalid_grant; cleared by the next good refresh or login.
    grant_refused_at = models.DateTimeField(null=True, blank=True, editable=False)
    # No refresh before this moment: the accounts service was down, or refused many accounts at once.
    token_retry_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When /me was last asked whether the account is still there, and since when Spotify refuses it.
    presence_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    absent_since = models.DateTimeField(null=True, blank=True, editable=False)
    authorized_at = models.DateTimeField(null=True, blank=True)
    reauth_due_at = models.DateTimeField(null=True, blank=True)
    scopes = models.TextField(blank=True)
    max_playlists = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        db_table = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["spotify_user_id"], name="accounts_one_row_per_user"),
            models.UniqueConstraint(fields=["spotify_account_id"], name="accounts_one_row_per_account"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "paused", "needs_reauth", "disabled"]),
                name="accounts_status_known",
            ),
        ]
        indexes = [
            # refresh_tokens: active accounts whose token runs out soon.
            models.Index(fields=["token_expires_at"], name="accounts_expiry", condition=Q(status="active")),
        ]

    def __str__(self) -> str:
        return self.label or self.display_name or self.spotify_user_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Never write sealed secrets back: a console form saved meanwhile must not undo a token's refresh."""
        if not self._state.adding and kwargs.get("update_fields") is None and not args:
            written = [field for field in self._meta.concrete_fields if not field.primary_key]
            kwargs["update_fields"] = [
                field.name
                for field in written
                if not isinstance(getattr(self, field.attname), encrypted_field.Sealed)
            ]
        super().save(*args, **kwargs)

    def cap(self, default: int) -> int:
        return default if self.max_playlists is None else self.max_playlists


class Authorization(models.Model):
    """One begun OAuth login: a single-use state bound to whoever began it."""

    class Purpose(models.TextChoices):
        ACCOUNT = "account"
        LISTENER = "listener"

    # SHA-256 of the state: the row alone is not enough to finish a login.
    state_digest = models.CharField(max_length=64, unique=True)
    code_verifier = encrypted_field.EncryptedTextField(editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.ACCOUNT)
    label = models.CharField(max_length=100, blank=True)
    begun_by = models.CharField(max_length=100)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE)
    next_path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "spotify_authorizations"
        indexes = [
            # clear_old_logins: begun logins older than a day go.
            models.Index(fields=["created_at"], name="authorizations_age"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} login begun {self.created_at:%Y-%m-%d %H:%M}"


class Listener(models.Model):
    """A person who saved a vibe to their own Spotify; the session holds this row's id and no token."""

    spotify_user_id = models.CharField(max_length=100, unique=True)
    spotify_account_id = models.CharField(max_length=100, null=True, blank=True, unique=True)
    display_name = models.CharField(max_length=200, blank=True)
    access_token = encrypted_field.EncryptedTextField(blank=True, editable=False)
    refresh_token = encrypted_field.EncryptedTextField(blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.TextField(blank=True)
    # Set when the accounts service refuses the refresh token: the listener signs in again.
    signed_out_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_login_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "listeners"

    def __str__(self) -> str:
        return self.display_name or self.spotify_user_id


class AppToken(models.Model):
    """The app's own token (client credentials) for catalogue reads, shared by all processes."""

    client_id = models.CharField(max_length=100, unique=True)
    access_token = encrypted_field.EncryptedTextField(blank=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    # Set when the accounts service refuses the grant, so that reads use an account's token meanwhile.
    refused_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "spotify_app_tokens"

    def __str__(self) -> str:
        return self.client_id


class Circuit(models.Model):
    """The breaker of one (app, bucket): closed, open until a moment, or half-open with one probe."""

    class State(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"
        HALF_OPEN = "half_open"

    app = models.CharField(max_length=100)
    bucket = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLOSED)
    reason = models.CharField(max_length=200, blank=True)
    # Failures in a row, over all processes; the same target failing again counts once (a dead track fails
    # for ever).
    failures = models.PositiveIntegerField(default=0)
    last_target = models.CharField(max_length=100, blank=True)
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "spotify_circuits"
        constraints = [
            models.UniqueConstraint(fields=["app", "bucket"], name="circuits_one_per_bucket"),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(open_until__isnull=False), name="circuits_open_has_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bucket}: {self.get_state_display()}"


class Capability(models.Model):
    """An endpoint that turned out to be gone for this app, switched off with one alarm."""

    app = models.CharField(max_length=100)
    name = models.CharField(max_length=40)
    available = models.BooleanField(default=True)
    # The different ids that were refused in a row, and since when; emptied by one success.
    missed_ids = models.JSONField(default=list, blank=True)
    missed_since = models.DateTimeField(null=True)
    last_good_id = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "spotify_capabilities"
        constraints = [models.UniqueConstraint(fields=["app", "name"], name="capabilities_one_per_name")]

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """Something an operator must know about the door; one open row per kind and subject, raised once."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    raised_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "spotify_alarms"
        constraints = [
            # One open alarm of a kind about a subject: a second raise only counts.
            models.UniqueConstraint(
                fields=["kind", "subject"], name="alarms_one_open", condition=Q(cleared_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CallCount(models.Model):
    """Calls to Spotify by hour, endpoint and account, so that real limits can be learned."""

    hour = models.DateTimeField()
    endpoint = models.CharField(max_length=60)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE)
    calls = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    waited_ms = models.PositiveBigIntegerField(default=0)
    # Of these calls, those about albums that strangers handed in. A default of the database's: code of before
    # this column still inserts rows.
    for_strangers = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "spotify_call_counts"
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "endpoint", "account"], name="call_counts_one_per_hour", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(throttled__lte=F("calls")), name="call_counts_throttled_are_calls"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%Y-%m-%d %H}h"
