"""The console's pages of the copies on Spotify: wanted and actual, what went wrong, and work by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.enums import ActionVariant

from accounts import console, plurals
from playlists.models import Audit, PlaylistCopy
from playlists.sync import drain, operator_actions, push, resync

TONES = {"pending": "info", "syncing": "primary", "synced": "success", "error": "danger", "archived": ""}


class SyncForm(console.Confirm):
    def note(self) -> str:
        return "The newest list is written to it as soon as a worker is free; a copy in step stays as it is."


@dataclass(frozen=True)
class ByHand:
    """Something an operator may decide about a copy: how it is asked for, and the domain's call."""

    label: str
    title: str
    note: str
    done: str
    decide: Callable[[int], PlaylistCopy]
    icon: str
    variant: ActionVariant = ActionVariant.DEFAULT


BY_HAND: Mapping[str, ByHand] = {
    "keep_edit": ByHand(
        "Adopt the edit",
        "Keep what was edited by hand?",
        "What is on Spotify now stays until the next list; name and description are brought up to date.",
        "What was edited by hand stays until the next list.",
        operator_actions.keep_edit,
        "back_hand",
    ),
    "overwrite_edit": ByHand(
        "Overwrite",
        "Write the newest list over what is there?",
        "Whatever is on Spotify gives way to the newest list, however the playlist treats edits by hand.",
        "The newest list is written over what is on Spotify.",
        operator_actions.overwrite_edit,
        "ink_eraser",
    ),
    "recreate": ByHand(
        "Make again",
        "Make this copy again?",
        "Another playlist is made; the one there is taken off the account, followers and all, once it is up.",
        "The copy is made again; the old one goes once the new one is up.",
        operator_actions.recreate,
        "restart_alt",
        ActionVariant.DANGER,
    ),
    "detach": ByHand(
        "Detach",
        "Let this playlist go?",
        "It stays on Spotify as it is and is never written to again; another one is made for the account.",
        "The playlist is let go; another one is made.",
        operator_actions.detach,
        "link_off",
        ActionVariant.DANGER,
    ),
}


