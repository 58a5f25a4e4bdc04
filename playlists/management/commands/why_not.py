"""Say why a track is, or is not, in a playlist's list of a day."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import Track
from playlists.management.commands.build_snapshot import playlist_called
from playlists.management.commands.run_day import date_of
from playlists.rotation import why_not


class Command(BaseCommand):
    help = "The first rule of a playlist's policy that refuses a track on a day, or the place it has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("playlist", metavar="PLAYLIST", help="its number (#7 or 7), public id or name")
        parser.add_argument("track", metavar="TRACK", help="its Spotify id")
        parser.add_argument("--date", help="YYYY-MM-DD; today in UTC without it")
        parser.add_argument("--json", action="store_true", help="the answer as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        date = date_of(options["date"], timezone.now())
        track = Track.objects.filter(spotify_id=options["track"]).first()
        if track is None:
            raise CommandError(
                f"There is no track {options['track']} in the catalogue: give its Spotify id.", returncode=2
            )
        playlist = playlist_called(options["playlist"])
        text = why_not.sentence(playlist, track, on=date)
        answer = {"playlist": playlist.pk, "track": track.spotify_id, "date": date, "sentence": text}
        self.stdout.write(json.dumps(answer, default=str) if options["json"] else text)
