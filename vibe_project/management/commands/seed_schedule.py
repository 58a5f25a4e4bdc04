"""Put the UTC schedule and the operators' roles into the database once; later edits are left alone."""

from typing import Any

from django.core.management.base import BaseCommand

from playlists.nightly import schedule
from vibe_project import roles


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        created = schedule.seed()
        roles.ensure()
        self.stdout.write(
            f"Seeded: {', '.join(created)}." if created else "The schedule is already there; nothing changed."
        )
