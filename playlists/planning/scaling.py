"""The plan of a day: read how things stand, let planner and placing decide, and write what they decided."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max

from accounts import plurals
from accounts.models import Account
from playlists import locks
from playlists.models import ManagerPlan, Playlist, PlaylistCopy
from playlists.planning import placing, planner, supply

# An account whose consent ends within these days gives its copies away before it falls silent.
CONSENT_MARGIN = dt.timedelta(days=3)
# What a what-if may set; these name things that do not exist, so that plan can not be applied.
HYPOTHETICAL = {"T", "accounts"}
OVERRIDES = {"T", "K", "R", "floor", "cap", *HYPOTHETICAL}


class NotApplicable(Exception):
    """The plan stands on made-up inputs and can not be applied."""


@dataclass(frozen=True)
class World:
    """Everything a plan depends on."""

    date: dt.date
    knobs: Mapping[str, int]
    accounts: Sequence[Account]
    stock: supply.Stock
    usable: int
    playlists: Sequence[Playlist]
    copies: Mapping[int, frozenset[int]]  # playlist id -> accounts with a wanted copy
    busy: Mapping[int, int]  # account id -> copies on their way out, or of paused playlists
    moved: Mapping[int, int]
    next_index: int


def plan_for(date: dt.date, *, overrides: Mapping[str, int] | None = None) -> planner.Plan:
    """The plan of this date as things stand (or as the overrides say: T, K, R, floor, cap, accounts). Writes
    nothing."""
    return decide(look(date, overrides or {}), overrides or {})


def look(date: dt.date, overrides: Mapping[str, int]) -> World:
    knobs = {
        "K": settings.TRACKS_PER_PLAYLIST,
        "R": settings.MIN_REPEAT_GAP_DAYS,
        "floor": settings.FLOOR_TOTAL_PLAYLISTS,
        "cap": settings.MAX_PLAYLISTS_PER_ACCOUNT,
        "limit": settings.REBALANCE_MOVE_LIMIT_PER_ACCOUNT,
    } | dict(overrides)
    stock = supply.look(date, gap_days=knobs["R"])
    copies, busy = _copies()
    return World(
        date,
        knobs,
        list(Account.objects.order_by("id")),
        stock,
        overrides.get("T", stock.usable),
        list(Playlist.objects.exclude(status=Playlist.Status.RETIRED).order_by("global_index")),
        copies,
        busy,
        _moved_on(date),
        1 + (Playlist.objects.aggregate(top=Max("global_index"))["top"] or 0),
    )


def _copies() -> tuple[dict[int, frozenset[int]], dict[int, int]]:
    wanted = PlaylistCopy.objects.wanted().live()
    on: dict[int, set[int]] = defaultdict(set)
    for playlist_id, account_id in wanted.values_list("playlist_id", "account_id"):
        on[playlist_id].add(account_id)
    others = PlaylistCopy.objects.live().exclude(pk__in=wanted.values("pk"))
    busy = dict(others.order_by().values_list("account_id").annotate(Count("id")))
    return {key: frozenset(accounts) for key, accounts in on.items()}, busy


def _moved_on(date: dt.date) -> Counter[int]:
    """Moves that each account has had on this date already, where a copy left and where it arrived."""
    moved: Counter[int] = Counter()
    applied = ManagerPlan.objects.filter(run_date=date, applied_at__isnull=False)
    for actions in applied.values_list("actions", flat=True):
        for action in actions:
            if action["action"] == "move":
                moved.update([action["from_account_id"], action["to_account_id"]])
    return moved


def decide(world: World, overrides: Mapping[str, int]) -> planner.Plan:
    nodes = _nodes(world)
    active = [
        node for node in nodes if node.id < 0 or _account(world, node.id).status == Account.Status.ACTIVE
    ]
    size = planner.size(
        usable=world.usable,
        count=world.knobs["K"],
        gap_days=world.knobs["R"],
        floor=world.knobs["floor"],
        capacity=sum(node.cap for node in active),
        active_accounts=len(active),
    )
    standing = [
        planner.Standing(
            one.global_index,
            str(one),
            one.policy_id,
            one.replication_factor,
            one.is_managed,
            one.importance,
        )
        for one in world.playlists
    ]
    changes = planner.changes(size, world.stock.supplies, standing, next_index=world.next_index)
    placed = (
        placing.place(_items(world, changes), nodes, move_limit=world.knobs["limit"], moved_today=world.moved)
        if active
        else placing.Placing()
    )
    actions = [*_size_actions(world, changes), *_placing_actions(world, placed)]
    mix = planner.mix(size, world.stock.classes, planner.after(standing, changes), world.stock.supplies)
    reasons = [*size.reasons, *mix.reasons, *changes.reasons, *_placing_reasons(placed)]
    after = len(standing) + len(changes.create) - len(changes.retire)
    stats = size.stats() | {
        "playlists": len(standing),
        "playlists_after": after,
        "policies": planner.distribution(world.stock.supplies, standing, world.knobs["K"]),
        "mix_fill": mix.fill,
        "moves_put_off": placed.put_off,
    }
    return planner.Plan(world.date, stats, actions, reasons, dict(overrides))


def _account(world: World, account_id: int) -> Account:
    return next(one for one in world.accounts if one.pk == account_id)


def _nodes(world: World) -> list[placing.Node]:
    """The accounts as places for copies. A what-if with more accounts than there are gets made-up ones below
    zero."""
    due = {one.pk for one in world.accounts if _consent_ends(one, world.date)}
    active = [one for one in world.accounts if one.status == Account.Status.ACTIVE]
    spare = any(one.pk not in due for one in active)
    wanted = world.knobs.get("accounts", len(active))
    nodes = []
    for one in world.accounts:
        why = _drains(one, due if spare else set())
        if not why and one in active and active.index(one) >= wanted:
            continue
        cap, busy = one.cap(world.knobs["cap"]), world.busy.get(one.pk, 0)
        nodes.append(placing.Node(one.pk, cap, why, busy, f"the account {one}"))
    return nodes + [
        placing.Node(-number, world.knobs["cap"], name=f"the {_supposed(-number)}")
        for number in range(1, wanted - len(active) + 1)
    ]


def _supposed(account_id: int) -> str:
    """An account that only a what-if has, as people are told of it."""
    return f"what-if account {-account_id}"


def _consent_ends(account: Account, date: dt.date) -> bool:
    return account.reauth_due_at is not None and account.reauth_due_at.date() <= date + CONSENT_MARGIN


def _drains(account: Account, due: set[int]) -> str:
    if account.status != Account.Status.ACTIVE:
        return f"{account} is {account.get_status_display().lower()}"
    return f"{account} needs a new login by {account.reauth_due_at:%Y-%m-%d}" if account.pk in due else ""


def _items(world: World, changes: planner.Changes) -> list[placing.Item]:
    """Active playlists that stay, and the new ones; paused playlists keep their copies where they are."""
    gone = {one.index for one in changes.retire}
    standing = [
        placing.Item(one.global_index, one.replication_factor, world.copies.get(one.pk, frozenset()))
        for one in world.playlists
        if one.status == Playlist.Status.ACTIVE and one.global_index not in gone
    ]
    return standing + [placing.Item(one.index, 1) for one in changes.create]


def _size_actions(world: World, changes: planner.Changes) -> list[dict[str, Any]]:
    names = {one.global_index: one for one in world.playlists}
    retired = [
        {
            "action": "retire",
            "global_index": one.index,
            "playlist_id": names[one.index].pk,
            "playlist": names[one.index].name,
            "reason": one.reason,
        }
        for one in changes.retire
    ]
    created = [
        {
            "action": "create",
            "global_index": one.index,
            "policy_id": one.policy_id,
            "theme_tag": one.theme_tag,
            "reason": one.reason,
        }
        for one in changes.create
    ]
    return retired + created


def _placing_actions(world: World, placed: placing.Placing) -> list[dict[str, Any]]:
    names = {one.pk: str(one) for one in world.accounts}

    def called(account_id: int) -> str:
        return names.get(account_id, _supposed(account_id))

    return [
        *(
            {
                "action": "place",
                "global_index": key,
                "account_id": account,
                "account": called(account),
                "reason": "A copy is missing; of the accounts with room, its hash prefers this one.",
            }
            for key, account in placed.placed
        ),
        *(
            {
                "action": "move",
                "global_index": key,
                "from_account_id": source,
                "to_account_id": target,
                "from_account": called(source),
                "to_account": called(target),
                "reason": f"{why[:1].upper()}{why[1:]}.",
            }
            for key, source, target, why in placed.moved
        ),
        *(
            {
                "action": "remove",
                "global_index": key,
                "account_id": account,
                "account": called(account),
                "reason": "The playlist has more copies than it wants.",
            }
            for key, account in placed.removed
        ),
    ]


def _placing_reasons(placed: placing.Placing) -> list[str]:
    reasons = []
    if missing := sum(placed.short.values()):
        copies = plurals.counted(missing, "copy")
        reasons.append(f"{copies} found no account with room: connect accounts or raise their caps.")
    if placed.put_off:
        moves, wait = plurals.counted(placed.put_off, "move"), plurals.verb(placed.put_off, "waits", "wait")
        reasons.append(f"{moves} {wait} for another day, as the daily limit per account says.")
    return reasons


def apply(plan: planner.Plan, *, by: str, now: dt.datetime) -> ManagerPlan:
    """Make it so, in one transaction and one at a time, on the world as it is then. The same date with
    nothing to change gives the plan that was applied before. Raises NotApplicable for made-up inputs and
    locks.Busy."""
    if HYPOTHETICAL & set(plan.overrides):
        raise NotApplicable("A plan with made-up accounts or tracks is a what-if: it can not be applied.")
    with transaction.atomic():
        locks.hold_for_transaction(locks.SCALE)
        plan = plan_for(plan.run_date, overrides=plan.overrides)
        before = ManagerPlan.objects.filter(run_date=plan.run_date, status=ManagerPlan.Status.APPLIED).last()
        if before is not None and not plan.actions and is_same_size(before.stats, plan.stats):
            return before
        ManagerPlan.objects.filter(status=ManagerPlan.Status.PROPOSED).update(
            status=ManagerPlan.Status.SUPERSEDED
        )
        ManagerPlan.objects.filter(status=ManagerPlan.Status.APPLIED, run_date=plan.run_date).update(
            status=ManagerPlan.Status.SUPERSEDED
        )
        _carry_out(plan)
        return _record(plan, status=ManagerPlan.Status.APPLIED, applied_by=by, applied_at=now, created_at=now)


def propose(plan: planner.Plan, *, now: dt.datetime) -> ManagerPlan:
    """Keep a plan for people to look at; older proposals make way."""
    with transaction.atomic():
        ManagerPlan.objects.filter(status=ManagerPlan.Status.PROPOSED).update(
            status=ManagerPlan.Status.SUPERSEDED
        )
        return _record(plan, status=ManagerPlan.Status.PROPOSED, created_at=now)


def is_same_size(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    named = ("T", "K", "R", "floor", "capacity", "active_accounts", "p_planned")
    return all(before.get(name) == after.get(name) for name in named)


def _record(plan: planner.Plan, **fields: Any) -> ManagerPlan:
    return ManagerPlan.objects.create(
        run_date=plan.run_date,
        stats=dict(plan.stats),
        actions=list(plan.actions),
        reasons=list(plan.reasons),
        digest=plan.digest,
        **fields,
    )


def _carry_out(plan: planner.Plan) -> None:
    by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for action in plan.actions:
        by_kind[action["action"]].append(action)
    retired = [action["playlist_id"] for action in by_kind["retire"]]
    Playlist.objects.filter(pk__in=retired).update(status=Playlist.Status.RETIRED)
    PlaylistCopy.objects.filter(playlist__in=retired).update(is_wanted=False, not_before=None)
    _create(by_kind["create"])
    ids = dict(Playlist.objects.values_list("global_index", "pk"))
    for action in by_kind["place"]:
        _want(ids[action["global_index"]], action["account_id"])
    for action in by_kind["move"]:
        _want(ids[action["global_index"]], action["to_account_id"])
        _unwant(ids[action["global_index"]], action["from_account_id"])
    for action in by_kind["remove"]:
        _unwant(ids[action["global_index"]], action["account_id"])


def _create(actions: Sequence[Mapping[str, Any]]) -> None:
    Playlist.objects.bulk_create(
        [
            Playlist(
                name=f"{action['theme_tag']} {action['global_index']}",
                policy_id=action["policy_id"],
                theme_tag=action["theme_tag"][:73],
                global_index=action["global_index"],
                is_managed=True,
            )
            for action in actions
        ]
    )


def _want(playlist_id: int, account_id: int) -> None:
    """A new copy, or an archived one started again under the next epoch; one not yet archived stays."""
    copy, is_new = PlaylistCopy.objects.get_or_create(playlist_id=playlist_id, account_id=account_id)
    if is_new:
        return
    if copy.status == PlaylistCopy.Status.ARCHIVED:
        copy.reset_remote()
    copy.is_wanted, copy.not_before, copy.attempts = True, None, 0
    copy.save()


def _unwant(playlist_id: int, account_id: int) -> None:
    PlaylistCopy.objects.filter(playlist=playlist_id, account=account_id).update(
        is_wanted=False, not_before=None
    )
