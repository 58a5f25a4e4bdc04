"""Re-encrypts every stored secret under the first key of SPOTIFY_TOKEN_KEY, in batches, while workers run."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, models, transaction

from accounts import encrypted_field
from accounts.models import Account, AppToken, Authorization, Listener

BATCH = 200
COLUMNS: tuple[tuple[type[models.Model], str], ...] = (
    (Account, "access_token"),
    (Account, "refresh_token"),
    (Listener, "access_token"),
    (Listener, "refresh_token"),
    (AppToken, "access_token"),
    (Authorization, "code_verifier"),
)


@dataclass(slots=True)
class KeysRotated:
    """Secrets by what happened: re-encrypted, under the first key already, unreadable, or held by a worker
    just now.
    """

    rotated: int = 0
    current: int = 0
    unreadable: int = 0
    busy: int = 0


def rotate(*, dry_run: bool = False) -> KeysRotated:
    """One pass over all secrets. Rows that a worker holds are skipped and counted as busy: run it again."""
    outcome = KeysRotated()
    for model, column in COLUMNS:
        secrets = model._default_manager.exclude(**{column: ""}).order_by("pk")
        pks = list(secrets.values_list("pk", flat=True))
        for start in range(0, len(pks), BATCH):
            _rotate_batch(model, column, pks[start : start + BATCH], outcome, dry_run=dry_run)
    return outcome


def _rotate_batch(
    model: type[models.Model], column: str, pks: list[int], outcome: KeysRotated, *, dry_run: bool
) -> None:
    with transaction.atomic():
        rows = model._default_manager.select_for_update(skip_locked=True, no_key=True).filter(pk__in=pks)
        found = dict(rows.exclude(**{column: ""}).values_list("pk", column))
        changed = {pk: fresh for pk, secret in found.items() if (fresh := _fresh(secret, outcome))}
        if not dry_run:
            _write(model._meta.db_table, column, changed)
    outcome.busy += len(pks) - len(found)


def _fresh(secret: encrypted_field.Sealed, outcome: KeysRotated) -> str | None:
    """The same secret under the first key, None where it is there already or no key opens it."""
    if encrypted_field.opens_with_first(secret.ciphertext):
        outcome.current += 1
        return None
    fresh = encrypted_field.rotated(secret.ciphertext)
    if fresh is None:
        outcome.unreadable += 1
    else:
        outcome.rotated += 1
    return fresh


def _write(table: str, column: str, changed: dict[int, str]) -> None:
    """Ciphertext goes in as it is, past the field that would encrypt it again."""
    name = connection.ops.quote_name
    sql = f"UPDATE {name(table)} SET {name(column)} = %s WHERE id = %s"  # noqa: S608 - names of our own models
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(ciphertext, pk) for pk, ciphertext in changed.items()])


def first_unreadable() -> str | None:
    """table.column of a stored secret that no key opens, for the check at start; None if all is well.

    Every row is tried: a rotation that was not finished may leave any of them under the old key.
    """
    for model, column in COLUMNS:
        secrets = model._default_manager.exclude(**{column: ""}).values_list(column, flat=True)
        if any(encrypted_field.rotated(secret.ciphertext) is None for secret in secrets.iterator()):
            return f"{model._meta.db_table}.{column}"
    return None