def _detail_action(name: str) -> Any:
    """The action on one copy's page; its dialog asks why, for the record."""
    what = BY_HAND[name]

    class Form(console.Reasoned):
        def note(self) -> str:
            return f"1 copy. {what.note}"

    def run(self: PlaylistCopyAdmin, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        copy = get_object_or_404(PlaylistCopy, pk=object_id)
        url = reverse("admin:playlists_playlistcopy_change", args=[copy.pk])
        try:
            what.decide(copy.pk)
        except operator_actions.NotPossible as error:
            self.message_user(request, str(error), messages.ERROR)
            return console.go(request, url)
        message = f"{what.done} Because: {form.cleaned_data['reason']}"
        return console.done(request, url, message, target=copy)

    run.__name__ = name
    return console.dialog_action(
        what.label,
        title=what.title,
        submit=what.label,
        form=Form,
        permission="operate",
        icon=what.icon,
        variant=what.variant,
    )(run)


def _bulk_action(name: str) -> Any:
    """The same for the selected copies, with a page that says how many they are."""
    what = BY_HAND[name]

    def run(
        self: PlaylistCopyAdmin, request: HttpRequest, queryset: QuerySet[PlaylistCopy]
    ) -> HttpResponse | None:
        note = f"{plurals.counted(queryset.count(), 'copy')}, each: {what.note}"
        title = f"{what.label}: the selected copies?"
        if page := console.unconfirmed(self, request, queryset, title=title, note=note, button=what.label):
            return page
        ids = list(queryset.order_by("pk").values_list("pk", flat=True))
        for words, count in Counter(_decided(what, one) for one in ids).items():
            is_done = words == what.done
            self.message_user(
                request, f"{count:,} × {words}", messages.SUCCESS if is_done else messages.WARNING
            )
        console.record(request, f"{what.label}: {plurals.counted(len(ids), 'copy')}.", target=PlaylistCopy)
        return None

    run.__name__ = f"{name}_selected"
    return admin.action(description=what.label, permissions=["operate"])(run)


def _decided(what: ByHand, copy_id: int) -> str:
    try:
        what.decide(copy_id)
    except operator_actions.NotPossible as error:
        return str(error)
    return what.done


@admin.register(PlaylistCopy)
class PlaylistCopyAdmin(console.ReadOnly):
    list_display = (
        "playlist_link",
        "account_link",
        "shown_status",
        "last_sync",
        "next_try",
        "error",
        "spotify",
    )
    list_display_links = None
    list_filter = ("status",)
    list_select_related = ("playlist", "account")
    id_fields = ("spotify_playlist_id",)
    name_fields = ("playlist__name", "account__label", "account__display_name")
    search_help_text = "A Spotify playlist id or link, or how the playlist's or account's name begins"

    fields = (
        "playlist", "account", "shown_status", "error", "next_try", "last_sync", "wanted_name", "there",
        "treats_edits", "former", "attempts",
    )  # fmt: skip
    readonly_fields = fields

    actions = ("sync_selected", *(f"{name}_selected" for name in BY_HAND))
    actions_detail = ("sync_now", {"title": "By hand", "icon": "pan_tool", "items": list(BY_HAND)})
    keep_edit, keep_edit_selected = _detail_action("keep_edit"), _bulk_action("keep_edit")
    overwrite_edit, overwrite_edit_selected = _detail_action("overwrite_edit"), _bulk_action("overwrite_edit")
    recreate, recreate_selected = _detail_action("recreate"), _bulk_action("recreate")
    detach, detach_selected = _detail_action("detach"), _bulk_action("detach")

    @admin.action(description="Sync now", permissions=["operate"])
    def sync_selected(self, request: HttpRequest, queryset: QuerySet[PlaylistCopy]) -> HttpResponse | None:
        chosen, failed = queryset.count(), queryset.filter(status="error").count()
        are = plurals.verb(chosen, "is", "are")
        some = plurals.counted(chosen, "copy")
        note = f"{some}, {failed:,} of them failed, {are} tried again with a clean slate."
        title = "Sync the selected copies now?"
        if page := console.unconfirmed(self, request, queryset, title=title, note=note, button="Sync now"):
            return page
        count = sync_again(queryset)
        console.record(request, f"Asked for a sync of {plurals.counted(count, 'copy')}.", target=PlaylistCopy)
        if count:
            self.message_user(request, waiting(count), messages.SUCCESS)
        else:
            words = "The selected copies are archived: there is nothing to write to."
            self.message_user(request, words, messages.WARNING)
        return None

    @console.dialog_action(
        "Sync now",
        title="Sync this copy now?",
        submit="Sync now",
        form=SyncForm,
        permission="operate",
        icon="sync",
    )
    def sync_now(self, request: HttpRequest, form: SyncForm, object_id: str) -> HttpResponse:
        copy = get_object_or_404(PlaylistCopy.objects.select_related("playlist", "account"), pk=object_id)
        count = sync_again(PlaylistCopy.objects.filter(pk=copy.pk))
        url = reverse("admin:playlists_playlistcopy_change", args=[copy.pk])
        if not count:
            self.message_user(
                request, "This copy is archived: there is nothing to write to.", messages.WARNING
            )
            return console.go(request, url)
        return console.done(request, url, "This copy waits for a worker.", target=copy)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistCopy]:
        rows = PlaylistCopy.objects.with_newest().select_related("playlist__policy", "account")
        return rows.order_by(*self.ordering)

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup in {"account__id__exact", "playlist__id__exact"} or super().lookup_allowed(
            lookup, value, request
        )

    @display(description="Playlist")
    def playlist_link(self, copy: PlaylistCopy) -> SafeString:
        url = reverse("admin:playlists_playlistcopy_change", args=[copy.pk])
        return console.link(url, copy.playlist)

    @display(description="Account")
    def account_link(self, copy: PlaylistCopy) -> SafeString:
        return console.link(reverse("admin:accounts_account_change", args=[copy.account_id]), copy.account)

    @display(description="Status", label=TONES)
    def shown_status(self, copy: PlaylistCopy) -> str:
        return copy.status

    @display(description="Last sync")
    def last_sync(self, copy: PlaylistCopy) -> SafeString | str:
        return console.when(copy.last_synced_at) if copy.last_synced_at else "never"

    @display(description="Next try")
    def next_try(self, copy: PlaylistCopy) -> SafeString | str:
        return console.when(copy.not_before)

    @display(description="Error")
    def error(self, copy: PlaylistCopy) -> str:
        return copy.error_message or "-"

    @display(description="Wanted on Spotify")
    def wanted_name(self, copy: PlaylistCopy) -> str:
        wanted = push.wanted_for(copy)
        if wanted is None:
            return "nothing yet: the playlist has no list"
        is_there = (wanted.items_hash, wanted.details_hash) == (copy.items_hash, copy.details_hash)
        return f"{wanted.name} ({'written' if is_there else 'to be written'})"

    @display(description="There")
    def there(self, copy: PlaylistCopy) -> SafeString | str:
        return console.outside(copy.external_url, copy.spotify_playlist_id) or "nothing yet"

    @display(description="An edit by hand is")
    def treats_edits(self, copy: PlaylistCopy) -> str:
        if copy.keeps_edit:
            return "kept until the next list, as an operator decided"
        return {
            "overwrite": "overwritten by the next push",
            "adopt": "kept until the next list",
            "hold": "held until an operator adopts or overwrites it",
        }[copy.playlist.drift]

    @display(description="Earlier playlists")
    def former(self, copy: PlaylistCopy) -> str:
        going = f"; still to be taken off: {', '.join(copy.leftovers)}" if copy.leftovers else ""
        return (", ".join(copy.former_ids) or "none") + going

    @display(description="Spotify")
    def spotify(self, copy: PlaylistCopy) -> SafeString | str:
        return console.outside(copy.external_url, "Open")


def waiting(count: int) -> str:
    return f"{plurals.counted(count, 'copy')} {plurals.verb(count, 'waits', 'wait')} for a worker."


def sync_again(copies: QuerySet[PlaylistCopy]) -> int:
    """Forget earlier failures of these copies and have them synced; how many."""
    ids = list(copies.filter(is_wanted=True).exclude(status="archived").values_list("pk", flat=True))
    again = PlaylistCopy.objects.filter(pk__in=ids).exclude(error_kind__in=resync.KEPT_WAITING)
    again.update(not_before=None, attempts=0)
    resync.enqueue_accounts(drain.due(timezone.now()).filter(pk__in=ids))
    return len(ids)


@admin.register(Audit)
class AuditAdmin(console.ReadOnly):
    """What a look through an account found changed by hand."""

    list_display = ("date", "account", "seen", "found")
    list_select_related = ("account",)
    name_fields = ("account__label", "account__display_name")
    search_help_text = "How the account's name begins"

    @display(description="Found")
    def found(self, audit: Audit) -> str:
        return "; ".join(str(item.get("sentence", item)) for item in audit.findings) or "all as it should be"
