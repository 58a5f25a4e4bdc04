"""A check at start: a key ring that cannot open the stored tokens must stop the start, not the 04:00 run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core import checks
from django.db import DatabaseError

from accounts.login import key_rotation


@checks.register(checks.Tags.database)
def stored_tokens_open(
    databases: Iterable[str] | None = None, **kwargs: Any
) -> Iterable[checks.CheckMessage]:
    """Asked where databases are checked: by migrate, which every start runs, and by check --database."""
    if not databases:
        return
    try:
        where = key_rotation.first_unreadable()
    except DatabaseError:
        return  # not migrated yet, or no database answers; other checks report both
    if where is not None:
        yield checks.Error(
            f"No key in SPOTIFY_TOKEN_KEY opens {where}.",
            hint="Put the old key back behind the new one, run manage.py rotate_token_keys, then remove it.",
            id="accounts.E001",
        )
