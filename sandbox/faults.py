"""Scripted faults: which request they meet, what goes wrong with it, and how often."""

import dataclasses
import json
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "status": "answer with `status`, and `body` (JSON) or `text`, and `headers`",
    "throttle": "429 with Retry-After `retry_after`; None leaves the header out; `text` makes the body plain",
    "quota": "429 QUOTA_EXCEEDED with Retry-After `retry_after`",
    "slow": "wait `seconds`, then go on",
    "hold": "wait at the barrier `name` until it is released (at most `seconds`)",
    "cut": "close the connection without a byte of answer",
    "truncate": "announce the whole body, send `at` bytes of it (half where not given), close",
    "drip": "the true answer, one byte of its body every `seconds`; with `key` headers those drip, too",
    "flood": "200 with a JSON list of `at` bytes",
    "html": "200 with an HTML page, as a proxy would",
    "empty": "200 with nothing in it",
    "retype": "the true answer with every value under `key` replaced by `value`",
    "nulls": "the true answer with the `slots` of its first list set to null",
}
"""What can go wrong. `when` is "before" (nothing has happened) or "after" (it has; the answer is lost)."""

HOLD_SECONDS = 120.0


@dataclass(slots=True)
class Fault:
    """Meets requests by method, path (a regular expression) and user id: the `nth`, or by `probability`.

    `times` is how often it fires at most: None means once, or without end with a probability; 0 without end.
    """

    do: str
    method: str = ""
    path: str = ""
    user: str = ""
    nth: int | None = None
    times: int | None = None
    probability: float = 1.0
    seed: int = 0
    when: str = "before"
    status: int = 500
    body: Any = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: int | str | None = 1
    seconds: float | None = None
    name: str = ""
    at: int | None = None
    key: str = ""
    value: Any = None
    slots: list[int] = field(default_factory=lambda: [0])
    number: int = 0
    met: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.do not in KINDS:
            raise ValueError(f"no fault is called {self.do!r}; there are {', '.join(KINDS)}")
        if self.when not in ("before", "after"):
            raise ValueError("`when` is before or after")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"`path` is no regular expression: {error}") from error

    @property
    def limit(self) -> int:
        """How often it fires at most; 0 without end."""
        if self.times is not None:
            return self.times
        return 0 if self.probability < 1 else 1

    def matches(self, method: str, path: str, user: str) -> bool:
        return (
            (not self.method or method == self.method.upper())
            and (not self.path or re.search(self.path, path) is not None)
            and (not self.user or user == self.user)
        )

    def wants(self, draw: float) -> bool:
        """Whether it fires at this, its `met`-th, match."""
        if self.limit and self.fired >= self.limit:
            return False
        return self.met == self.nth if self.nth is not None else draw < self.probability


class Faults:
    """The scripted faults in the order they were added; the first that wants a request has it."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._faults: list[Fault] = []
        self._dice: dict[int, random.Random] = {}
        self._held: Counter[str] = Counter()
        self._released: set[str] = set()
        self._added = 0

    def add(self, do: str, **options: Any) -> Fault:
        """Adds one fault (see KINDS and Fault). Raises ValueError or TypeError for what it does not know."""
        fault = Fault(do, **options)
        with self._lock:
            self._added += 1
            fault.number = self._added
            self._faults.append(fault)
            self._dice[fault.number] = random.Random(f"fault:{fault.seed}")
            self._released.discard(fault.name)
        return fault

    def clear(self) -> None:
        """Removes all faults and lets go whoever is held."""
        with self._lock:
            self._faults.clear()
            self._dice.clear()
            self._released.update(self._held)
            self._lock.notify_all()

    def pick(self, method: str, path: str, user: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method, path, user):
                    continue
                fault.met += 1
                if fault.wants(self._dice[fault.number].random()):
                    fault.fired += 1
                    return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dataclasses.asdict(fault) for fault in self._faults]

    # --- barriers

    def hold(self, fault: Fault) -> None:
        """Called by the held request: returns when the barrier is released, or after its time."""
        with self._lock:
            self._held[fault.name] += 1
            self._lock.notify_all()
            self._lock.wait_for(lambda: fault.name in self._released, timeout=fault.seconds or HOLD_SECONDS)
            self._held[fault.name] -= 1

    def wait_until_held(self, name: str, *, requests: int = 1, timeout: float = 10.0) -> bool:
        """True as soon as so many requests stand at the barrier; False when that did not happen in time."""
        with self._lock:
            return self._lock.wait_for(lambda: self._held[name] >= requests, timeout=timeout)

    def release(self, name: str) -> int:
        """Opens the barrier; returns how many requests stood at it."""
        with self._lock:
            self._released.add(name)
            self._lock.notify_all()
            return self._held[name]

    def held(self) -> dict[str, int]:
        with self._lock:
            return {name: count for name, count in self._held.items() if count}


def spoil(fault: Fault, body: bytes) -> bytes:
    """The true body with wrong types or null slots in it; a body that is not JSON is left as it is."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if fault.do == "retype":
        document = _retyped(document, fault.key, fault.value)
    elif (slots := _first_list(document)) is not None:
        for slot in fault.slots:
            if slot < len(slots):
                slots[slot] = None
    return json.dumps(document).encode()


def _retyped(node: Any, key: str, value: Any) -> Any:
    if isinstance(node, dict):
        return {name: value if name == key else _retyped(child, key, value) for name, child in node.items()}
    if isinstance(node, list):
        return [_retyped(child, key, value) for child in node]
    return node


def _first_list(node: Any) -> list[Any] | None:
    if isinstance(node, list):
        return node
    if isinstance(node, dict):
        # A paging object's rows come before any list inside its other values (images, artists).
        for child in (node.get("items"), *node.values()):
            if isinstance(child, list) and child:
                return child
        return next((found for child in node.values() if (found := _first_list(child)) is not None), None)
    return None
