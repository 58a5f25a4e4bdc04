"""The circuit breaker's states and moves, pure: closed, open until a moment, half-open with one probe.

A circuit belongs to one (app, bucket). The rows and the races are accounts/gateway_state/breaker_store.py's;
here is only what follows from what. The bucket "app" holds for every call of the app, the others for the
endpoints that share a quota:

    >>> after_failure(State(failures=4), target="b", now=now).open_until   # the fifth failure in a row
    now + ten minutes
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Protocol

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 600
# Longer than one call can take (connect 3.05 s + read 20 s), so that two probes never overlap.
PROBE_SECONDS = 60
APP = "app"

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"


@dataclass(frozen=True, slots=True)
class State:
    state: str = CLOSED
    reason: str = ""
    failures: int = 0
    last_target: str = ""
    open_until: dt.datetime | None = None
    probe_until: dt.datetime | None = None


class Circuits(Protocol):
    """What the gateway needs of the stored circuits of one app."""

    def check(self, bucket: str, *, now: dt.datetime) -> None:
        """Raise Blocked where no call may pass now."""

    def admit(self, bucket: str, *, now: dt.datetime) -> bool:
        """Let one call through, or raise Blocked. True when this call is the one probe of a half-open
        circuit.
        """

    def succeeded(self, bucket: str, *, now: dt.datetime) -> None: ...

    def failed(self, bucket: str, *, target: str, now: dt.datetime) -> None: ...

    def block(self, bucket: str, *, seconds: float, reason: str, now: dt.datetime) -> dt.datetime:
        """Open until now + max(600, seconds), never sooner than it was open before; returns until when."""


def after_failure(state: State, *, target: str, now: dt.datetime) -> State:
    """One more failure in a row. The same target again does not count:
    one dead track must not stop the network.
    """
    if state.state == HALF_OPEN:
        return opened(state, seconds=OPEN_SECONDS, reason=state.reason, now=now)
    if state.state == OPEN or (state.failures and target == state.last_target):
        return state
    state = replace(state, failures=state.failures + 1, last_target=target)
    if state.failures < FAILURES_TO_OPEN:
        return state
    return opened(state, seconds=OPEN_SECONDS, reason="Spotify fails: five calls in a row", now=now)


def after_success(state: State) -> State:
    """A good answer closes a half-open circuit and ends a row of failures;
    an open one stays open until its time.
    """
    return state if state.state == OPEN else State()


def opened(state: State, *, seconds: float, reason: str, now: dt.datetime) -> State:
    """Open for max(600 s, what Spotify asked for); an earlier, longer block is never shortened."""
    until = now + dt.timedelta(seconds=max(OPEN_SECONDS, seconds))
    if state.open_until is not None and state.state != CLOSED and state.open_until >= until:
        return replace(state, state=OPEN, probe_until=None)
    return replace(state, state=OPEN, reason=reason, open_until=until, probe_until=None)


def blocked_until(state: State, now: dt.datetime) -> dt.datetime | None:
    """Until when no call may pass; None where calls pass or a probe is due."""
    if state.state == CLOSED:
        return None
    if state.open_until is not None and state.open_until > now:
        return state.open_until
    if state.state == HALF_OPEN and state.probe_until is not None and state.probe_until > now:
        return state.probe_until
    return None


def probe_due(state: State, now: dt.datetime) -> bool:
    return state.state != CLOSED and blocked_until(state, now) is None


def probing(state: State, now: dt.datetime) -> State:
    return replace(state, state=HALF_OPEN, probe_until=now + dt.timedelta(seconds=PROBE_SECONDS))
