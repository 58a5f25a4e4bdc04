"""The console's pages of albums and tracks, and of what is blocked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import console, enqueue
from catalog import search
from catalog.features import enrich
from catalog.genres import taxonomy
from catalog.intake import blocks
from catalog.models import Album, Block, FeatureSource, Track

SHOWN_TRACKS = 200


class Blockable(console.ReadOnly):
    """Rows that a block can be about, found by words of their names."""

    def has_block_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("catalog.add_block")

    def named(self, term: str) -> Q:
        return search.having(term) or super().named(term)


class BlockForm(console.Reasoned):
    def note(self) -> str:
        return "It is not taken again and goes into no new list. Whoever submits it reads the reason."


class AskAgainForm(console.Confirm):
    def note(self) -> str:
        return "What is known of its sound is forgotten until the source has answered."


def _block(
    model_admin: ModelAdmin, request: HttpRequest, row: Album | Track, kind: str, reason: str
) -> HttpResponse:
    """Block an album or a track, with its name, so that people know what the block is about."""
    by, opts = console.username(request), model_admin.opts
    blocks.add(kind=kind, spotify_id=row.spotify_id, reason=reason, name=str(row), by=by)
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return console.done(request, url, f"{row} is blocked: {reason}", target=row)


BLOCK = {
    "title": "Block it?",
    "description": "",
    "form_class": BlockForm,
    "form_submit_text": "Block",
}


def with_use(tracks: QuerySet[Track]) -> QuerySet[Any]:
    """The tracks with what `use` tells of them."""
    block = Block.objects.filter(kind=Block.Kind.TRACK, spotify_id=OuterRef("spotify_id"))
    reasoned: QuerySet[Any] = tracks.with_reason()  # type: ignore[attr-defined]
    return reasoned.annotate(blocked_because=Subquery(block.values("reason")[:1]))


def use(track: Any) -> str:
    """Whether lists may take a track; what Spotify calls playable may be blocked, in quarantine or gone."""
    if track.reason == "usable":
        return "yes"
    return f"no: {track.blocked_because or track.reason.replace('_', ' ')}"


class AlbumTypeFilter(admin.SimpleListFilter):
    """Spotify's three types, named here so that no list asks the table which there are."""

    title, parameter_name = "type", "album_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("album", "single", "compilation")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Album]) -> QuerySet[Album]:
        return queryset.filter(album_type=self.value()) if self.value() else queryset


@admin.register(Album)
class AlbumAdmin(Blockable):
    list_display = ("name", "artist", "release_date", "album_type", "total_tracks", "popularity", "spotify")
    list_filter = (AlbumTypeFilter,)
    id_fields = ("spotify_id",)
    name_fields = ("name", "artist")
    search_help_text = "An id, a Spotify link, or words of the album's or artist's name"
    change_form_outer_after_template = "admin/catalog/album_tracks.html"
    actions_detail = ("block",)

    @action(description="Block", permissions=["block"], icon="block", dialog=BLOCK)
    def block(self, request: HttpRequest, form: BlockForm, object_id: str) -> HttpResponse:
        album = get_object_or_404(Album, pk=object_id)
        return _block(self, request, album, Block.Kind.ALBUM, form.cleaned_data["reason"])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        tracks = Track.objects.filter(album_id=object_id) if object_id.isdigit() else Track.objects.none()
        ordered = with_use(tracks).order_by("disc_number", "track_number", "pk")[:SHOWN_TRACKS]
        rows = [(track, use(track)) for track in ordered]
        return super().change_view(request, object_id, form_url, (extra_context or {}) | {"tracks": rows})

    @display(description="Spotify")
    def spotify(self, album: Album) -> SafeString | str:
        return console.outside(f"https://open.spotify.com/album/{album.spotify_id}", "Open")


class GenreFilter(admin.SimpleListFilter):
    """The genres under which all others are; each finds what is below it, too."""

    title, parameter_name = "genre", "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, taxonomy.label_of(name)) for name in taxonomy.roots()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Track]) -> QuerySet[Track]:
        return queryset.filter(genre_keys__overlap=[self.value()]) if self.value() else queryset


