"""The night's troubles as sentences: what was late, skipped, tried again, cut short or more than fits."""

from __future__ import annotations

import datetime as dt

import pytest

from playlists.models import StageRun
from playlists.nightly import summary
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 25, 4, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def run(**fields):
    defaults = {
        "stage": "sync", "run_date": AT.date(), "scheduled_at": AT, "started_at": AT,
        "finished_at": AT + HOUR, "state": "done", "trigger": "schedule", "attempts": 1,
    }  # fmt: skip
    return StageRun.objects.create(**defaults | fields)


def test_of_a_night_that_went_as_planned_there_is_nothing_to_tell():
    run(total=5, done=5)

    assert summary.of(AT.date()) == []


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"started_at": AT + HOUR}, "sync was due at 04:10 UTC and began at 05:10."),
        ({"state": "skipped", "error": "Missed: nothing was running."}, "sync was skipped. Missed: nothing"),
        ({"attempts": 3}, "sync was taken up 3 times."),
        (
            {"state": "incomplete", "total": 1372, "done": 1100, "failed": 2},
            "sync was closed with 1,100 of 1,372 done and 270 left.",
        ),
        (
            {"detail": {"forecast": {"fits": False, "words": "Only about 700 copies fit."}}},
            "Before the sync: Only about 700 copies fit.",
        ),
    ],
)
def test_what_did_not_go_as_planned_is_told(fields, told):
    run(**fields)

    (sentence,) = summary.of(AT.date())

    assert sentence.startswith(told)


def test_a_run_made_by_hand_is_never_late():
    run(started_at=AT + HOUR, trigger="by ada")

    assert summary.of(AT.date()) == []


def test_many_of_a_kind_are_counted():
    for number in range(summary.SHOWN + 3):
        owner = worlds.account(f"Service {number}")
        owner.status, owner.grant_refused_at = "needs_reauth", AT
        owner.save()

    told = summary.of(AT.date())

    assert told[0].startswith("The account Service 0 needs a new login since 2026-11-25 04:10 UTC")
    assert told[-1] == "And 3 more of this kind."
    assert len(told) == summary.SHOWN + 1


def test_a_login_refused_after_the_next_plan_is_the_next_nights():
    owner = worlds.account(status="needs_reauth", grant_refused_at=AT + 24 * HOUR)

    assert summary.of(AT.date()) == []
    assert str(owner) in summary.of(AT.date() + 24 * HOUR)[0]
