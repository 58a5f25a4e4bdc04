"""What holds for any catalogue, any policies and any history: rules kept, bounds reached, the same list
again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Track
from curation import engine
from curation.engine import allocation, network
from curation.engine.allocation import Caps, Item
from curation.engine.demands import Bits, Demand, Usage
from curation.engine.drafts import Draft
from curation.policy import language
from tests.curation import bounds, catalogue
from tests.curation.catalogue import TODAY, document

# The same examples on every machine, slow ones too, and none remembered between runs.
STEADY = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
COUNT, GAP = 5, 3
STEPS: tuple[dict[str, Any], ...] = (
    {"path": "limits.per_artist", "to": 4},
    {"path": "limits.per_album", "to": None},
    {"path": "limits.one_per_recording", "to": False},
    {"path": "rotation.repeat_gap_days", "to": 0},
    {"path": "blend"},
    {"path": "where"},
)


def build(
    wanted: Sequence[Demand], items: Sequence[Item], usage: Usage, bits: dict[int, Bits] | None = None
) -> dict[int, Draft]:
    day = network.build(wanted, items, bits or BITS, usage, network.Setting(TODAY, COUNT, GAP))
    return {draft.demand.playlist_id: draft for draft in day.drafts}


def filled(drafts: dict[int, Draft]) -> int:
    return sum(len(draft.picks) for draft in drafts.values())


# Policy p's answers in a track's mask: where, fallback, its pool, pinned.
BITS = {p: Bits(1 << 4 * p, 2 << 4 * p, (4 << 4 * p,), 8 << 4 * p) for p in range(4)}


@st.composite
def catalogues(draw: st.DrawFn) -> list[Item]:
    """Up to 60 tracks by artists who feature each other, on albums of several artists, some recorded
    twice."""
    items = []
    for number in range(draw(st.integers(0, 60))):
        artists = tuple(f"a{artist}" for artist in draw(st.sets(st.integers(0, 12), min_size=1, max_size=3)))
        items.append(
            catalogue.item(
                number,
                artists=artists,
                album=draw(st.integers(0, 20)),
                mask=draw(st.integers(0, (1 << 16) - 1)),
                recording=f"r{draw(st.integers(0, 50))}",
            )
        )
    return items


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    steps = draw(st.lists(st.sampled_from(STEPS), unique_by=lambda step: step["path"], max_size=3))
    pool = {"name": "new", "share": draw(st.sampled_from([0.3, 0.8])), "where": {"all": []}}
    return document(
        target={
            "min_count": draw(st.integers(1, 5)),
            "on_shortfall": draw(st.sampled_from(["hold", "short", "least_recent"])),
        },
        limits={"per_artist": draw(st.integers(1, 3)), "per_album": draw(st.integers(1, 3))},
        rotation={
            "scope": draw(st.sampled_from(["network", "network", "theme", "playlist"])),
            "repeat_gap_days": draw(st.integers(0, 5)),
        },
        blend=draw(st.sampled_from([[], [pool]])),
        fallback_where={"all": []},
        pin=draw(st.sampled_from([[], [{"track": catalogue.spotify_id("tr", 1), "position": 2}]])),
        relax=steps,
    )


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Demand], list[Item], Usage]:
    """Up to four policies over eight playlists in two themes, and uses by network, theme and playlist."""
    items = draw(catalogues())
    wanted = []
    for policy_id, body in enumerate(draw(st.lists(policies(), min_size=1, max_size=4))):
        parsed = language.parse(body)
        for _ in range(draw(st.integers(1, 2))):
            wanted.append(Demand(len(wanted) + 1, draw(st.sampled_from(["A", "B"])), policy_id, parsed))
    themes = {theme: draw(histories(len(items))) for theme in ("A", "B")}
    playlists = {demand.playlist_id: draw(histories(len(items))) for demand in wanted}
    return wanted, items, Usage(draw(histories(len(items))), themes, playlists)


def histories(tracks: int) -> st.SearchStrategy[dict[int, dt.date]]:
    ago = st.integers(-6, 6).map(lambda days: TODAY - dt.timedelta(days=days))
    return st.dictionaries(st.integers(0, max(tracks - 1, 0)), ago, max_size=tracks)


@settings(STEADY, max_examples=200)
@given(days())
def test_no_gap_cap_condition_or_duplicate_is_ever_broken(case):
    wanted, items, usage = case

    drafts = build(wanted, items, usage)

    assert drafts.keys() == {demand.playlist_id for demand in wanted}
    for draft in drafts.values():
        assert bool(draft.picks) is not draft.is_released
        assert len(draft.picks) <= COUNT
        assert_conditions_hold(draft, items)
        assert_rest_is_kept(draft, items, usage.of(draft.demand))
        assert_caps_hold(draft, items)
    assert_no_track_serves_twice(list(drafts.values()))


def assert_conditions_hold(draft: Draft, items: Sequence[Item]) -> None:
    bits, steps = BITS[draft.demand.policy_id], draft.demand.policy.relax
    for number, pick in draft.picks.items():
        taken = {step.path for step in steps[: pick.steps]}
        base = bits.fallback if "where" in taken else bits.where
        needed = bits.pinned if pick.position else base | (bits.pools[0] if pick.pool == "new" else 0)
        assert items[number].mask & needed == needed


def assert_rest_is_kept(draft: Draft, items: Sequence[Item], used: dict[int, dt.date]) -> None:
    own = draft.demand.policy.rotation
    for number, pick in draft.picks.items():
        gap = max(own.repeat_gap_days, GAP) if own.scope == "network" else own.repeat_gap_days
        if any(step.path.startswith("rotation") for step in draft.demand.policy.relax[: pick.steps]):
            gap = GAP if own.scope == "network" else 0
        last = used.get(items[number].track_id)
        days = 999 if last is None else abs((TODAY - last).days)
        assert pick.position or days >= gap or (pick.is_repeat and days > 0)


def assert_caps_hold(draft: Draft, items: Sequence[Item]) -> None:
    """The caps of the rules that were in force at the end; a pin may stand above them."""
    caps = draft.rules.caps
    pins = [items[number] for number, pick in draft.picks.items() if pick.position]
    chosen = [items[number] for number in draft.picks]
    for counted, cap in (
        (lambda track: track.artists, caps.artist),
        (lambda track: [track.album], caps.album),
        (lambda track: [track.recording], caps.recording),
    ):
        pinned = Counter(name for track in pins for name in counted(track))
        for name, times in Counter(name for track in chosen for name in counted(track)).items():
            assert times <= max(cap, pinned[name])


def assert_no_track_serves_twice(drafts: Sequence[Draft]) -> None:
    """A track of the network's serves nobody else; a theme's nobody in its theme."""

    def uses(scope: str, theme: str | None = None) -> list[int]:
        chosen = [draft for draft in drafts if draft.demand.policy.rotation.scope == scope]
        return [
            number
            for draft in chosen
            if theme is None or draft.demand.theme_tag == theme
            for number in draft.picks
            if not draft.picks[number].position
        ]

    shared = uses("network")
    assert len(shared) == len(set(shared))
    assert not set(shared) & set(uses("theme") + uses("playlist"))
    for theme in ("A", "B"):
        assert len(uses("theme", theme)) == len(set(uses("theme", theme)))


@settings(STEADY, max_examples=60)
@given(days(), st.randoms(use_true_random=False))
def test_equal_inputs_give_equal_days_in_whatever_order_they_come(case, rng):
    wanted, items, usage = case

    one = build(wanted, items, usage)
    other = build(rng.sample(wanted, len(wanted)), items, usage)

    assert {key: list(draft.picks.items()) for key, draft in one.items()} == {
        key: list(draft.picks.items()) for key, draft in other.items()
    }


@settings(STEADY, max_examples=200)
@given(days())
def test_relaxing_never_loses_slots(case):
    wanted, items, usage = case
    strict = [
        Demand(d.playlist_id, d.theme_tag, d.policy_id, d.policy.model_copy(update={"relax": []}))
        for d in wanted
    ]

    assert filled(build(wanted, items, usage)) >= filled(build(strict, items, usage))


# --- the bound of the day


@st.composite
def plain_days(draw: st.DrawFn) -> tuple[list[Demand], list[Item], Usage]:
    """Every track by one artist, on an album of that artist's, recorded once; lists may come out short."""
    items = []
    for number in range(draw(st.integers(0, 60))):
        artist = draw(st.integers(0, 8))
        items.append(
            catalogue.item(
                number,
                artists=(f"a{artist}",),
                album=artist * 10 + draw(st.integers(0, 2)),
                mask=draw(st.integers(0, (1 << 16) - 1)),
            )
        )
    wanted = []
    for policy_id in range(draw(st.integers(1, 4))):
        body = document(
            target={"min_count": 1, "on_shortfall": "short"},
            limits={"per_artist": draw(st.integers(1, 3)), "per_album": draw(st.integers(1, 3))},
            rotation={"repeat_gap_days": draw(st.integers(0, 6))},
        )
        for _ in range(draw(st.integers(1, 3))):
            wanted.append(Demand(len(wanted) + 1, "A", policy_id, language.parse(body)))
    return wanted, items, Usage(draw(histories(len(items))))


