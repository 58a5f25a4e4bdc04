"""Albums and tracks, which source brought which, and what is blocked."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Count, F, Func, Q, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from catalog import names, search, titles
from catalog.computed_fields import TextOf, TextsOf
from catalog.models.sources import AlbumSource

# ReccoBeats and its like learn new tracks slowly: an absent track is asked for again after a week.
ABSENT_FOR = dt.timedelta(days=7)


class Album(models.Model):
    """An album as Spotify last told it."""

    spotify_id = models.CharField(max_length=22, unique=True)
    name = models.TextField()
    artist = models.TextField()
    artist_ids = ArrayField(models.CharField(max_length=22), default=list)
    # As Spotify gives it: "1999", "1999-05" or "1999-05-01"; the precision says which.
    release_date = models.CharField(max_length=10, blank=True)
    release_date_precision = models.CharField(max_length=5, blank=True)
    # The first day the text can mean, for queries; null where Spotify gives none.
    released_on = models.DateField(null=True, blank=True)
    album_type = models.CharField(max_length=20)
    total_tracks = models.PositiveIntegerField()
    label = models.TextField(null=True, blank=True)
    popularity = models.PositiveSmallIntegerField(null=True, blank=True)
    upc = models.CharField(max_length=20, null=True, blank=True)
    genres = ArrayField(models.TextField(), default=list, blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    image_url = models.TextField(blank=True)
    # As names compare (catalog.names): for policies, and the words for the console's search.
    name_folded = TextOf(work=lambda row: names.folded(row.name))
    label_folded = TextOf(work=lambda row: names.folded(row.label or ""))
    genres_folded = TextsOf(work=lambda row: [names.folded(genre) for genre in row.genres])
    tags_folded = TextsOf(work=lambda row: [names.folded(tag) for tag in row.tags])
    # The genres with all that is above them in the taxonomy of this version (catalog.genres.on_tracks).
    genre_keys = ArrayField(models.TextField(), null=True, editable=False)
    taxonomy = models.CharField(max_length=20, null=True, editable=False)
    words = TextOf(work=lambda row: names.words(f"{row.name} {row.artist}"))
    # When Spotify last told something new; an unchanged re-read writes nothing.
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "albums"
        constraints = [
            models.CheckConstraint(
                condition=Q(popularity__isnull=True) | Q(popularity__range=(0, 100)),
                name="albums_popularity_range",
            )
        ]
        indexes = [
            # Policies by release date and the console's newest-first list.
            models.Index(fields=["released_on"], name="albums_released_on"),
            # The console's search by words of a title or an artist.
            GinIndex(search.VECTOR, name="albums_found_by"),
            # Albums whose names are not worked out yet; as a rule none.
            models.Index(fields=["id"], name="albums_to_complete", condition=Q(name_folded__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.artist}"


class TrackQuerySet(models.QuerySet["Track"]):
    def usable(self) -> TrackQuerySet:
        """The tracks that policies may choose from: the one definition of T."""
        found = self
        for obstacle in obstacles().values():
            found = found.exclude(obstacle)
        return found

    def with_reason(self) -> TrackQuerySet:
        """Annotate `reason`: the first obstacle in a track's way, or "usable"."""
        return self.annotate(reason=_first_obstacle())

    def usability(self) -> dict[str, int]:
        """Count the tracks by `reason` and in `total`: what T is made of, in one query."""
        rows = self.order_by().annotate(reason=_first_obstacle()).values_list("reason").annotate(Count("pk"))
        counted = dict(rows)
        reasons = ("usable", *obstacles())
        return {"total": sum(counted.values()), **{reason: counted.get(reason, 0) for reason in reasons}}

    def lacking_features(self, now: dt.datetime) -> TrackQuerySet:
        """Playable tracks never looked up, or absent for so long that asking again makes sense."""
        worth_asking = Q(features_absent_at__isnull=True) | Q(features_absent_at__lt=now - ABSENT_FOR)
        return self.filter(worth_asking, audio_features__isnull=True, is_playable=True)


