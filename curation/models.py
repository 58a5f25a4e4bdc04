"""Policies with their immutable revisions, and the vibes that listeners made."""

from __future__ import annotations

from django.db import models


class CurationPolicyQuerySet(models.QuerySet["CurationPolicy"]):
    def active(self) -> CurationPolicyQuerySet:
        return self.filter(is_active=True)


class CurationPolicy(models.Model):
    """A rule set in vibe.policy/1; `body` is the newest revision's."""

    name = models.CharField(max_length=100, unique=True)
    theme_tag = models.CharField(max_length=73, blank=True)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CurationPolicyQuerySet.as_manager()

    class Meta:
        db_table = "curation_policies"
        verbose_name_plural = "curation policies"

    def __str__(self) -> str:
        return self.name


class PolicyRevision(models.Model):
    """What a policy said at one time; never changed, so that a snapshot can name what made it."""

    policy = models.ForeignKey(CurationPolicy, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    author = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "policy_revisions"
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_revisions_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} r{self.number}"


class Vibe(models.Model):
    """A sentence and the playlist it became: an immutable snapshot behind a share link."""

    class Interpreter(models.TextChoices):
        GEMINI = "gemini"
        OFFLINE = "offline"

    public_id = models.CharField(max_length=22, unique=True)
    text = models.CharField(max_length=300)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    interpreter = models.CharField(max_length=10, choices=Interpreter.choices)
    policy = models.JSONField()
    notes = models.JSONField(default=list, blank=True)
    # [{"title", "artist", "spotify_id", "external_url", "reason", ...}] as answered, in order.
    songs = models.JSONField(default=list)
    latency_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "vibes"
        indexes = [
            # The console's list of vibe requests, newest first.
            models.Index(fields=["-created_at"], name="vibes_newest"),
        ]

    def __str__(self) -> str:
        return self.title
