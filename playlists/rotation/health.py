"""How the rotation really went, counted in SQL over at most ninety days: goal against actual.

Rest is measured over ninety days; blends, artists and rules over thirty. A pinned place breaks the rest by
the operator's own wish, so pins do not count there."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from curation.diagnosis import health
from curation.engine import candidates, demands, isolation
from curation.engine.candidates import Questions
from curation.models import CurationPolicy
from curation.policy import language
from playlists.models import Playlist

LONGEST, SHORTER = 90, 30
# The whole network, among figures that are kept by a policy's id.
ALL = None
_Key = int | None


@dataclass(frozen=True)
class Rule:
    """An active policy, how many playlists follow it, and its bit in a track's mask."""

    row: CurationPolicy
    body: language.Policy
    playlists: int
    bit: int

    @property
    def scope(self) -> str:
        return self.body.rotation.scope

    @property
    def places(self) -> int:
        return self.playlists * (self.body.target.count or settings.TRACKS_PER_PLAYLIST)


@dataclass
class Read:
    """What history says, by policy id and for ALL."""

    gaps: dict[_Key, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    idle: dict[_Key, Counter[int | None]] = field(default_factory=lambda: defaultdict(Counter))
    used: dict[_Key, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    pools: dict[_Key, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    bent: Counter[_Key] = field(default_factory=Counter)
    top_artists: Counter[_Key] = field(default_factory=Counter)
    states: dict[_Key, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    relaxed: dict[_Key, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@transaction.atomic
def report(today: dt.date) -> dict[str, Any]:
    """Goal and actual of the network and of each active policy, as of the end of `today`. Six statements, and
    one more for each scope narrower than the network that a policy rests in."""
    # Room for a million uses: with the usual 4 MB every sort of them goes through the disk.
    list(_ask("SELECT set_config('work_mem', '96MB', true)", []))
    read, rules, matched = _matched(today)
    for scope in sorted({"network", *(rule.scope for rule in rules)}):
        _gaps(read, rules, scope, today)
    _pools(read, today)
    _lists(read, today)
    return {
        "date": today.isoformat(),
        "days": {"rest": LONGEST, "rules": SHORTER},
        "network": health.report(_network(rules, matched), _actual(read, ALL)),
        "policies": [
            {"id": rule.row.pk, "policy": rule.row.name, "theme_tag": rule.row.theme_tag}
            | health.report(_goal(rule, matched), _actual(read, rule.row.pk))
            for rule in rules
        ],
    }


def _matched(today: dt.date) -> tuple[Read, list[Rule], dict[_Key, int]]:
    """What is counted by tracks, the rules of the active policies, and how many tracks match each."""
    rows = _active()

    def counted(sound: Mapping[int, language.Policy]) -> tuple[Read, list[Rule], dict[_Key, int]]:
        read, questions = Read(), Questions(today)
        rules = [
            Rule(row, body, row.lists, questions.condition(body.where, body.block))
            for row, body in rows
            if row.pk in sound
        ]
        return read, rules, _tracks(read, rules, questions, today)

    return isolation.ask({row.pk: body for row, body in rows}, counted, today=today)[0]


# --- goals


def _active() -> list[tuple[Any, language.Policy]]:
    """The active policies by name; one that does not parse can make no list and is left out."""
    active = Count("playlists", filter=Q(playlists__status=Playlist.Status.ACTIVE))
    rows = {
        row.pk: row for row in CurationPolicy.objects.active().annotate(lists=active).order_by("name", "id")
    }
    sound, _ = language.parsed({key: row.body for key, row in rows.items()})
    return [(rows[key], body) for key, body in sound.items()]


def _goal(rule: Rule, matched: Mapping[_Key, int]) -> health.Goal:
    return health.Goal(
        playlists=rule.playlists,
        places=rule.places,
        gap=demands.gap(rule.body, settings.MIN_REPEAT_GAP_DAYS),
        matched=matched[rule.row.pk],
        shares={pool.name: pool.share for pool in rule.body.blend},
    )


def _network(rules: list[Rule], matched: Mapping[_Key, int]) -> health.Goal:
    return health.Goal(
        playlists=sum(rule.playlists for rule in rules),
        places=sum(rule.places for rule in rules),
        gap=settings.MIN_REPEAT_GAP_DAYS,
        matched=matched[ALL],
    )


def _actual(read: Read, key: _Key) -> health.Actual:
    return health.Actual(
        gaps=read.gaps[key],
        idle=read.idle[key],
        used=read.used[key],
        pools=read.pools[key],
        bent=read.bent[key],
        top_artists=read.top_artists[key],
        lists=read.states[key]["built"],
        held=read.states[key]["held"],
        relaxed=read.relaxed[key],
    )


# --- tracks: since when each has rested, how many were used, and by whom

# One pass over the window's uses. Dates and hashed ids, because numbers sort far faster than texts.
# A track that was not used in the window is looked up once by index: its history may be older than that.
_TRACKS = """
WITH matched AS MATERIALIZED ({matched}),
     used AS MATERIALIZED (
        SELECT playlists.policy_id, track_id, %s::date - max(batch_tag::date) AS idle,
               count(*) FILTER (WHERE batch_tag >= %s) AS lately
          FROM playlist_entries_history JOIN playlists ON playlists.id = playlist_id
         WHERE batch_tag BETWEEN %s AND %s GROUP BY playlists.policy_id, track_id),
     anywhere AS (SELECT track_id, min(idle) AS idle FROM used GROUP BY track_id),
     artists AS (
        SELECT policy_id, sum(lately) AS places
          FROM (SELECT policy_id, hashtextextended(artist_ids[1], 0) AS artist, lately
                  FROM used JOIN tracks ON tracks.id = track_id WHERE lately > 0) AS lists
         GROUP BY GROUPING SETS ((policy_id, artist), (artist))),
     ranked AS (
        SELECT policy_id, places, row_number() OVER (PARTITION BY policy_id ORDER BY places DESC) AS place
          FROM artists)
SELECT 'idle', NULL, ARRAY[{words}]::bigint[],
       ARRAY[CASE WHEN older.seen THEN {longest} ELSE anywhere.idle END, count(*)]::bigint[]
  FROM matched
  LEFT JOIN anywhere ON anywhere.track_id = matched.id
  LEFT JOIN LATERAL (
        SELECT true AS seen FROM playlist_entries_history AS entry
         WHERE anywhere.idle IS NULL AND entry.track_id = matched.id AND entry.batch_tag < %s LIMIT 1
       ) AS older ON true
 GROUP BY {words}, CASE WHEN older.seen THEN {longest} ELSE anywhere.idle END
UNION ALL
SELECT 'used', policy_id, ARRAY[{words}]::bigint[], ARRAY[{spans}]::bigint[]
  FROM used JOIN matched ON matched.id = used.track_id GROUP BY {words}, policy_id
UNION ALL
SELECT 'artists', policy_id, ARRAY[]::bigint[], ARRAY[sum(places)]::bigint[]
  FROM ranked WHERE place <= {most_named} GROUP BY policy_id
"""


def _tracks(read: Read, rules: list[Rule], questions: Questions, today: dt.date) -> dict[_Key, int]:
    """Fill in what is counted by tracks; how many match each policy, and how many are usable at all."""
    matched: Counter[_Key] = Counter()
    for kind, policy_id, words, numbers in _about_tracks(questions, today):
        if kind == "artists":
            read.top_artists[policy_id] = numbers[0]
            continue
        admitted = [ALL, *(rule.row.pk for rule in rules if candidates.mask(words) & rule.bit)]
        if kind == "idle":
            idle, tracks = numbers
            for key in admitted:
                read.idle[key][idle] += tracks
                matched[key] += tracks
        elif policy_id in admitted:
            read.used[policy_id].update(dict(zip(health.SPANS, numbers, strict=True)))
    read.used[ALL].update({days: _used_within(read.idle[ALL], days) for days in health.SPANS})
    return matched


def _used_within(idle: Mapping[int | None, int], days: int) -> int:
    return sum(tracks for since, tracks in idle.items() if since is not None and since < days)


def _about_tracks(questions: Questions, today: dt.date) -> Iterator[tuple[Any, ...]]:
    rows = candidates.answered(questions)
    spans = ", ".join(f"count(*) FILTER (WHERE used.idle < {days})" for days in health.SPANS)
    text = _TRACKS.format(
        matched=rows.text, words=", ".join(candidates.words(questions)), spans=spans,
        longest=LONGEST, most_named=health.MOST_NAMED,
    )  # fmt: skip
    (first, last), (lately, _) = _window(today, LONGEST), _window(today, SHORTER)
    return _ask(text, [*rows.params, last, lately, first, last, first])


# --- uses

_GAPS = """
SELECT policy_id, gap, count(*)
  FROM (SELECT policy_id, day - lag(day) OVER (PARTITION BY track_id{scope} ORDER BY day) AS gap
          FROM (SELECT playlists.policy_id, playlist_id, theme_tag, track_id, batch_tag::date AS day
                  FROM playlist_entries_history JOIN playlists ON playlists.id = playlist_id
                 WHERE batch_tag BETWEEN %s AND %s AND NOT reasons ? 'pinned') AS uses) AS pairs
 WHERE gap IS NOT NULL GROUP BY policy_id, gap
"""
_PARTITIONS = {"network": "", "theme": ", theme_tag", "playlist": ", playlist_id"}


def _gaps(read: Read, rules: list[Rule], scope: str, today: dt.date) -> None:
    """Days between two uses of a track in the scope that a policy rests in; the network's are everybody's."""
    scopes = {rule.row.pk: rule.scope for rule in rules}
    for policy_id, gap, uses in _ask(_GAPS.format(scope=_PARTITIONS[scope]), _window(today, LONGEST)):
        if scope == "network":
            read.gaps[ALL][gap] += uses
        if scopes.get(policy_id) == scope:
            read.gaps[policy_id][gap] += uses


_POOLS = """
SELECT policy_id, coalesce(reasons->>'pool', 'rest'), reasons ?| array['relaxed', 'repeat'], count(*)
  FROM playlist_entries_history JOIN playlists ON playlists.id = playlist_id
 WHERE batch_tag BETWEEN %s AND %s GROUP BY 1, 2, 3
"""


def _pools(read: Read, today: dt.date) -> None:
    for policy_id, pool, is_bent, places in _ask(_POOLS, _window(today, SHORTER)):
        for key in (policy_id, ALL):
            read.pools[key][pool] += places
            read.bent[key] += places if is_bent else 0


_LISTS = """
SELECT policy_id, state, step->>'path', grouping(step->>'path'), count(DISTINCT snapshots.id)
  FROM playlist_snapshots AS snapshots
  JOIN playlists ON playlists.id = playlist_id
  LEFT JOIN LATERAL jsonb_array_elements(relaxations) AS step ON true
 WHERE date BETWEEN %s::date AND %s::date
 GROUP BY GROUPING SETS ((policy_id, state), (policy_id, state, step->>'path'))
"""


def _lists(read: Read, today: dt.date) -> None:
    for policy_id, state, path, is_total, lists in _ask(_LISTS, _window(today, SHORTER)):
        for key in (policy_id, ALL):
            if is_total:
                read.states[key][state] += lists
            elif path:
                read.relaxed[key][path] += lists


# --- asking


def _window(today: dt.date, days: int) -> list[str]:
    """The first and the last of the days that end today, as batch tags."""
    return [(today - dt.timedelta(days=days - 1)).isoformat(), today.isoformat()]


def _ask(sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
