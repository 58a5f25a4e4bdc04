"""The engine's entry points: a whole network's day, and one list by itself. Reads the catalogue, decides in
pure code."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from curation.engine import candidates, demands, entries, isolation, network, shortfall, timings
from curation.engine.demands import Bits, Demand, Usage
from curation.engine.drafts import Draft
from curation.engine.entries import BuiltList, Entry
from curation.policy import language
from curation.policy.language import Policy

__all__ = [
    "BuiltList",
    "DayResult",
    "Demand",
    "Entry",
    "Shortage",
    "Single",
    "Usage",
    "build_day",
    "build_one",
    "classes",
    "horizon",
]

# Idle days beyond this many are not told apart; it bounds what the caller has to read from history.
_LONGEST_HORIZON = 120


@dataclass(frozen=True)
class Shortage:
    """A playlist without a list today: how many tracks were found of how many needed, and why in one
    sentence."""

    found: int
    needed: int
    sentence: str


@dataclass
class DayResult:
    """Lists by playlist id; playlists that must hold, with the reason; and how long it took."""

    lists: dict[int, BuiltList] = field(default_factory=dict)
    short: dict[int, Shortage] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)


def horizon(wanted: Sequence[Demand], *, tracks: int, count: int, gap_days: int) -> int:
    """How many days back (and forward) `Usage` should reach: the longest rest, and twice a full rotation of
    the catalogue's `tracks`, so that the longest idle can go first."""
    rotation = -(-tracks // max(len(wanted) * count, 1))
    return max(demands.longest_gap(wanted, gap_days), min(2 * rotation, _LONGEST_HORIZON))


def build_day(
    wanted: Sequence[Demand], *, usage: Usage, today: dt.date, count: int, gap_days: int
) -> DayResult:
    """Every demand's list for `today`. `count` and `gap_days` are the network's (TRACKS_PER_PLAYLIST,
    MIN_REPEAT_GAP_DAYS). A track used d days away is allowed iff d >= its policy's gap. Equal input, equal
    output."""
    result = DayResult()
    if not wanted:
        return result
    clock = timings.Clock(result.milliseconds)
    resting = _resting(wanted, usage, today, gap_days)

    def read(sound: Mapping[int, Policy]) -> tuple[tuple[str, ...], dict[int, Bits], candidates.Found]:
        questions, answers = candidates.ask(sound.values(), today=today)
        found = candidates.split(questions, usage=usage.network, resting=resting)
        return questions.fields, dict(zip(sound, answers, strict=True)), found

    policies = {demand.policy_id: demand.policy for demand in wanted}
    (fields, bits, found), failing = isolation.ask(policies, read, today=today)
    result.short |= _unanswered(wanted, failing, count)
    wanted = [demand for demand in wanted if demand.policy_id in bits]
    items = found.items
    clock.lap("select")
    setting = network.Setting(today, count, gap_days, fields, found.resting)
    built = network.build(wanted, items, bits, usage, setting)
    clock.lap("allocate")
    facts = candidates.facts(_to_look_up(built.drafts, items))
    clock.lap("facts")
    _finish(result, built, found, facts, setting)
    clock.lap("arrange")
    return result


def _unanswered(wanted: Sequence[Demand], failing: Mapping[int, str], count: int) -> dict[int, Shortage]:
    """The playlists of policies that the catalogue could not answer."""
    return {
        demand.playlist_id: Shortage(0, demand.policy.target.count or count, failing[demand.policy_id])
        for demand in wanted
        if demand.policy_id in failing
    }


def _resting(wanted: Sequence[Demand], usage: Usage, today: dt.date, gap_days: int) -> list[int]:
    """Tracks that no demand can have today: the database need send only their masks."""
    if any(
        d.policy.rotation.scope != "network" or d.policy.target.on_shortfall == "least_recent" for d in wanted
    ):
        return []
    if any(pin.is_on(today) for demand in wanted for pin in demand.policy.pin):
        return []
    least = demands.least_gap(wanted, gap_days)
    near = {day for day in set(usage.network.values()) if abs((today - day).days) < least}
    return [track for track, used in usage.network.items() if used in near]


def _to_look_up(drafts: Sequence[Draft], items: Sequence[candidates.Item]) -> list[int]:
    wanting = [draft for draft in drafts if not draft.is_released and entries.needs_facts(draft)]
    return sorted({items[number].track_id for draft in wanting for number in draft.picks})


def _finish(
    result: DayResult,
    built: network.Day,
    found: candidates.Found,
    facts: dict[int, candidates.TrackFacts],
    setting: network.Setting,
) -> None:
    digests: dict[int, str] = {}
    items = found.items
    matched = network.matched(items, found.others)
    rested: dict[tuple[int, int], Counter[int]] = {}
    for draft in built.drafts:
        demand, idle = draft.demand, built.idle[draft.demand.playlist_id]
        key = (id(idle), draft.rules.gap)
        if key not in rested:
            rested[key] = network.rested(items, idle, draft.rules.gap)
        match, rest = matched[draft.rules.base], rested[key][draft.rules.base]
        if draft.is_released:
            sentence = shortfall.sentence(draft, matched=match, rested=rest)
            result.short[demand.playlist_id] = Shortage(draft.found, draft.rules.min_count, sentence)
            continue
        if demand.policy_id not in digests:
            digests[demand.policy_id] = language.digest(demand.policy)
        seed = entries.seed_of(draft, digests[demand.policy_id], setting.today)
        done = entries.arrange(draft, items, idle, facts, fields=setting.fields, seed=seed)
        if done.unmet and demand.policy.target.on_shortfall != "short":
            result.short[demand.playlist_id] = Shortage(0, draft.rules.min_count, done.unmet)
            continue
        funnel = {
            "catalogue": found.usable,
            "matched": match,
            "rested": rest,
            "chosen": len(done.entries),
            "wanted": draft.rules.count,
        }
        result.lists[demand.playlist_id] = replace(done, funnel=funnel)


def classes(policies: Mapping[int, Policy], *, today: dt.date) -> tuple[list[int], dict[int, int]]:
    """(policy ids, tracks by mask), bit n of a mask being the n-th policy: what flow.certified asks. Policies
    that can not be answered are left out. One query."""

    def read(sound: Mapping[int, Policy]) -> tuple[list[int], dict[int, int]]:
        questions, bits = candidates.ask(sound.values(), today=today)
        wheres = [bit.where for bit in bits]
        found: Counter[int] = Counter()
        for mask, tracks in candidates.classes(questions).items():
            found[sum(1 << n for n, where in enumerate(wheres) if mask & where)] += tracks
        return list(sound), dict(found)

    return isolation.ask(policies, read, today=today)[0]


# --- one list by itself


@dataclass(frozen=True)
class Single:
    """A list made for one request: its tracks in order; `shortage` says why it is short."""

    track_ids: list[int]
    relaxations: list[dict[str, Any]]
    funnel: dict[str, Any]
    shortage: str = ""


def build_one(
    wanted: Policy,
    *,
    count: int,
    today: dt.date,
    usage: Usage | None = None,
    seed: int = 0,
    gap_days: int = 0,
) -> Single:
    """One list for a policy outside the rotation (the vibe generator, a preview): as many as can be found, up
    to `count` (the policy's own count wins where it has one), even if short. Two or three queries."""
    loose = wanted.model_copy(update={"target": wanted.target.model_copy(update={"on_shortfall": "short"})})
    demand = Demand(seed % (1 << 62), "", 0, loose)
    questions, (bits,) = candidates.ask([loose], today=today)
    items = candidates.select(questions, usage=usage.network if usage else None)
    setting = network.Setting(today, count, gap_days, questions.fields)
    built = network.build([demand], items, {0: bits}, usage or Usage(), setting)
    draft = built.drafts[0]
    facts = candidates.facts(items[number].track_id for number in draft.picks)
    idle = built.idle[demand.playlist_id]
    seed = entries.seed_of(draft, language.digest(wanted), today)
    done = entries.arrange(draft, items, idle, facts, fields=questions.fields, seed=seed)
    matched = network.matched(items, {})[draft.rules.base]
    funnel = {"matched": matched, "chosen": len(done.entries), "wanted": draft.rules.count}
    short = "" if draft.missing <= 0 else shortfall.sentence(draft, matched=matched, rested=matched)
    return Single(done.track_ids, done.relaxations, funnel, short)
