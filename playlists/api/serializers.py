"""The shapes of the playlists' endpoints: bodies that come in, and what goes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.strict_input.bodies import Body as StrictBody
from accounts.strict_input.bodies import Text, Whole, YesOrNo
from playlists.models import ManagerPlan, Playlist
from playlists.planning import planner
from playlists.rotation import naming

Body = serializers.Serializer[Any]


class NewTemplate(StrictBody):
    name = Text(max_length=100)
    theme_tag = Text(max_length=73, required=False, allow_blank=True, default="")
    policy = serializers.DictField(help_text="a vibe.policy/1 document")
    replication_factor = Whole(min_value=1, max_value=100, default=1)

    def validate_name(self, value: str) -> str:
        if not (cleaned := naming.plain(value)):
            raise serializers.ValidationError("A name needs at least one visible character.")
        return cleaned

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs | {"theme_tag": naming.plain(attrs["theme_tag"]) or attrs["name"][:73]}


class Template(Body):
    id = serializers.CharField()
    name = serializers.CharField()
    theme_tag = serializers.CharField()
    global_index = serializers.IntegerField()
    replication_factor = serializers.IntegerField()
    status = serializers.ChoiceField(Playlist.Status.choices)
    is_managed = serializers.BooleanField(help_text="made by the manager, which may retire it again")
    policy_name = serializers.CharField()
    policy = serializers.DictField()


def template(playlist: Playlist) -> dict[str, Any]:
    return {
        "id": playlist.public_id,
        "name": playlist.name,
        "theme_tag": playlist.theme_tag,
        "global_index": playlist.global_index,
        "replication_factor": playlist.replication_factor,
        "status": playlist.status,
        "is_managed": playlist.is_managed,
        "policy_name": playlist.policy.name,
        "policy": playlist.policy.body,
    }


class Queued(Body):
    queued = serializers.IntegerField()
    copies = serializers.ListField(child=serializers.IntegerField())
    why = serializers.CharField(allow_blank=True, help_text="why nothing is queued, and what to do")


class Execute(StrictBody):
    dry_run = YesOrNo(default=False)


class Plan(Body):
    id = serializers.IntegerField(allow_null=True, help_text="null: nothing is stored")
    run_date = serializers.DateField()
    status = serializers.CharField()
    stats = serializers.DictField()
    actions = serializers.ListField(child=serializers.DictField())
    reasons = serializers.ListField(child=serializers.CharField())
    digest = serializers.CharField()
    applied_by = serializers.CharField()
    applied_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


def plan(made: planner.Plan) -> dict[str, Any]:
    return {
        "id": None,
        "run_date": made.run_date,
        "status": ManagerPlan.Status.PROPOSED.value,
        "stats": dict(made.stats),
        "actions": list(made.actions),
        "reasons": list(made.reasons),
        "digest": made.digest,
        "applied_by": "",
        "applied_at": None,
        "created_at": None,
    }


def stored_plan(row: ManagerPlan) -> dict[str, Any]:
    names = (
        "id",
        "run_date",
        "status",
        "stats",
        "actions",
        "reasons",
        "digest",
        "applied_by",
        "applied_at",
        "created_at",
    )
    return {name: getattr(row, name) for name in names}


class Obtained(Body):
    min = serializers.IntegerField(allow_null=True)
    median = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)
    pairs = serializers.IntegerField(help_text="pairs of uses that follow each other")


class Gap(Body):
    configured = serializers.IntegerField()
    sustainable = serializers.IntegerField(
        allow_null=True, help_text="tracks that match / places a day; null where no playlist asks"
    )
    obtained = Obtained()


class Share(Body):
    goal = serializers.FloatField()
    actual = serializers.FloatField(allow_null=True)


class Relaxed(Body):
    lists = serializers.IntegerField(help_text="lists that needed the step")
    pass_rate = serializers.FloatField(allow_null=True, help_text="share of the lists that kept the rule")


class HealthFigures(Body):
    """Days are days, shares and rates lie between 0 and 1, and null says that there is nothing to divide."""

    playlists = serializers.IntegerField()
    places_a_day = serializers.IntegerField()
    tracks_matched = serializers.IntegerField()
    gap = Gap()
    blend = serializers.DictField(child=Share(), help_text="by pool; empty without a blend")
    coverage = serializers.DictField(
        child=serializers.FloatField(allow_null=True), help_text="share of the matching tracks used, by days"
    )
    never_used = serializers.IntegerField()
    overdue = serializers.IntegerField(help_text="tracks that rested longer than overdue_after_days")
    overdue_after_days = serializers.IntegerField(
        allow_null=True, help_text="twice a whole round of the matching tracks, or twice the rest asked"
    )
    top_50_artists_share = serializers.FloatField(allow_null=True)
    hard_rule_pass_rate = serializers.FloatField(
        allow_null=True, help_text="share of places filled without a relax step or a repeat"
    )
    lists = serializers.IntegerField()
    held = serializers.IntegerField()
    relaxed = serializers.DictField(child=Relaxed(), help_text="by the path of the step")
    sentence = serializers.CharField()


class PolicyHealth(HealthFigures):
    id = serializers.IntegerField()
    policy = serializers.CharField()
    theme_tag = serializers.CharField()


class HealthDays(Body):
    rest = serializers.IntegerField()
    rules = serializers.IntegerField()


class Health(Body):
    date = serializers.DateField()
    days = HealthDays(help_text="how far back rest is measured, and how far rules, blends and artists are")
    network = HealthFigures()
    policies = PolicyHealth(many=True)


class Link(Body):
    account = serializers.CharField(help_text="opaque id")
    account_name = serializers.CharField()
    external_url = serializers.URLField()
    last_synced_at = serializers.DateTimeField()


class PublicPlaylist(Body):
    id = serializers.CharField(help_text="opaque and stable")
    name = serializers.CharField()
    theme_tag = serializers.CharField()
    number = serializers.IntegerField()
    title = serializers.CharField(allow_null=True, help_text="as on Spotify; null before the first list")
    date = serializers.DateField(allow_null=True)
    size = serializers.IntegerField()
    last_synced_at = serializers.DateTimeField(allow_null=True)
    links = Link(many=True)


class PublicTrack(Body):
    position = serializers.IntegerField()
    spotify_id = serializers.CharField()
    title = serializers.CharField()
    artist = serializers.CharField()
    artists = serializers.ListField(child=serializers.CharField())
    album = serializers.CharField()
    album_spotify_id = serializers.CharField()
    image_url = serializers.URLField(allow_null=True)
    duration_ms = serializers.IntegerField()
    explicit = serializers.BooleanField()
    external_url = serializers.URLField()


class PublicListOwner(Body):
    id = serializers.CharField()
    name = serializers.CharField()
    theme_tag = serializers.CharField()
    number = serializers.IntegerField()


class PublicTracks(Body):
    playlist = PublicListOwner()
    title = serializers.CharField()
    date = serializers.DateField()
    size = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    tracks = PublicTrack(many=True)


class PublicAccount(Body):
    id = serializers.CharField(help_text="opaque and stable")
    name = serializers.CharField()
    external_url = serializers.URLField()
    playlists = serializers.IntegerField()


class PublicCopy(Body):
    id = serializers.CharField()
    name = serializers.CharField()
    theme_tag = serializers.CharField()
    number = serializers.IntegerField()
    external_url = serializers.URLField()
    last_synced_at = serializers.DateTimeField()
