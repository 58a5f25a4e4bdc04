"""Play one whole day on the Spotify sandbox through the real workers, and say what happened."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sys
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from accounts import plurals
from vibe_project import cost, demo, roles

ACCOUNTS = 3


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--albums",
            type=int,
            default=300,
            help="how many album links to submit (default 300)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if "127.0.0.1" not in settings.SPOTIFY_API_URL:
            raise CommandError("The demo writes playlists: SPOTIFY_API_URL must be the sandbox on 127.0.0.1.")
        out = Console(
            highlight=False,
            file=sys.stdout,
            width=None if sys.stdout.isatty() else 100,
        )
        today = timezone.now().date()
        try:
            links = self.prepare(options["albums"], out)
            seconds, memory = self.play_all(today, out)
        except demo.DemoFailed as error:
            raise CommandError(str(error)) from error
        summary = demo.summary(links, today=today)
        out.print(table({**summary, "worker's peak memory": cost.in_mib(memory)}, seconds))
        if faults := demo.faults(today=today):
            raise CommandError(" ".join(faults))
        out.print("[bold green]The whole day worked.[/]")

    def prepare(self, albums: int, out: Console) -> dict[str, int]:
        now = timezone.now()
        roles.ensure()
        create_operator(out)
        accounts = demo.connect_accounts(ACCOUNTS, now=now)
        out.print(
            f"Connected {plurals.counted(len(accounts), 'sandbox account')}: {', '.join(map(str, accounts))}."
        )
        out.print(f"Loaded {plurals.counted(demo.load_policies(now=now), 'policy')}.")
        links = demo.submit(albums, now=now)
        out.print(f"Links: {in_words(links)}.")
        return links

    def play_all(self, today: dt.date, out: Console) -> tuple[dict[str, float], dict[int, int]]:
        """What each stage took, and the workers' highest memory so far: read after each, as children go."""
        seconds: dict[str, float] = {}
        memory: dict[int, int] = {}
        for stage in demo.STAGES:
            seconds[stage] = self.play(stage, today, out)
            memory |= cost.workers()
        return seconds, memory

    def play(self, stage: str, today: dt.date, out: Console) -> float:
        """Seconds that the stage took; a bar on a terminal, a line elsewhere."""
        started = time.monotonic()
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
            bar = bars.add_task(stage, total=None)
            for done, total in demo.run(stage, today=today):
                bars.update(bar, completed=done, total=total or None)
        seconds = time.monotonic() - started
        out.print(f"{stage:<8} {done} of {total} in {seconds:.1f} s")
        return seconds


def create_operator(out: Console) -> None:
    """A login for the console; bin/demo made up the password for this clone, and prints it at the end."""
    users = get_user_model().objects
    if users.filter(username="demo").exists():
        return
    password = os.environ.get("VIBE_DEMO_PASSWORD")
    if not password:
        password = secrets.token_urlsafe(9)
        out.print(f"Console: demo / {password}")
    users.create_superuser("demo", password=password)


def table(summary: dict[str, Any], seconds: dict[str, float]) -> Table:
    rows = Table(
        title="What happened",
        show_header=False,
        title_justify="left",
        box=None,
        padding=(0, 2),
    )
    for name, value in summary.items():
        rows.add_row(f"[bold]{name}[/]", in_words(value))
    rows.add_row(
        "[bold]seconds[/]",
        ", ".join(f"{name} {took:.1f}" for name, took in seconds.items()),
    )
    return rows


def in_words(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
