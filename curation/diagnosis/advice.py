"""The doctor's figures as one sentence: what matches, is needed, can be kept; what to change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts import plurals
from curation.policy import wording

Figures = Mapping[str, Any]
_MOST_WAYS = 3


def is_sound(found: Figures) -> bool:
    """Whether its playlists can be kept full, rested and blended as the policy says."""
    least = max(found["gap_asked"], 1)
    return found["longest_gap"] >= least and not _poorest(found)


def sentence(found: Figures) -> str:
    """The diagnosis in one sentence."""
    start = f"{found['matched']:,} of {plurals.counted(found['catalogue'], 'track')} match"
    start += f", by {plurals.counted(found['artists'], 'artist')}" if found["artists"] else ""
    lists = f"{plurals.counted(found['playlists'], 'playlist')} of {found['count']}"
    needs = "needs" if found["playlists"] == 1 else "need"
    if found["longest_gap"] >= max(found["gap_asked"], 1):
        kept = "a year and more" if found["longest_gap"] > 365 else _days(found["longest_gap"])
        rest = f"each track can rest {kept} ({_days(found['gap_asked'])} asked)"
        start += f"; {lists} {needs} {found['slots_per_day']:,} a day, so {rest}"
        pool = _poorest(found)
        return f"{start}: nothing to change." if not pool else f"{start}, but {_pool(found, pool)}."
    start += f"; {lists} that {'rests' if needs == 'needs' else 'rest'} {_days(found['gap_asked'])} {needs}"
    start += f" {found['tracks_needed']:,}: "
    return f"{start}{_shortage(found)}; {_advice(found)}{_meanwhile(found)}."


def _shortage(found: Figures) -> str:
    daily, most = found["slots_per_day"], found["most_in_one_day"]
    if most >= daily:
        return f"the longest rest that can be kept is {_days(found['longest_gap'])}{_ceiling(found)}"
    return f"not even one day can be filled ({most:,} of {plurals.counted(daily, 'place')}{_ceiling(found)})"


def _ceiling(found: Figures) -> str:
    """The cap, where it costs something: without it there would be tracks enough for longer."""
    free = found["matched"] // found["slots_per_day"]
    is_felt = found["per_artist"] is not None and min(free, found["gap_asked"]) > found["longest_gap"]
    return f", with at most {found['per_artist']} per artist" if is_felt else ""


def _advice(found: Figures) -> str:
    """What to change, the most telling first."""
    ways = []
    if 0 < found["most_playlists"] < found["playlists"]:
        ways.append(f"give it {found['most_playlists']} instead of {found['playlists']}")
    if found["longest_gap"] > 0:
        ways.append(f"ask for {_days(found['longest_gap'])} of rest")
    widest = max(found["rules"], key=lambda rule: int(rule["would_add"]), default=None)
    if widest and widest["would_add"]:
        ways.append(f"widen “{widest['rule']}” (alone it keeps out {widest['would_add']:,})")
    if found["lost_to_unknown"]:
        ways.append(
            f"let in tracks whose {_unknown(found)} is unknown"
            f' ("missing": "include" would add {found["lost_to_unknown"]:,})'
        )
    return ", or ".join(ways[:_MOST_WAYS]) or "widen the conditions or ingest more albums"


def _unknown(found: Figures) -> str:
    """The fields that are unknown of the most tracks, named."""
    most = sorted(found["unknown"], key=lambda name: (-found["unknown"][name], name))[:_MOST_WAYS]
    names = [wording.name(field) for field in most]
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _meanwhile(found: Figures) -> str:
    kept = found["kept_by"]
    if kept:
        return f"; until then it stays full by giving way ({', then '.join(kept)})"
    return "; its relax steps do not make up for it" if found["relax_steps"] else ""


# --- blends


def _poorest(found: Figures) -> Mapping[str, Any] | None:
    """The pool that can keep the shortest rest, if that is shorter than the one asked."""
    pools = [pool for pool in found["pools"] if pool["longest_gap"] < max(found["gap_asked"], 1)]
    return min(pools, key=lambda pool: (pool["longest_gap"], pool["pool"]), default=None)


def _pool(found: Figures, pool: Mapping[str, Any]) -> str:
    need = pool["places"] * found["playlists"]
    kept = f"can keep {_days(pool['longest_gap'])}" if pool["longest_gap"] else "can not fill one day"
    places = plurals.counted(need, "place")
    what = f"its pool “{pool['pool']}” has {pool['matched']:,} for {places} a day and {kept}"
    return f"{what}: lower its share or widen its condition{_meanwhile(found)}"


def _days(number: int) -> str:
    return plurals.counted(number, "day")
