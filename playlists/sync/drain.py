"""Work through what the copies of an account have waiting: under its lock, the most important first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account
from playlists import locks
from playlists.models import Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.sync import audit, push

# Outcomes after which the account's other copies would fare no better now.
STOPPERS = {"paused", "busy", "blocked"}
CANARY_WAIT = dt.timedelta(seconds=5)
Allowance = Callable[[dt.datetime], int | None]


@dataclass
class Drained:
    """How many pushes ended how; `until`: when the door opens again where it shut."""

    states: Counter[str] = field(default_factory=Counter)
    until: dt.datetime | None = None
    messages: list[str] = field(default_factory=list)
    stopped: bool = False

    def add(self, outcome: push.PushResult) -> None:
        self.states[outcome.state] += 1
        if outcome.state in STOPPERS:
            self.stopped = True
            self.until = outcome.until
        if outcome.message and outcome.state not in {"synced", "unchanged", "archived"}:
            self.messages.append(outcome.message)

    def merge(self, other: Drained) -> None:
        self.states.update(other.states)
        self.messages += other.messages
        if other.stopped:
            self.stopped, self.until = True, other.until


def due(now: dt.datetime) -> QuerySet[PlaylistCopy]:
    """Copies with something to write, in the order in which they get it."""
    return PlaylistCopy.objects.due(now).order_by("-playlist__importance", "playlist__global_index", "id")


def due_outside_windows(now: dt.datetime) -> QuerySet[PlaylistCopy]:
    """What the sweep may enqueue: a list whose sync window has opened, and what somebody began and did not
    finish.

    Lists built at 04:00 wait for the window of the sync, wherever operators put it."""
    listed = Snapshot.objects.filter(pk=OuterRef("newest_id")).values("date")[:1]
    opened = StageRun.objects.filter(stage=StageRun.Stage.SYNC, run_date__gte=OuterRef("newest_date"))
    begun = (
        Q(attempts__gt=0)
        | Q(not_before__isnull=False)
        | Q(intent_at__isnull=False)
        | Q(status=PlaylistCopy.Status.SYNCING)
        | Q(is_wanted=False)
        | Q(playlist__status=Playlist.Status.RETIRED)
    )
    return due(now).annotate(newest_date=Subquery(listed)).filter(Exists(opened) | begun)


def mark_waiting() -> int:
    """Say on every copy that is behind why it waits, where its account may not be written to; how many."""
    marked = 0
    for owner in Account.objects.exclude(status=Account.Status.ACTIVE):
        behind = PlaylistCopy.objects.wanted().live().behind().filter(account=owner)
        found = list(behind.values_list("pk", flat=True))
        marked += PlaylistCopy.objects.filter(pk__in=found).update(
            status=PlaylistCopy.Status.PENDING, error_kind="account", error_message=push.waits_for(owner)
        )
    return marked


def account(
    account_id: int,
    *,
    clock: push.Clock,
    date: dt.date,
    allowance: Allowance,
    time_left: Callable[[], float] | None = None,
    only: Iterable[int] | None = None,
) -> Drained:
    """Push what is due on one account under its lock, until nothing is left, time is up or the door shuts.

    Looks through the account's own playlists once a date first. `allowance` is asked before each copy: how
    many accounts may write now (None: all), -1 where the sync is to stop. `only` keeps to these copies."""
    drained, tried = Drained(), set[int]()
    with locks.account(account_id) as lock:
        if lock is None:
            drained.add(push.PushResult(0, "busy", "Another process is writing to this account."))
            return drained
        drained.messages += audit.audit_daily(account_id, date=date, clock=clock)
        while not drained.stopped and (time_left is None or time_left() > 0):
            waiting = due(clock()).filter(account=account_id).exclude(pk__in=tried)
            chosen = (
                (waiting if only is None else waiting.filter(pk__in=list(only)))
                .values_list("pk", flat=True)
                .first()
            )
            if chosen is None or _must_wait(account_id, drained, allowance(clock()), clock()):
                break
            tried.add(chosen)
            drained.add(push.push_locked(chosen, lock=lock, clock=clock))
    return drained


def _must_wait(account_id: int, drained: Drained, allowed: int | None, now: dt.datetime) -> bool:
    """Whether the canaries are out on other accounts (look again soon) or did not come back (a person
    decides). Each account under way has one copy at a time out; as many of them as are allowed go on.
    """
    if allowed is None or (allowed > 0 and account_id in locks.under_way()[:allowed]):
        return False
    drained.stopped, drained.until = True, now + CANARY_WAIT if allowed > 0 else None
    return True