def obstacles() -> dict[str, Q]:
    """What keeps a track from being usable, in the order in which people are told."""
    return {
        "gone": Q(gone_at__isnull=False),
        "not_playable": Q(is_playable=False),
        "incomplete": Q(artist_ids=[]) | Q(duration_ms=0),
        "track_blocked": Q(spotify_id__in=Block.objects.ids(Block.Kind.TRACK)),
        "album_blocked": Q(
            album_id__in=Album.objects.filter(spotify_id__in=Block.objects.ids(Block.Kind.ALBUM)).values("pk")
        ),
        "artist_blocked": Q(artist_ids__overlap=ArraySubquery(Block.objects.ids(Block.Kind.ARTIST))),
    }


def _first_obstacle() -> Case:
    cases = [When(obstacle, then=Value(reason)) for reason, obstacle in obstacles().items()]
    return Case(*cases, default=Value("usable"), output_field=models.TextField())


def _measure(name: str) -> models.GeneratedField:
    """A number of `audio_features` as a column: what policies ask of every track should not need its JSON."""
    told = KeyTransform(name, "audio_features")
    kind = Func(told, function="jsonb_typeof", output_field=models.TextField())
    number = Cast(KeyTextTransform(name, "audio_features"), models.FloatField())
    only_numbers = Case(When(Exact(kind, Value("number")), then=number))
    return models.GeneratedField(expression=only_numbers, output_field=models.FloatField(), db_persist=True)


