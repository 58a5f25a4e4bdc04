"""Saves policies: validated, named, every version an immutable revision with its author, note and digest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.strict_input import json_text
from curation.models import CurationPolicy, PolicyRevision
from curation.policy import language

EXAMPLES = Path(__file__).parent / "starters"


def save(
    name: str,
    document: dict[str, Any],
    *,
    author: str,
    note: str = "",
    now: dt.datetime,
    theme_tag: str | None = None,
    is_active: bool | None = None,
) -> CurationPolicy:
    """Make the document the newest revision of the policy of this name, creating it where there is none.
    Saving what is already the newest adds no revision. Raises policy.PolicyError."""
    parsed = language.parse(document)
    body, digest = language.body(parsed), language.digest(parsed)
    with transaction.atomic():
        row, is_new = CurationPolicy.objects.select_for_update().get_or_create(
            name=name, defaults={"theme_tag": theme_tag or name[:73], "body": body, "digest": digest}
        )
        is_changed = is_new or row.digest != digest or not row.revisions.exists()
        row.body, row.digest = body, digest
        row.theme_tag = row.theme_tag if theme_tag is None else theme_tag
        row.is_active = row.is_active if is_active is None else is_active
        row.save()
        if is_changed:
            _append(row, author=author, note=note, now=now)
    return row


def newest(row: CurationPolicy) -> PolicyRevision:
    """The revision that the policy's body is; what a snapshot built now is made by."""
    return row.revisions.order_by("-number")[0]


def restore(revision: PolicyRevision, *, author: str, now: dt.datetime) -> CurationPolicy:
    """Make an old revision the newest again, as a new revision."""
    note = f"Back to revision {revision.number}"
    return save(revision.policy.name, revision.body, author=author, note=note, now=now)


def _append(row: CurationPolicy, *, author: str, note: str, now: dt.datetime) -> None:
    last = row.revisions.order_by("-number").values_list("number", flat=True).first()
    row.revisions.create(
        number=(last or 0) + 1, body=row.body, digest=row.digest, author=author, note=note, created_at=now
    )


def examples() -> list[dict[str, Any]]:
    """The twelve policies that come with Vibe: {"name", "theme_tag", "about", "policy"} each, by file
    name."""
    return [json_text.read(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]


def load_examples(*, author: str, now: dt.datetime) -> list[CurationPolicy]:
    """Save the example policies that are not there yet; what operators changed since stays theirs."""
    known = set(CurationPolicy.objects.values_list("name", flat=True))
    return [
        save(
            one["name"], one["policy"], author=author, note=one["about"], now=now, theme_tag=one["theme_tag"]
        )
        for one in examples()
        if one["name"] not in known
    ]
