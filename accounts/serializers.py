"""What the API says about accounts and logins; tokens are in none of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.login import onboarding
from accounts.models import Account


class BegunLogin(serializers.Serializer[dict[str, str]]):
    authorize_url = serializers.URLField(help_text="Where the account's owner logs in.")
    state = serializers.CharField(help_text="Works once, for ten minutes.")


class AccountOut(serializers.Serializer[Account]):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not DRF's own label
    spotify_user_id = serializers.CharField()
    spotify_account_id = serializers.CharField(allow_null=True)
    display_name = serializers.CharField()
    status = serializers.ChoiceField(choices=Account.Status.choices)
    status_reason = serializers.CharField()
    token_expires_at = serializers.DateTimeField(allow_null=True)
    authorized_at = serializers.DateTimeField(allow_null=True)
    reauth_due_at = serializers.DateTimeField(allow_null=True)
    scopes = serializers.SerializerMethodField()
    missing_scopes = serializers.SerializerMethodField()
    max_playlists = serializers.IntegerField(allow_null=True)
    calls_24h = serializers.SerializerMethodField(help_text="Calls to Spotify in the last day.")
    throttled_24h = serializers.SerializerMethodField(help_text="Of these, answered with 429.")

    def get_scopes(self, account: Account) -> list[str]:
        return account.scopes.split()

    def get_missing_scopes(self, account: Account) -> list[str]:
        return onboarding.missing_scopes(account)

    def get_calls_24h(self, account: Account) -> int:
        return self._number(account, "calls")

    def get_throttled_24h(self, account: Account) -> int:
        return self._number(account, "throttled")

    def _number(self, account: Account, name: str) -> int:
        numbers: dict[int, Any] = self.context.get("numbers", {})
        return getattr(numbers.get(account.pk), name, 0)


class AccountList(serializers.Serializer[dict[str, Any]]):
    results = AccountOut(many=True)


class FinishedLogin(serializers.Serializer[dict[str, Any]]):
    account = AccountOut()
    detail = serializers.CharField()
