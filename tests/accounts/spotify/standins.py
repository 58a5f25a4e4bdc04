"""In-memory parts of the door, and a Spotify that answers from a script."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace
from typing import Any

from requests.structures import CaseInsensitiveDict

from accounts.spotify import breaker, call, capabilities, client, errors, responses
from accounts.spotify.limiter import Turn

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> dt.datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)


class Circuits:
    """The moves of breaker.py over a dictionary."""

    def __init__(self) -> None:
        self.states: dict[str, breaker.State] = {}

    def _state(self, bucket):
        return self.states.get(bucket, breaker.State())

    def check(self, bucket, *, now):
        until = breaker.blocked_until(self._state(bucket), now)
        if until is not None:
            raise errors.Blocked(until, reason=self._state(bucket).reason, bucket=bucket)

    def admit(self, bucket, *, now):
        self.check(bucket, now=now)
        if not breaker.probe_due(self._state(bucket), now):
            return False
        self.states[bucket] = breaker.probing(self._state(bucket), now)
        return True

    def succeeded(self, bucket, *, now):
        self.states[bucket] = breaker.after_success(self._state(bucket))

    def failed(self, bucket, *, target, now):
        self.states[bucket] = breaker.after_failure(self._state(bucket), target=target, now=now)

    def block(self, bucket, *, seconds, reason, now):
        self.states[bucket] = breaker.opened(self._state(bucket), seconds=seconds, reason=reason, now=now)
        return self.states[bucket].open_until


class Learned:
    def __init__(self) -> None:
        self.records: dict[str, capabilities.Record] = {}

    def record(self, name, *, now):
        return self.records.get(name, capabilities.Record())

    def missed(self, name, ids, *, now):
        self.records[name] = capabilities.after_miss(self.record(name, now=now), ids, now=now)
        return self.records[name]

    def worked(self, name, good_id, *, now):
        self.records[name] = capabilities.after_success(self.record(name, now=now), good_id)

    def switch_off(self, name, *, reason, now):
        self.records[name] = replace(self.record(name, now=now), available=False, changed_at=now)


class Limiter:
    """Grants at once, unless `turns` are prepared."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.held: list[float] = []
        self.given_back: list[str] = []

    def ask(self, *, lane, account):
        return self.turns.pop(0) if self.turns else Turn(0.0)

    def done(self, lease):
        self.given_back.append(lease)

    def hold(self, seconds):
        self.held.append(seconds)


class Tokens:
    def __init__(self) -> None:
        self.renewals: list[str] = []

    def current(self):
        return "token-0"

    def renewed(self, stale):
        self.renewals.append(stale)
        return f"token-{len(self.renewals)}"


class Counter:
    def __init__(self) -> None:
        self.calls: list[tuple[str, bool, bool]] = []

    def count(self, endpoint, *, throttled, failed, waited_ms, now):
        self.calls.append((endpoint, throttled, failed))


class Budgets:
    """Spent until a moment, or (None) not at all."""

    def __init__(self, until=None) -> None:
        self.until = until

    def spent_until(self, bucket, *, now):
        return self.until


def parts(**changes: Any) -> call.Parts:
    clock = Clock()
    made = call.Parts(
        mode="extended",
        market="US",
        api_url="http://127.0.0.1:9/v1",
        lane="ingest",
        account=None,
        tokens=Tokens(),
        circuits=Circuits(),
        budgets=Budgets(),
        learned=Learned(),
        limiter=Limiter(),
        counter=Counter(),
        clock=clock,
        sleep=clock.sleep,
        rng=random.Random(1),
    )
    return replace(made, **changes)


def answer(status: int = 200, body: Any = None, **headers: str) -> responses.Answer:
    text = body if isinstance(body, str) else json.dumps({} if body is None else body)
    return responses.Answer(
        status, CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()}), text
    )


LOST = client.WireError("no answer: ReadTimeout", unsent=False)
REFUSED = client.WireError("no answer: ConnectionError", unsent=True)


class Script:
    """Answers one after another, the last for ever; remembers how often it was asked."""

    def __init__(self, *outcomes: responses.Answer | client.WireError) -> None:
        self.outcomes = list(outcomes)
        self.asked = 0
        self.tokens: list[str] = []

    def __call__(self, spotify: client.Client, *wanted: str) -> responses.Answer:
        self.asked += 1
        self.tokens.append(spotify._auth)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, client.WireError):
            raise outcome
        return outcome
