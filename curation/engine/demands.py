"""What a day asks for: each playlist's demand, the uses so far, and the rules a policy means for today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from curation.engine.allocation import UNLIMITED, Caps
from curation.policy import relaxation
from curation.policy.language import Policy


@dataclass(frozen=True)
class Demand:
    """One playlist that wants a list today."""

    playlist_id: int
    theme_tag: str
    policy_id: int
    policy: Policy


@dataclass(frozen=True)
class Usage:
    """Each track's use nearest to the day (before or after it): anywhere, by theme tag, and by playlist.

    Only uses inside engine.horizon(...) matter; a track that is absent counts as never used. `themes` and
    `playlists` are read for policies of that scope alone."""

    network: Mapping[int, dt.date] = field(default_factory=dict)
    themes: Mapping[str, Mapping[int, dt.date]] = field(default_factory=dict)
    playlists: Mapping[int, Mapping[int, dt.date]] = field(default_factory=dict)

    def of(self, demand: Demand) -> Mapping[int, dt.date]:
        """The uses that this demand's policy counts."""
        match demand.policy.rotation.scope:
            case "theme":
                return self.themes.get(demand.theme_tag, {})
            case "playlist":
                return self.playlists.get(demand.playlist_id, {})
        return self.network


@dataclass(frozen=True)
class Bits:
    """Where the answers to a policy's conditions stand in an item's mask."""

    where: int
    fallback: int
    pools: tuple[int, ...]
    pinned: int


@dataclass(frozen=True)
class Rules:
    """A policy after some relax steps, with the network's defaults filled in."""

    policy: Policy
    steps: int
    count: int
    min_count: int
    gap: int
    caps: Caps
    quotas: tuple[tuple[str, int, int], ...]  # (pool name, places, mask of conditions)
    base: int  # mask of the condition for every place


def rules(policy: Policy, bits: Bits, *, steps: int, count: int, gap_days: int) -> Rules:
    """What the policy means after its first `steps` relax steps. `count` and `gap_days` are the network's."""
    loose = relaxation.after(policy, steps)
    total = policy.target.count or count
    is_fallback = any(step.path == "where" for step in policy.relax[:steps])
    base = bits.fallback if is_fallback else bits.where
    return Rules(
        policy=loose,
        steps=steps,
        count=total,
        min_count=min(policy.target.min_count or total, total),
        gap=gap(loose, gap_days),
        caps=caps(loose),
        quotas=tuple(
            (pool.name, places, bits.pools[index] | base)
            for index, (pool, places) in enumerate(zip(loose.blend, shares(loose, total), strict=True))
            if places
        ),
        base=base,
    )


def gap(policy: Policy, gap_days: int) -> int:
    """Days between two uses. For the network's scope its own gap is a floor that no policy goes below."""
    wanted = policy.rotation.repeat_gap_days
    if wanted is None:
        return gap_days
    return max(wanted, gap_days) if policy.rotation.scope == "network" else wanted


def caps(policy: Policy) -> Caps:
    limits = policy.limits
    return Caps(
        artist=limits.per_artist or UNLIMITED,
        album=limits.per_album or UNLIMITED,
        recording=1 if limits.one_per_recording else UNLIMITED,
    )


def shares(policy: Policy, count: int) -> list[int]:
    """Places per pool by largest remainder; what is not shared out goes by score."""
    exact = [pool.share * count for pool in policy.blend]
    places = [int(value + 1e-9) for value in exact]
    total = min(int(sum(exact) + 0.5 + 1e-9), count)
    by_remainder = sorted(range(len(exact)), key=lambda i: (places[i] - exact[i], i))
    for index in by_remainder[: max(total - sum(places), 0)]:
        places[index] += 1
    return places


def least_gap(demands: Sequence[Demand], gap_days: int) -> int:
    """The shortest rest that any demand may come down to, relax steps included."""
    return min(
        (
            gap(relaxation.after(d.policy, n), gap_days)
            for d in _distinct(demands)
            for n in range(len(d.policy.relax) + 1)
        ),
        default=gap_days,
    )


def longest_gap(demands: Sequence[Demand], gap_days: int) -> int:
    return max((gap(demand.policy, gap_days) for demand in _distinct(demands)), default=gap_days)


def _distinct(demands: Sequence[Demand]) -> list[Demand]:
    return list({demand.policy_id: demand for demand in demands}.values())