def bound(wanted: Sequence[Demand], items: Sequence[Item], usage: Usage, **counted: Any) -> int:
    def admits(item: Item, number: int) -> bool:
        rules = wanted[number].policy
        last = usage.network.get(item.track_id)
        gap = max(rules.rotation.repeat_gap_days or 0, GAP)
        is_rested = last is None or abs((TODAY - last).days) >= gap
        return is_rested and bool(item.mask & BITS[wanted[number].policy_id].where)

    lists = []
    for demand in wanted:
        limits = demand.policy.limits
        caps = Caps(limits.per_artist or allocation.UNLIMITED, limits.per_album or allocation.UNLIMITED)
        lists.append((demand.policy.target.count or COUNT, caps))
    return bounds.most(items, lists, admits, **counted)


@settings(STEADY, max_examples=150)
@given(plain_days())
def test_as_many_places_are_filled_as_an_exact_maximum_flow_allows(case):
    wanted, items, usage = case

    assert filled(build(wanted, items, usage)) == bound(wanted, items, usage)


def test_where_all_artists_count_nearly_all_of_the_bound_is_filled():
    """The bound counts one artist a track and one recording a time, so it allows more than there may be: of
    lists this short a single place is most of a percent, hence the sum."""
    reached = [reach(*network_with_guests(random.Random(seed))) for seed in range(16)]

    found, allowed = (sum(places) for places in zip(*reached, strict=True))
    assert found >= 0.99 * allowed
    assert all(found >= 0.98 * allowed for found, allowed in reached)


