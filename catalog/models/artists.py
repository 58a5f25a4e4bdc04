"""Artists: who they are, their genres and where these come from, and what each source answered."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from catalog import names, search
from catalog.computed_fields import TextOf, TextsOf


def _texts() -> ArrayField:
    return ArrayField(models.TextField(), default=list, blank=True)


class Artist(models.Model):
    """An artist of a track. One whom Spotify leaves without a name keeps the id, and the name is empty."""

    spotify_id = models.CharField(max_length=22, unique=True)
    name = models.TextField(blank=True)
    # Labels as the source in `genre_source` writes them, the weightiest first.
    genres = _texts()
    genre_source = models.CharField(max_length=20, null=True, blank=True)
    # The operators' own labels: they count beside whatever a source says.
    tags = _texts()
    tags_reason = models.TextField(blank=True)
    # When any source answered last; null: nobody was asked yet.
    genres_checked_at = models.DateTimeField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    qid = models.CharField(max_length=20, blank=True)
    mbid = models.CharField(max_length=36, blank=True)
    # Genres and tags as they compare, and with all that is above them in the taxonomy of this version.
    genres_folded = TextsOf(work=lambda row: [names.folded(label) for label in (*row.genres, *row.tags)])
    genre_keys = ArrayField(models.TextField(), null=True, editable=False)
    taxonomy = models.CharField(max_length=20, null=True, editable=False)
    words = TextOf(work=lambda row: names.words(row.name))

    class Meta:
        db_table = "artists"
        constraints = [
            models.CheckConstraint(
                condition=Q(genres=[], genre_source__isnull=True)
                | Q(~Q(genres=[]), genre_source__isnull=False),
                name="artists_genres_have_source",
            ),
        ]
        indexes = [
            # Whom to ask next: those never asked first.
            models.Index(F("genres_checked_at").asc(nulls_first=True), "id", name="artists_to_ask"),
            # The console's search by words of a name.
            GinIndex(search.VECTOR, name="artists_found_by"),
            # Artists whose names are not worked out yet; as a rule none.
            models.Index(fields=["id"], name="artists_to_complete", condition=Q(words__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name or self.spotify_id


class GenreAnswer(models.Model):
    """What one source said of one artist when it was last asked. A failure is no answer and has no row."""

    class Outcome(models.TextChoices):
        FOUND = "found"
        NO_GENRE = "no_genre"
        ABSENT = "absent"

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="answers")
    source = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    genres = _texts()
    votes = models.JSONField(default=dict, blank=True)
    qid = models.CharField(max_length=20, blank=True)
    mbid = models.CharField(max_length=36, blank=True)
    country = models.CharField(max_length=2, blank=True)
    fetched_at = models.DateTimeField()
    # The source is asked again after this; null: never, it is an operator's word.
    believed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "artist_genre_answers"
        constraints = [
            models.UniqueConstraint(fields=["artist", "source"], name="genre_answers_once"),
            models.CheckConstraint(
                condition=Q(outcome="found") & ~Q(genres=[])
                | Q(outcome__in=["no_genre", "absent"], genres=[]),
                name="genre_answers_found_has_genres",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.outcome}"
