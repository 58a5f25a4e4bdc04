"""The console's page of an artist: genres and where they come from, tags, tracks, last uses, blocks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import console
from catalog.admin import music
from catalog.genres import artist_rows
from catalog.intake import blocks
from catalog.models import Artist, Block, GenreAnswer, Track
from playlists.rotation import artist_uses

SHOWN_TRACKS = 50


class BlockForm(console.Reasoned):
    def note(self) -> str:
        artist = get_object_or_404(Artist, pk=self.object_id)
        uses = artist_uses.of(artist.spotify_id).sentence()
        return f"{uses} None of them goes into a new list, and no album of this artist is taken again."


class UnblockForm(console.Confirm):
    def note(self) -> str:
        artist = get_object_or_404(Artist, pk=self.object_id)
        return f"{artist_uses.of(artist.spotify_id).sentence()} New lists may take the tracks again."


class TagForm(console.Reasoned):
    tags = forms.CharField(
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Genres, separated by semicolons.",
    )

    def note(self) -> str:
        artist = get_object_or_404(Artist, pk=self.object_id)
        given = f"Now: {'; '.join(artist.tags)}." if artist.tags else "It has none now."
        return f"Tags count as genres beside what a source says. {given} What you write replaces them."

    def clean_tags(self) -> list[str]:
        try:
            return artist_rows.read_tags(self.cleaned_data["tags"])
        except artist_rows.BadTags as error:
            raise ValidationError(str(error)) from error


class SourceFilter(admin.SimpleListFilter):
    """Who told the genres; named here so that no list asks the table which there are."""

    title, parameter_name = "genres from", "genre_source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("import", "wikidata", "listenbrainz", "spotify", "nobody")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        source = None if self.value() == "nobody" else self.value()
        return queryset.filter(genre_source=source)


def _dialog(title: str, form: type[console.Confirm], submit: str) -> dict[str, Any]:
    return {"title": title, "description": "", "form_class": form, "form_submit_text": submit}


@admin.register(Artist)
class ArtistAdmin(music.Blockable):
    list_display = ("__str__", "genre_list", "genre_source", "tag_list", "country", "spotify")
    list_filter = (SourceFilter,)
    id_fields = ("spotify_id",)
    name_fields = ("name",)
    search_help_text = "An id, a Spotify link, or words of the artist's name"
    fields = (
        "name", "spotify_id", "genre_list", "genre_source", "genres_checked_at", "tag_list", "tags_reason",
        "country", "blocked",
    )  # fmt: skip
    readonly_fields = fields
    change_form_outer_after_template = "admin/playlists/artist.html"
    actions_detail = ("block", "unblock", "tag")

    def has_unblock_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("catalog.delete_block")

    @action(
        description="Block", permissions=["block"], icon="block",
        dialog=_dialog("Block this artist?", BlockForm, "Block"),
    )  # fmt: skip
    def block(self, request: HttpRequest, form: BlockForm, object_id: str) -> HttpResponse:
        artist, reason = get_object_or_404(Artist, pk=object_id), form.cleaned_data["reason"]
        by = console.username(request)
        blocks.add(
            kind=Block.Kind.ARTIST, spotify_id=artist.spotify_id, reason=reason, name=artist.name, by=by
        )
        return console.done(request, _page(artist), f"{artist} is blocked: {reason}", target=artist)

    @action(
        description="Unblock", permissions=["unblock"], icon="check",
        dialog=_dialog("Lift the block of this artist?", UnblockForm, "Unblock"),
    )  # fmt: skip
    def unblock(self, request: HttpRequest, form: UnblockForm, object_id: str) -> HttpResponse:
        artist = get_object_or_404(Artist, pk=object_id)
        was_blocked = blocks.remove(kind=Block.Kind.ARTIST, spotify_id=artist.spotify_id)
        said = "is no longer blocked." if was_blocked else "was not blocked."
        return console.done(request, _page(artist), f"{artist} {said}", target=artist)

    @action(
        description="Tag", permissions=["operate"], icon="sell",
        dialog=_dialog("Which genres is it, say you?", TagForm, "Tag"),
    )  # fmt: skip
    def tag(self, request: HttpRequest, form: TagForm, object_id: str) -> HttpResponse:
        artist, reason = get_object_or_404(Artist, pk=object_id), form.cleaned_data["reason"]
        artist_rows.tag(artist.spotify_id, form.cleaned_data["tags"], reason=reason)
        tags = "; ".join(form.cleaned_data["tags"]) or "nothing"
        return console.done(request, _page(artist), f"{artist} is tagged {tags}: {reason}", target=artist)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artist]:
        block = Block.objects.filter(kind=Block.Kind.ARTIST, spotify_id=OuterRef("spotify_id"))
        return super().get_queryset(request).annotate(blocked_because=Subquery(block.values("reason")[:1]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **more: Any) -> Any:
        if (artist := more.get("obj")) is not None:
            tracks = Track.objects.filter(artist_ids__overlap=[artist.spotify_id])
            shown = music.with_use(tracks).order_by("-pk")[:SHOWN_TRACKS]
            context["played"] = artist_uses.of(artist.spotify_id)
            context["tracks"] = [(track, music.use(track)) for track in shown]
            context["uses"] = artist_uses.last(artist.spotify_id)
        return super().render_change_form(request, context, *args, **more)

    @display(description="Genres")
    def genre_list(self, artist: Artist) -> str:
        return "; ".join(artist.genres) or "-"

    @display(description="Tags")
    def tag_list(self, artist: Artist) -> str:
        return "; ".join(artist.tags) or "-"

    @display(description="Blocked")
    def blocked(self, artist: Any) -> str:
        return artist.blocked_because or "no"

    @display(description="Spotify")
    def spotify(self, artist: Artist) -> SafeString | str:
        return console.outside(f"https://open.spotify.com/artist/{artist.spotify_id}", "Open")


def _page(artist: Artist) -> str:
    return reverse("admin:catalog_artist_change", args=[artist.pk])


@admin.register(GenreAnswer)
class GenreAnswerAdmin(console.ReadOnly):
    """What each source said of each artist, and until when that is believed."""

    list_display = ("artist", "source", "outcome", "genres", "fetched_at", "believed_until")
    list_filter = ("outcome",)
    list_select_related = ("artist",)
    id_fields = ("artist__spotify_id",)
    name_fields = ("artist__name",)
