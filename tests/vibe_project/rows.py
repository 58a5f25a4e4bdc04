"""One row of every model that the console shows, with canary tokens that no page may print."""

from __future__ import annotations

import datetime as dt

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from accounts.models import Account, Alarm, AppToken, Authorization, CallCount, Capability, Circuit, Listener
from catalog.models import (
    Album,
    AlbumSource,
    AlbumTrackMap,
    Artist,
    Batch,
    Block,
    FeatureSource,
    GenreAnswer,
    Track,
)
from curation.models import Vibe
from curation.policy import revisions
from playlists.models import (
    Audit,
    HistoryEntry,
    ManagerPlan,
    Pause,
    Playlist,
    PlaylistCopy,
    ScheduleSeed,
    Snapshot,
    StageRun,
)

CANARY = "CANARY-token-never-shown"
STATE = "CANARY-state-never-shown"
ALBUM, TRACK = "4aawyAB9vmqN3uQ7FjRGTy", "11dFghVXANMlKmJXsNCbNl"
COPY = "37i9dQZF1DXcBWIGoYBM5M"


def make() -> None:
    now = timezone.now()
    operator = User.objects.create_user("somebody")
    Group.objects.get_or_create(name="Viewer")
    account = _accounts(now)
    track = _catalogue(now)
    _playlists(now, account, track)
    _schedule(now)
    LogEntry.objects.create(
        user=operator,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(operator.pk),
        object_repr="somebody",
        action_flag=CHANGE,
        change_message="Did something.",
    )


def _accounts(now: dt.datetime) -> Account:
    account = Account.objects.create(
        label="Jazz 1",
        spotify_user_id="jazz-1",
        access_token=CANARY,
        refresh_token=CANARY,
        token_expires_at=now + dt.timedelta(minutes=40, seconds=30),
        reauth_due_at=now + dt.timedelta(days=100),
    )
    Authorization.objects.create(
        state_digest=STATE, code_verifier=CANARY, begun_by=f"console:{CANARY}", created_at=now
    )
    Listener.objects.create(spotify_user_id="listener", access_token=CANARY, refresh_token=CANARY)
    AppToken.objects.create(client_id="sandbox-client", access_token=CANARY, expires_at=now)
    Circuit.objects.create(app="a", bucket="albums", state="open", open_until=now + dt.timedelta(minutes=9))
    Capability.objects.create(app="a", name="audio_features", available=False)
    Alarm.objects.create(kind="k", text="Something is off.", raised_at=now, last_seen_at=now)
    CallCount.objects.create(hour=now, endpoint="albums", account=account, calls=3, throttled=1)
    return account


def _catalogue(now: dt.datetime) -> Track:
    batch = Batch.objects.create(
        label="November",
        submitted_by="somebody",
        digest="0" * 64,
        lines=3,
        queued=1,
        invalid=[{"line": 2, "value": "=HYPERLINK(1)", "reason": "This is not a link."}],
        created_at=now,
    )
    album = Album.objects.create(
        spotify_id=ALBUM,
        name="Kind of Blue",
        artist="Miles Davis",
        album_type="album",
        total_tracks=1,
        fetched_at=now,
    )
    source = AlbumSource.objects.create(
        batch=batch,
        url=ALBUM,
        spotify_album_id=ALBUM,
        album=album,
        status="ingested",
        created_at=now,
        ingested_at=now,
    )
    FeatureSource.objects.create(name="reccobeats")
    track = Track.objects.create(
        spotify_id=TRACK,
        album=album,
        name="So What",
        artist="Miles Davis",
        artist_ids=["0kbYTNQb4Pb1rPbbaF0pT4"],
        explicit=False,
        duration_ms=545_000,
        recording_key="so what",
        added_at=now,
    )
    AlbumTrackMap.objects.create(album_source=source, track=track)
    artist = Artist.objects.create(
        spotify_id="0kbYTNQb4Pb1rPbbaF0pT4", name="Miles Davis", genres=["cool jazz"], genre_source="wikidata"
    )
    GenreAnswer.objects.create(
        artist=artist, source="wikidata", outcome="found", genres=["cool jazz"], fetched_at=now
    )
    Block.objects.create(
        kind="artist", spotify_id="0kbYTNQb4Pb1rPbbaF0pT5", reason="No.", blocked_by="somebody"
    )
    return track


def _playlists(now: dt.datetime, account: Account, track: Track) -> None:
    body = {"schema": "vibe.policy/1"}
    rules = revisions.save("Jazz", body, author="somebody", now=now)
    Vibe.objects.create(
        public_id="v" * 16,
        text="late jazz",
        title="Late Jazz",
        interpreter="offline",
        policy=body,
        created_at=now,
    )
    playlist = Playlist.objects.create(name="Jazz 1", policy=rules, theme_tag="Jazz", global_index=1)
    snapshot = Snapshot.objects.create(
        playlist=playlist,
        date=now.date(),
        state="built",
        size=1,
        revision=revisions.newest(rules),
        created_at=now,
    )
    HistoryEntry.objects.create(
        snapshot=snapshot,
        playlist=playlist,
        track=track,
        spotify_track_id=track.spotify_id,
        position=1,
        batch_tag=str(now.date()),
        reasons={"score": 0.5},
        added_at=now,
    )
    PlaylistCopy.objects.create(
        playlist=playlist, account=account, status="error", error_message="Refused.", spotify_playlist_id=COPY
    )
    Audit.objects.create(account=account, date=now.date(), created_at=now)
    ManagerPlan.objects.create(
        run_date=now.date(), stats={"T": 1, "K": 50, "R": 10, "p_target": 1}, digest="0" * 64, created_at=now
    )
    StageRun.objects.create(stage="sync", run_date=now.date(), scheduled_at=now)
    Pause.objects.create(reason="Looking.", paused_by="somebody", paused_at=now, lifted_at=now)
    ScheduleSeed.objects.create(name="Sweep", seeded_at=now)


def _schedule(now: dt.datetime) -> None:
    cron = CrontabSchedule.objects.create(minute="10", hour="4")
    PeriodicTask.objects.create(name="Sync", task="sync_playlists_daily", crontab=cron)
    IntervalSchedule.objects.create(every=60, period="seconds")
    ClockedSchedule.objects.create(clocked_time=now)
    SolarSchedule.objects.create(event="sunset", latitude=1, longitude=1)