def reach(wanted: list[Demand], items: list[Item]) -> tuple[int, int]:
    """Places filled, and a bound: a maximum flow that counts one artist a track, whichever it is."""
    often = Counter(artist for item in items for artist in item.artists)
    by_main = bound(wanted, items, Usage())
    by_busiest = bound(wanted, items, Usage(), counted=lambda item: max(item.artists, key=often.__getitem__))
    return filled(build(wanted, items, Usage())), min(by_main, by_busiest)


def network_with_guests(rng: random.Random) -> tuple[list[Demand], list[Item]]:
    """Heavy-tailed artists, a third of the tracks with guests, a tenth recorded twice, and about as many
    places as tracks: four overlapping policies over twelve lists."""
    items = []
    for number in range(320):
        artist = int(rng.paretovariate(1.0)) % 90
        guests = rng.sample(range(90), rng.choice([0, 0, 1, 2])) if rng.random() < 0.5 else []
        artists = tuple(f"a{one}" for one in dict.fromkeys([artist, *guests]))
        recording = f"r{number - 1}" if rng.random() < 0.1 else f"r{number}"
        mask = sum(rng.random() < 0.45 and BITS[p].where for p in BITS)
        items.append(
            catalogue.item(
                number, artists=artists, album=artist * 10 + rng.randrange(3), mask=mask, recording=recording
            )
        )
    body = document(target={"count": 20, "min_count": 1, "on_shortfall": "short"})
    return [Demand(number, "A", number % 4, language.parse(body)) for number in range(1, 13)], items


