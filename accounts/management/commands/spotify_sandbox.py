"""Run the sandbox Spotify in its own process until it is told to stop."""

import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox import server, world

SETTINGS = (
    "port", "albums", "mode", "seed", "calls_per_30s", "users", "coverage", "audio_features",
    "rotate_refresh_tokens",
)  # fmt: skip


class Command(BaseCommand):
    help = "A local Spotify (with its accounts service, ReccoBeats and Gemini) to try Vibe with."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=9099, help="0 takes any free port (default: 9099)")
        parser.add_argument(
            "--albums", type=int, default=300, help="how many albums there are (default: 300)"
        )
        parser.add_argument(
            "--mode", choices=world.MODES, default="extended", help="which of Spotify's two worlds"
        )
        parser.add_argument("--seed", type=int, default=1, help="another seed is another catalogue")
        parser.add_argument(
            "--calls-per-30s", type=int, default=None, help="rolling window per app (default: none)"
        )
        parser.add_argument("--users", type=int, default=5, help="Spotify users to begin with (default: 5)")
        parser.add_argument(
            "--coverage", type=float, default=0.75, help="share of tracks ReccoBeats knows (0.75)"
        )
        parser.add_argument(
            "--audio-features", action="store_true", help="Spotify's own audio features still answer"
        )
        parser.add_argument(
            "--rotate-refresh-tokens", action="store_true", help="each refresh brings a new token"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        log = (lambda line: print(line, file=sys.stderr, flush=True)) if options["verbosity"] > 1 else None
        try:
            with server.serve(log=log, **_settings(options)) as sandbox:
                self.stdout.write(f"Spotify sandbox ready at {sandbox.url}")
                self.stdout.flush()
                stopped.wait()
        except OSError as error:
            raise CommandError(
                f"Port {options['port']} cannot be used ({error.strerror}). Choose another with --port."
            ) from error


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in SETTINGS}