@admin.register(Track)
class TrackAdmin(Blockable):
    list_display = (
        "name",
        "artist",
        "album_link",
        "popularity",
        "length",
        "energy_shown",
        "features",
        "usable",
        "spotify",
    )
    list_filter = ("is_playable", "explicit", "version", GenreFilter)
    list_select_related = ("album",)
    id_fields = ("spotify_id",)
    name_fields = ("name", "artist")
    search_help_text = "An id, a Spotify link, or words of the track's or artist's name"
    readonly_fields = ("usable",)
    exclude = ("is_playable",)
    actions_detail = ("block", "ask_again")

    @action(
        description="Ask for features again",
        permissions=["operate"],
        icon="graphic_eq",
        dialog={
            "title": "Ask what it sounds like once more?",
            "description": "",
            "form_class": AskAgainForm,
            "form_submit_text": "Ask again",
        },
    )
    def ask_again(self, request: HttpRequest, form: AskAgainForm, object_id: str) -> HttpResponse:
        track = get_object_or_404(Track, pk=object_id)
        enrich.forget([track.spotify_id])
        enqueue.after_commit("fetch_audio_features")
        url = reverse("admin:catalog_track_change", args=[track.pk])
        return console.done(request, url, f"{track}: its features are asked for again.", target=track)

    @action(description="Block", permissions=["block"], icon="block", dialog=BLOCK)
    def block(self, request: HttpRequest, form: BlockForm, object_id: str) -> HttpResponse:
        track = get_object_or_404(Track, pk=object_id)
        return _block(self, request, track, Block.Kind.TRACK, form.cleaned_data["reason"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Track]:
        return with_use(super().get_queryset(request))

    @display(description="Usable")
    def usable(self, track: Track) -> str:
        return use(track)

    @display(description="Album")
    def album_link(self, track: Track) -> SafeString:
        return console.link(reverse("admin:catalog_album_change", args=[track.album_id]), track.album.name)

    @display(description="Length")
    def length(self, track: Track) -> str:
        return f"{track.duration_ms // 60000}:{track.duration_ms // 1000 % 60:02}"

    @display(description="Energy")
    def energy_shown(self, track: Track) -> str:
        return "-" if track.energy is None else f"{track.energy:.2f}"

    @display(description="Features")
    def features(self, track: Track) -> str:
        if track.features_source:
            return track.features_source
        return "absent" if track.features_absent_at else "not asked yet"

    @display(description="Spotify")
    def spotify(self, track: Track) -> SafeString | str:
        return console.outside(f"https://open.spotify.com/track/{track.spotify_id}", "Open")


class NewBlockForm(forms.ModelForm):
    """Takes an id, a uri or a link, as people have it."""

    spotify_id = forms.CharField(
        label="Spotify id or link", max_length=300, widget=UnfoldAdminTextInputWidget()
    )

    class Meta:
        model = Block
        fields = ("kind", "spotify_id", "name", "reason")

    def clean_spotify_id(self) -> str:
        found = console.spotify_id(self.cleaned_data["spotify_id"])
        if found is None:
            raise forms.ValidationError("That is not a Spotify id: ids are 22 letters and digits.")
        return found


@admin.register(Block)
class BlockAdmin(ModelAdmin):
    """What must not be taken or played; who submits it reads the reason."""

    form = NewBlockForm
    list_display = ("kind", "name", "spotify_id", "reason", "blocked_by", "created_at")
    list_filter = ("kind",)
    search_fields = ("=spotify_id", "name")
    ordering = ("-pk",)
    fields = ("kind", "spotify_id", "name", "reason", "blocked_by", "created_at")
    readonly_fields = ("blocked_by", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "kind", "spotify_id") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Block, form: forms.ModelForm, change: bool) -> None:
        saved = blocks.add(
            kind=obj.kind,
            spotify_id=obj.spotify_id,
            reason=obj.reason,
            name=obj.name,
            by=console.username(request),
        )
        obj.pk, obj.blocked_by, obj.created_at = saved.pk, saved.blocked_by, saved.created_at


@admin.register(FeatureSource)
class FeatureSourceAdmin(console.ReadOnly):
    """Who is asked for audio features, and until when not."""

    list_display = ("name", "blocked", "reason")
    name_fields = ("name",)
    search_help_text = "How the name begins"

    @display(description="Asked again")
    def blocked(self, source: FeatureSource) -> SafeString | str:
        return console.when(source.blocked_until) if source.blocked_until else "now"