class Track(models.Model):
    """A track: what Spotify says of it, what it sounds like, and whether it may be played."""

    VERSIONS = [(name, name.replace("_", " ").title()) for name in (titles.ORIGINAL, *titles.VERSIONS)]

    spotify_id = models.CharField(max_length=22, unique=True)
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="tracks")
    name = models.TextField()
    artist = models.TextField()
    artist_ids = ArrayField(models.CharField(max_length=22))
    artist_names = ArrayField(models.TextField(), default=list)
    isrc = models.CharField(max_length=15, null=True, blank=True)
    popularity = models.PositiveSmallIntegerField(null=True, blank=True)
    explicit = models.BooleanField()
    duration_ms = models.PositiveIntegerField()
    disc_number = models.PositiveSmallIntegerField(default=1)
    track_number = models.PositiveIntegerField(default=1)
    is_playable = models.BooleanField(default=True)
    # Since when no album that we know lists it any more; listed again, it is back.
    gone_at = models.DateTimeField(null=True, blank=True)
    version = models.CharField(max_length=10, choices=VERSIONS, default=titles.ORIGINAL)
    # What the title tells besides (catalog.titles); null where older code wrote (catalog.backfill).
    is_interlude = models.BooleanField(null=True, default=False)
    season = models.CharField(max_length=10, null=True, default=titles.NO_SEASON)
    # As names compare (catalog.names): for policies, for artists in sentences, for the console's search.
    name_folded = TextOf(work=lambda row: names.folded(row.name))
    artist_names_folded = TextsOf(work=lambda row: names.known(row.artist_names))
    artist_key = TextOf(work=lambda row: names.key(row.artist))
    words = TextOf(work=lambda row: names.words(" ".join([row.name, row.artist, *row.artist_names[1:]])))
    # Genres of its artists and its album: as policies find them, with all that is above them, and as written.
    # Null where nothing is known. catalog.genres.on_tracks keeps both.
    genre_keys = ArrayField(models.TextField(), null=True, editable=False)
    genre_labels = ArrayField(models.TextField(), null=True, editable=False)
    # One recording once: the ISRC, else the normalised title and main artist.
    recording_key = models.TextField()
    energy = models.FloatField(null=True, blank=True)
    danceability = models.FloatField(null=True, blank=True)
    # All measures of one source, by its names: energy, danceability, valence, tempo, key, mode, ...
    audio_features = models.JSONField(null=True, blank=True)
    valence = _measure("valence")
    acousticness = _measure("acousticness")
    instrumentalness = _measure("instrumentalness")
    liveness = _measure("liveness")
    speechiness = _measure("speechiness")
    tempo = _measure("tempo")
    loudness = _measure("loudness")
    key = _measure("key")
    mode = _measure("mode")
    time_signature = _measure("time_signature")
    features_source = models.CharField(max_length=20, null=True, blank=True)
    features_at = models.DateTimeField(null=True, blank=True)
    features_absent_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    objects = TrackQuerySet.as_manager()

    class Meta:
        db_table = "tracks"
        constraints = [
            models.CheckConstraint(
                condition=Q(popularity__isnull=True) | Q(popularity__range=(0, 100)),
                name="tracks_popularity_range",
            ),
            models.CheckConstraint(
                condition=Q(audio_features__isnull=True, features_source__isnull=True)
                | Q(audio_features__isnull=False, features_source__isnull=False),
                name="tracks_features_have_source",
            ),
            models.CheckConstraint(
                condition=Q(season__isnull=True) | Q(season__in=[titles.NO_SEASON, *titles.SEASONS]),
                name="tracks_season_known",
            ),
        ]
        indexes = [
            # Search by artist name in console and API (exact and prefix).
            models.Index(fields=["artist"], name="tracks_artist"),
            # The artists that a sentence of the vibe generator names.
            models.Index(fields=["artist_key"], name="tracks_artist_key"),
            # The console's search by words of a title or an artist.
            GinIndex(search.VECTOR, name="tracks_found_by"),
            # Tracks whose names and titles are not read yet; as a rule none.
            models.Index(fields=["id"], name="tracks_to_complete", condition=Q(name_folded__isnull=True)),
            # The console's filters, newest first, where few tracks or none fit: the small part of each.
            models.Index(fields=["id"], name="tracks_not_playable", condition=Q(is_playable=False)),
            models.Index(fields=["id"], name="tracks_explicit", condition=Q(explicit=True)),
            models.Index(fields=["version", "id"], name="tracks_versions", condition=~Q(version="original")),
            # Policies and lists by popularity.
            models.Index(fields=["popularity"], name="tracks_popularity"),
            # The console's filter by genre: genre_keys && one name.
            GinIndex(fields=["genre_keys"], name="tracks_genres"),
            # The tracks of artists whose genres changed, and on an artist's page: artist_ids && some ids.
            GinIndex(fields=["artist_ids"], name="tracks_of_artists"),
            # One recording once: the twins of a track.
            models.Index(fields=["recording_key"], name="tracks_recording"),
            # Enrichment: tracks not yet looked up, or absent long enough to ask again.
            models.Index(
                F("features_absent_at").asc(nulls_first=True),
                "id",
                name="tracks_to_enrich",
                condition=Q(audio_features__isnull=True, is_playable=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.artist}"


class AlbumTrackMap(models.Model):
    """Which tracks a source brought."""

    album_source = models.ForeignKey(AlbumSource, on_delete=models.CASCADE, related_name="track_links")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="source_links")

    class Meta:
        db_table = "album_track_map"
        constraints = [
            models.UniqueConstraint(fields=["album_source", "track"], name="album_track_map_once"),
        ]

    def __str__(self) -> str:
        return f"{self.album_source_id}: {self.track_id}"


class BlockQuerySet(models.QuerySet["Block"]):
    def ids(self, kind: str) -> models.QuerySet[Block, dict[str, str]]:
        return self.filter(kind=kind).values("spotify_id")


class Block(models.Model):
    """An artist, album or track that must not be taken or played, and why."""

    class Kind(models.TextChoices):
        ARTIST = "artist"
        ALBUM = "album"
        TRACK = "track"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    spotify_id = models.CharField(max_length=22)
    name = models.TextField(blank=True)
    reason = models.TextField()
    blocked_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        db_table = "catalog_blocks"
        constraints = [models.UniqueConstraint(fields=["kind", "spotify_id"], name="blocks_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.spotify_id}"


class FeatureSource(models.Model):
    """A provider of audio features that asked us to stay away for a while, and why."""

    name = models.CharField(max_length=20, unique=True)
    blocked_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "feature_sources"

    def __str__(self) -> str:
        return self.name
