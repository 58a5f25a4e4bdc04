"""Ask the catalogue for many policies at once: one that fails or takes too long is left out, the rest go on.

All policies are answered in one pass, so one bad policy could hold the whole network. Where the pass fails or
exceeds its time, each policy is asked by itself: those that fail, or exceed their share, are to blame.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from django.db import DatabaseError, connection, transaction

from curation.engine import candidates
from curation.policy.language import Policy

T = TypeVar("T")

# A pass over a million tracks for hundreds of policies takes some ten seconds.
PASS_SECONDS = 60.0
# No policy's share of a pass is less: reading a large catalogue takes this long by itself.
LEAST_SECONDS = 5.0

# What a statement's own contents bring about (SQLSTATE): bad data, bad SQL, too large, out of time. Nothing
# else, a lost connection above all, is a policy's fault.
_BLAMES = ("22", "42", "53", "54")
_OUT_OF_TIME = "57014"


def ask(
    policies: Mapping[int, Policy], work: Callable[[Mapping[int, Policy]], T], *, today: dt.date
) -> tuple[T, dict[int, str]]:
    """What `work` makes of the policies that can be answered, and by policy id why the others can not.

    `work` only reads: it may be called twice."""
    try:
        with _at_most(PASS_SECONDS):
            return work(policies), {}
    except DatabaseError as error:
        if not _state(error):
            raise
    seconds = max(PASS_SECONDS / max(len(policies), 1), LEAST_SECONDS)
    troubles = {key: trouble(one, today=today, seconds=seconds) for key, one in policies.items()}
    sound = {key: one for key, one in policies.items() if not troubles[key]}
    return work(sound), {key: why for key, why in troubles.items() if why}


def trouble(policy: Policy, *, today: dt.date, seconds: float) -> str:
    """Why a policy can not be answered within its time, in a sentence; empty where it can. One query."""
    questions, _ = candidates.ask([policy], today=today)
    try:
        with _at_most(seconds):
            candidates.tally(questions)
    except DatabaseError as error:
        state = _state(error)
        if not state:
            raise
        if state == _OUT_OF_TIME:
            return (
                f"The policy takes more than {seconds:g} seconds to answer, and the other playlists do not "
                "wait for it: take conditions or values out."
            )
        return f"The database can not answer the policy: {str(error).strip().splitlines()[0][:200]}"
    return ""


def _state(error: DatabaseError) -> str:
    """The error's SQLSTATE, if it is one that a policy can bring about."""
    state = str(getattr(error.__cause__, "sqlstate", None) or "")
    return state if state == _OUT_OF_TIME or state.startswith(_BLAMES) else ""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Every statement inside ends after so many seconds; what was set before is set again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET, [f"{max(round(seconds * 1000), 1)}ms"])
        before, _ = cursor.fetchone() or ("0", "")
        yield
        cursor.execute(_SET, [before])


_SET = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
