"""Columns that Python works out whenever a row is written: names as they compare, words to find them by.

Not the database: it lower-cases after its own locale, and another one than Python's would find no İbrahim.
`queryset.update` works nothing out; who changes a name goes through `save`, `bulk_create` or ingest.storing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

Work = Callable[[Any], Any]


class TextOf(models.TextField):
    """A text that `work` makes of its row; null where older code wrote, until catalog.backfill comes by."""

    def __init__(self, *args: Any, work: Work | None = None, **options: Any) -> None:
        self.work = work
        super().__init__(*args, **{"null": True, "editable": False, **options})

    def pre_save(self, row: models.Model, add: bool) -> Any:
        return _worked_out(self, self.work, row) if self.work else super().pre_save(row, add)

    def deconstruct(self) -> Any:
        """To migrations it is a plain text: what Python does they need not know."""
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options


class TextsOf(ArrayField):
    """The same for a list of texts."""

    def __init__(self, base_field: Any = None, *args: Any, work: Work | None = None, **options: Any) -> None:
        self.work = work
        super().__init__(
            base_field or models.TextField(), *args, **{"null": True, "editable": False, **options}
        )

    def pre_save(self, row: models.Model, add: bool) -> Any:
        return _worked_out(self, self.work, row) if self.work else super().pre_save(row, add)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, options


def _worked_out(field: models.Field[Any, Any], work: Work, row: models.Model) -> Any:
    value = work(row)
    setattr(row, field.attname, value)
    return value
