"""Store what an operator hands in: a policy, and the logical playlist that follows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from curation.policy import revisions
from playlists import locks
from playlists.models import Playlist


@dataclass(frozen=True)
class Stored:
    playlist: Playlist
    is_new: bool


def store(
    *,
    name: str,
    theme_tag: str,
    policy: dict[str, Any],
    replication_factor: int,
    author: str,
    now: dt.datetime,
) -> Stored:
    """The policy under this name (a new revision where it exists) and an operator's playlist of it.

    The same name again changes that playlist. Copies follow at the next scale run. Raises policy.PolicyError
    and locks.Busy."""
    with transaction.atomic():
        row = revisions.save(name[:100], policy, author=author, now=now, theme_tag=theme_tag)
        locks.hold_for_transaction(locks.SCALE)
        known = (
            Playlist.objects.filter(name=name, is_managed=False)
            .exclude(status=Playlist.Status.RETIRED)
            .first()
        )
        if known is not None:
            known.policy, known.theme_tag, known.replication_factor = row, theme_tag, replication_factor
            known.save(update_fields=["policy", "theme_tag", "replication_factor"])
            return Stored(known, False)
        made = Playlist.objects.create(
            name=name,
            theme_tag=theme_tag,
            policy=row,
            replication_factor=replication_factor,
            global_index=next_index(),
        )
        return Stored(made, True)


def next_index() -> int:
    """The first number after all that were ever given; call under the lock of the planner."""
    return 1 + (Playlist.objects.aggregate(top=Max("global_index"))["top"] or 0)