# --- the whole engine, from rows to reasons


ARTISTS = [catalogue.spotify_id("ar", number) for number in range(12)]
ALBUMS = [catalogue.spotify_id("al", number) for number in range(1, 13)]
TRACKS = [catalogue.spotify_id("tr", number) for number in range(60)]


@pytest.fixture
def stocked(db):
    """Sixty tracks on twelve albums of twelve artists, each track with a guest on it."""
    rows = catalogue.fill(60)
    for number, row in enumerate(rows):
        row.artist_ids = [*row.artist_ids, ARTISTS[(number * 7) % 12]]
    Track.objects.bulk_update(rows, ["artist_ids"])
    return {row.pk: row for row in Track.objects.select_related("album")}


@st.composite
def blocking(draw):
    """A policy with blocks, a pin whose artist or album may be blocked, and an order."""
    some = {"min_size": 0, "max_size": 3, "unique": True}
    pinned = draw(st.sampled_from(TRACKS))
    return document(
        target={"count": 8, "min_count": 1, "on_shortfall": "short"},
        block={
            "tracks": draw(st.lists(st.sampled_from([one for one in TRACKS if one != pinned]), **some)),
            "artists": draw(st.lists(st.sampled_from(ARTISTS), **some)),
            "albums": draw(st.lists(st.sampled_from(ALBUMS), **some)),
        },
        pin=[{"track": pinned, "position": draw(st.integers(1, 8))}],
        order={
            "by": draw(st.sampled_from(["score", "arc", "shuffle", "release"])),
            "arc": "peak",
            "tempo_flow": draw(st.sampled_from([0.0, 1.0])),
            "artist_gap": draw(st.integers(0, 3)),
        },
        score={"terms": [{"field": "energy"}]},
    )


@settings(
    STEADY, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(bodies=st.lists(blocking(), min_size=1, max_size=3), days=st.integers(0, 5))
def test_a_day_keeps_blocks_orders_every_list_and_comes_out_the_same_byte_for_byte(stocked, bodies, days):
    wanted = [Demand(n, "A", n, language.parse(body)) for n, body in enumerate(bodies, 1)]
    usage = Usage({pk: TODAY - dt.timedelta(days=days) for pk in list(stocked)[::2]})

    one, other = (engine.build_day(wanted, usage=usage, today=TODAY, count=8, gap_days=GAP) for _ in range(2))

    assert serialised(one) == serialised(other)
    assert {*one.lists, *one.short} == {demand.playlist_id for demand in wanted}
    for demand in wanted:
        made = one.lists.get(demand.playlist_id)
        if made is not None:
            assert [entry.position for entry in made.entries] == list(range(1, len(made.entries) + 1))
            assert len(set(made.track_ids)) == len(made.entries)
            assert not any(is_blocked(stocked[pk], demand.policy.block) for pk in made.track_ids)


def is_blocked(track, block) -> bool:
    return (
        track.spotify_id in block.tracks
        or track.album.spotify_id in block.albums
        or bool({str(artist) for artist in track.artist_ids} & set(block.artists))
    )


def serialised(day: engine.DayResult) -> bytes:
    lists = {key: dataclasses.asdict(made) for key, made in day.lists.items()}
    short = {key: dataclasses.asdict(one) for key, one in day.short.items()}
    return json.dumps([lists, short], default=str).encode()
