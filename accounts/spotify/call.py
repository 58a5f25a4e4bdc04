"""One call through the door, with its attempts: capability, circuit, pace, token, wire, judgement, notes."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from accounts.spotify import breaker, budget, capabilities, client, errors, limiter, responses, retry

T = TypeVar("T")

# How long a call may stand in line for its turn; then the row goes back and the worker does something else.
LONGEST_WAIT_SECONDS = {"listener": 5.0, "sync": 10.0, "ingest": 10.0}
# What one call may take with all its attempts and waits; the last request's own deadline is cut to fit.
CALL_SECONDS = 60.0
PREMIUM_BLOCK_SECONDS = 3600
QUOTA_TEXT = "Spotify's quota for these calls is used up"
BLOCK_TEXT = "Spotify blocks this app's calls"
PAUSE_TEXT = "Spotify asks for a pause"
BUDGET_TEXT = "our own budget of these calls for 24 hours is spent (SPOTIFY_DAILY_CALLS)"
LINE_TEXT = "other calls have their turn first"


class Tokens(Protocol):
    """Where the bearer token comes from. Both may raise NeedsReauth, Blocked or Unavailable."""

    def current(self) -> str: ...

    def renewed(self, stale: str) -> str:
        """A token other than `stale`, which Spotify just refused."""


class Counter(Protocol):
    def count(
        self, endpoint: str, *, throttled: bool, failed: bool, waited_ms: int, now: dt.datetime
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the door needs, assembled by accounts/gateway_state/gateways.py.
    `account`: whose bucket pays, None for the app's token.
    """

    mode: str
    market: str
    api_url: str
    lane: str
    account: str | None
    tokens: Tokens
    circuits: breaker.Circuits
    budgets: budget.Budgets
    learned: capabilities.Learned
    limiter: limiter.Limiter
    counter: Counter
    clock: Callable[[], dt.datetime]
    sleep: Callable[[float], None]
    rng: random.Random


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What is to be done: the request, how its answer is read, and which ids it is about.

    `control` sends the same request about another id, to tell a dead id from a dead endpoint.
    """

    endpoint: capabilities.Endpoint
    send: Callable[[client.Client], responses.Answer]
    read: Callable[[responses.Answer], T]
    about: Sequence[str] = ()
    control: Callable[[client.Client, str], responses.Answer] | None = None


class _Stale(Exception):
    """Spotify refused the token."""


class Call(Generic[T]):
    def __init__(self, parts: Parts, asked: Asked[T]) -> None:
        self._parts = parts
        self._asked = asked
        self._endpoint = asked.endpoint
        self._token = ""
        self._doubtful = False
        self._ends_at = parts.clock() + dt.timedelta(seconds=CALL_SECONDS)

    def run(self) -> T:
        """The answer as `read` makes it, after at most six attempts and a minute;
        every other end is an error of errors.py.
        """
        self._refuse_missing()
        self._check_circuits()
        self._token = self._parts.tokens.current()
        renewed = False
        attempt = 1
        while True:
            try:
                outcome = self._attempt()
            except _Stale:
                if renewed:
                    raise self._unavailable("Spotify refuses a token it has just given", 401) from None
                self._token, renewed = self._parts.tokens.renewed(self._token), True
                continue
            except errors.Blocked:
                if self._doubtful:
                    raise self._ambiguous("stopped after an attempt that may have worked") from None
                raise
            if not isinstance(outcome, responses.Failed):
                return outcome
            self._apply_decision(outcome, attempt)
            attempt += 1

    # --- before

    def _refuse_missing(self) -> None:
        endpoint, now = self._endpoint, self._parts.clock()
        if not capabilities.in_mode(endpoint, self._parts.mode):
            raise errors.CapabilityMissing(
                f"{endpoint.name} does not exist in {self._parts.mode} mode", capability=endpoint.name
            )
        if endpoint.refusals is not None:
            record = self._parts.learned.record(endpoint.name, now=now)
            if not capabilities.usable(record, now):
                raise self._missing(record)

    def _missing(self, record: capabilities.Record) -> errors.CapabilityMissing:
        return errors.CapabilityMissing(
            f"Spotify no longer offers {self._endpoint.name} to this app",
            capability=self._endpoint.name,
            since=record.missed_since,
            endpoint=self._endpoint.name,
        )

    def _check_circuits(self) -> None:
        now = self._parts.clock()
        for bucket in (breaker.APP, self._endpoint.bucket):
            self._parts.circuits.check(bucket, now=now)

    def _check_budget(self) -> None:
        """A spent budget opens the bucket's circuit: no call asks again, and the console says why."""
        now, bucket = self._parts.clock(), self._endpoint.bucket
        if (until := self._parts.budgets.spent_until(bucket, now=now)) is not None:
            self._block(bucket, (until - now).total_seconds(), BUDGET_TEXT, now)

    def _seconds_left(self) -> float:
        return (self._ends_at - self._parts.clock()).total_seconds()

    def _client(self) -> client.Client:
        return client.Client(
            self._token, api_url=self._parts.api_url, seconds_left=max(1.0, self._seconds_left())
        )

    @contextlib.contextmanager
    def _turn(self) -> Iterator[int]:
        """This call's turn, for as long as the block lasts; the milliseconds it was waited for."""
        waited_ms, lease = self._acquire_turn()
        try:
            yield waited_ms
        finally:
            self._parts.limiter.done(lease)

    def _acquire_turn(self) -> tuple[int, str]:
        """Wait for this call's turn: (milliseconds it took, lease). Blocked when it would take too long."""
        patience = LONGEST_WAIT_SECONDS[self._parts.lane]
        waited = 0.0
        while True:
            turn = self._parts.limiter.ask(lane=self._parts.lane, account=self._parts.account)
            if not turn.wait_seconds:
                return int(waited * 1000), turn.lease
            if waited + turn.wait_seconds > patience:
                reason = PAUSE_TEXT if turn.why == "hold" else LINE_TEXT
                raise self._blocked(turn.wait_seconds, reason=reason, bucket="pace")
            self._parts.sleep(turn.wait_seconds)
            waited += turn.wait_seconds

    # --- one attempt

    def _attempt(self) -> T | responses.Failed:
        self._check_circuits()
        self._check_budget()
        with self._turn() as waited_ms:
            now = self._parts.clock()
            probing = [
                bucket
                for bucket in (breaker.APP, self._endpoint.bucket)
                if self._parts.circuits.admit(bucket, now=now)
            ]
            answer = self._exchange(waited_ms)
        # The turn is over: judging may need another one.
        outcome = answer if isinstance(answer, responses.Failed) else self._judged(answer)
        if isinstance(outcome, responses.Failed):
            self._note_failure(outcome, probing)
        else:
            self._note_success()
        return outcome

    def _exchange(self, waited_ms: int) -> responses.Answer | responses.Failed:
        try:
            answer = self._asked.send(self._client())
        except client.WireError as error:
            self._count(failed=True, waited_ms=waited_ms)
            return error.failed()
        self._count(throttled=answer.status == 429, failed=answer.status >= 500, waited_ms=waited_ms)
        return answer

    def _judged(self, answer: responses.Answer) -> T | responses.Failed:
        """Judge and read; typed errors of permanent refusals are raised after their own bookkeeping."""
        if answer.status == 401:
            raise _Stale
        try:
            failed = responses.judge(answer, endpoint=self._endpoint.name, now=self._parts.clock())
        except errors.SpotifyError as error:
            self._note_success(refused=True)
            raise self._refused(error) from None
        return failed or self._read(answer)

    def _read(self, answer: responses.Answer) -> T | responses.Failed:
        try:
            return self._asked.read(answer)
        except errors.BadAnswer as error:
            if self._endpoint.writes:
                raise self._ambiguous(f"it worked, but the answer is unreadable: {error.message}") from None
            return responses.Failed(retry.Failure.BROKEN, error.message, answer.status, bad_answer=True)

    def _count(self, *, throttled: bool = False, failed: bool = False, waited_ms: int = 0) -> None:
        self._parts.counter.count(
            self._endpoint.name,
            throttled=throttled,
            failed=failed,
            waited_ms=waited_ms,
            now=self._parts.clock(),
        )

    # --- after

    def _note_success(self, *, refused: bool = False) -> None:
        """Any proper answer shows that Spotify is there; a good one also that the endpoint is."""
        now = self._parts.clock()
        for bucket in (breaker.APP, self._endpoint.bucket):
            self._parts.circuits.succeeded(bucket, now=now)
        if not refused and self._endpoint.refusals is not None:
            about = self._asked.about
            self._parts.learned.worked(self._endpoint.name, about[0] if len(about) == 1 else "", now=now)

    def _note_failure(self, failed: responses.Failed, probing: Sequence[str]) -> None:
        now, target = self._parts.clock(), ",".join(self._asked.about)[:100]
        if failed.kind is retry.Failure.THROTTLED:
            for bucket in probing:
                self._parts.circuits.failed(bucket, target=target, now=now)
            return
        self._doubtful = self._doubtful or (self._endpoint.writes and failed.kind is retry.Failure.BROKEN)
        bucket = breaker.APP if failed.kind is retry.Failure.UNSENT else self._endpoint.bucket
        for name in dict.fromkeys([*probing, bucket]):
            self._parts.circuits.failed(name, target=target, now=now)

    def _apply_decision(self, failed: responses.Failed, attempt: int) -> None:
        """Do what the retry decision says: sleep here, or end the call."""
        decision = retry.decide(
            attempt=attempt,
            failure=failed.kind,
            repeatable=self._endpoint.repeatable,
            writes=self._endpoint.writes,
            retry_after=failed.retry_after,
            rng=self._parts.rng,
        )
        if failed.kind is retry.Failure.THROTTLED:
            self._apply_retry_after(failed, decision)
        if isinstance(decision, retry.Wait) and decision.seconds >= self._seconds_left():
            is_pause = failed.kind is retry.Failure.THROTTLED
            decision = retry.Later(decision.seconds) if is_pause else retry.Stop()
        if isinstance(decision, retry.Wait):
            self._parts.sleep(decision.seconds)
        elif isinstance(decision, retry.Later):
            raise self._put_off(PAUSE_TEXT, decision.seconds, "pace")
        else:
            raise self._given_up(failed)

    def _apply_retry_after(self, failed: responses.Failed, decision: retry.Decision) -> None:
        """A 429 concerns everybody: a short one holds the app's pace, a long one or a used-up quota opens
        a circuit.
        """
        seconds = failed.retry_after or (
            decision.seconds if isinstance(decision, retry.Wait | retry.Later) else 0.0
        )
        now = self._parts.clock()
        if failed.quota:
            self._block(self._endpoint.bucket, seconds, QUOTA_TEXT, now)
        if seconds > retry.LONG_BLOCK_SECONDS:
            self._block(breaker.APP, seconds, BLOCK_TEXT, now)
        self._parts.limiter.hold(seconds)

    def _block(self, bucket: str, seconds: float, reason: str, now: dt.datetime) -> None:
        until = self._parts.circuits.block(bucket, seconds=seconds, reason=reason, now=now)
        if self._doubtful:
            raise self._ambiguous("stopped after an attempt that may have worked")
        raise errors.Blocked(until, reason=reason, bucket=bucket, endpoint=self._endpoint.name)

    def _put_off(self, reason: str, seconds: float, bucket: str) -> errors.SpotifyError:
        if self._doubtful:
            return self._ambiguous("stopped after an attempt that may have worked")
        return self._blocked(seconds, reason=reason, bucket=bucket)

    def _given_up(self, failed: responses.Failed) -> errors.SpotifyError:
        if self._doubtful:
            return self._ambiguous(failed.message, failed.status)
        if failed.bad_answer:
            return errors.BadAnswer(failed.message, endpoint=self._endpoint.name, status=failed.status)
        return self._unavailable(failed.message, failed.status)

    # --- refusals

    def _refused(self, error: errors.SpotifyError) -> errors.SpotifyError:
        """The error to raise: the refusal itself, or what a row of refusals proves about the app."""
        if isinstance(error, errors.Forbidden) and error.reason == "premium":
            self._block(breaker.APP, PREMIUM_BLOCK_SECONDS, error.message, self._parts.clock())
        gone = isinstance(error, errors.NotFound) or (
            isinstance(error, errors.Forbidden) and error.reason in ("removed", "unknown")
        )
        if not gone or self._endpoint.refusals is None:
            return error
        now = self._parts.clock()
        record = self._parts.learned.missed(self._endpoint.name, self._asked.about, now=now)
        if not capabilities.looks_gone(record, self._endpoint) or self._others_live(record, error):
            return error
        self._parts.learned.switch_off(
            self._endpoint.name, reason=f"{error.status}: {error.message}", now=now
        )
        return self._missing(record)

    def _others_live(self, record: capabilities.Record, error: errors.SpotifyError) -> bool:
        """Twenty dead links in a row are no dead endpoint: ask about an id that was good before."""
        if error.status != 404 or self._asked.control is None or not record.last_good_id:
            return False
        try:
            with self._turn() as waited_ms:
                answer = self._asked.control(self._client(), record.last_good_id)
        except client.WireError:
            return True
        self._count(throttled=answer.status == 429, failed=answer.status >= 500, waited_ms=waited_ms)
        if answer.status == 200:
            self._parts.learned.worked(self._endpoint.name, record.last_good_id, now=self._parts.clock())
        return answer.status not in (403, 404, 410)

    # --- errors

    def _blocked(self, seconds: float, *, reason: str, bucket: str) -> errors.Blocked:
        until = self._parts.clock() + dt.timedelta(seconds=seconds)
        return errors.Blocked(until, reason=reason, bucket=bucket, endpoint=self._endpoint.name)

    def _unavailable(self, message: str, status: int | None) -> errors.Unavailable:
        return errors.Unavailable(message, endpoint=self._endpoint.name, status=status)

    def _ambiguous(self, message: str, status: int | None = None) -> errors.Ambiguous:
        return errors.Ambiguous(message, endpoint=self._endpoint.name, status=status)
