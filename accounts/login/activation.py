"""Pausing an account and taking it back: what operators may change about its status, and what not."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Account


class NotAllowed(Exception):
    """The status does not allow this; the message says what to do instead."""


def deactivate(account_id: int, *, reason: str = "Paused by an operator.") -> Account:
    """Pause it: nothing is written to its playlists until it is active again. Safe twice."""
    pausable = Q(status=Account.Status.ACTIVE) | Q(status=Account.Status.NEEDS_REAUTH)
    Account.objects.filter(pausable, pk=account_id).update(status=Account.Status.PAUSED, status_reason=reason)
    return Account.objects.get(pk=account_id)


def fill(account_id: int, *, holds: int) -> None:
    """Spotify takes no more playlists: the account's cap becomes what it holds, and the next plan moves the
    rest. Never raises a cap; an operator may."""
    is_higher = Q(max_playlists=None) | Q(max_playlists__gt=holds)
    Account.objects.filter(is_higher, pk=account_id).update(max_playlists=holds)


def activate(account_id: int) -> Account:
    """Take a paused or disabled account back; NotAllowed where only a new login helps. Safe twice."""
    account = Account.objects.get(pk=account_id)
    if account.status == Account.Status.NEEDS_REAUTH or not account.refresh_token or account.grant_refused_at:
        raise NotAllowed("Spotify no longer accepts this account's login: connect it again.")
    Account.objects.filter(pk=account_id).update(
        status=Account.Status.ACTIVE, status_reason="", absent_since=None, presence_asked_at=None
    )
    account.refresh_from_db()
    return account
