"""The console's account pages: who publishes, how their logins stand, and the door to Spotify."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import console, views
from accounts.gateway_state import breaker_store
from accounts.login import activation
from accounts.models import Account, Alarm, AppToken, Authorization, CallCount, Capability, Circuit, Listener

STATUS_TONES = {"active": "success", "paused": "warning", "needs reauth": "danger", "disabled": "info"}


def token_state(secret: object, expires_at: Any) -> str:
    """What may be said of a token: whether it is there and until when, never any of its text."""
    if not secret:
        return "missing"
    return (
        f"set, expires {console.relative(expires_at, timezone.now())}"
        if expires_at
        else "set, expiry unknown"
    )


class ConnectForm(console.Confirm):
    label = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget(), help_text="A name for people, such as “Jazz 2”."
    )

    def note(self) -> str:
        return "You go on to Spotify. Log in there as the account that is to publish, and agree."


class ReconnectForm(console.Confirm):
    def note(self) -> str:
        return "You go on to Spotify. Log in there as this very account; another one is refused. Copies stay."


class DeactivateForm(console.Reasoned):
    def note(self) -> str:
        return "Nothing is written to its copies any more, and the next plan moves them to other accounts."


class ActivateForm(console.Confirm):
    def note(self) -> str:
        return "It takes copies again from the next plan on, and what it has is brought up to date."


class CloseForm(console.Reasoned):
    def note(self) -> str:
        return (
            "Calls pass from now on, although Spotify asked to wait. Say how you know that the block is over."
        )


@admin.register(Account)
class AccountAdmin(ModelAdmin):
    list_display = ("name", "spotify_user_id", "shown_status", "token", "consent_due", "cap", "copies")
    list_filter = ("status",)
    search_fields = ("label", "display_name", "spotify_user_id")
    search_help_text = "Label, name or Spotify user id"
    ordering = ("label", "pk")
    readonly_fields = (
        "shown_status", "status_reason", "spotify_user_id", "spotify_account_id", "display_name", "token",
        "renewal", "consented", "consent_due", "scopes", "copies", "created_at", "updated_at",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("label", "max_playlists", "shown_status", "status_reason", "copies")}),
        ("Spotify", {"fields": ("display_name", "spotify_user_id", "spotify_account_id", "scopes")}),
        ("Login", {"fields": ("token", "renewal", "consented", "consent_due", "created_at", "updated_at")}),
    )

    actions_list = ("connect",)
    actions_detail = ("reconnect", "activate", "deactivate")

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False  # its history hangs on it: deactivate it instead

    @console.dialog_action(
        "Connect an account",
        title="Connect a Spotify account",
        submit="Go to Spotify",
        form=ConnectForm,
        permission="connect",
        icon="add_link",
        variant=ActionVariant.PRIMARY,
    )
    def connect(self, request: HttpRequest, form: ConnectForm) -> HttpResponse:
        label = form.cleaned_data["label"]
        console.record(request, f"Began to connect “{label}”.", target=Account)
        return console.go(request, views.begin(request, label=label))

    @console.dialog_action(
        "Connect again",
        title="Connect this account again",
        submit="Go to Spotify",
        form=ReconnectForm,
        permission="change",
        icon="restart_alt",
    )
    def reconnect(self, request: HttpRequest, form: ReconnectForm, object_id: str) -> HttpResponse:
        account = get_object_or_404(Account, pk=object_id)
        console.record(request, "Began to connect it again.", target=account)
        return console.go(request, views.begin(request, label=account.label, account=account))

    @console.dialog_action(
        "Activate",
        title="Activate this account?",
        submit="Activate",
        form=ActivateForm,
        permission="change",
        icon="play_arrow",
    )
    def activate(self, request: HttpRequest, form: ActivateForm, object_id: str) -> HttpResponse:
        account, url = get_object_or_404(Account, pk=object_id), _page(object_id)
        try:
            activation.activate(account.pk)
        except activation.NotAllowed as error:
            self.message_user(request, str(error), messages.ERROR)
            return console.go(request, url)
        return console.done(request, url, f"{account} is active.", target=account)

    @console.dialog_action(
        "Deactivate",
        title="Deactivate this account?",
        submit="Deactivate",
        form=DeactivateForm,
        permission="change",
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def deactivate(self, request: HttpRequest, form: DeactivateForm, object_id: str) -> HttpResponse:
        account, reason = get_object_or_404(Account, pk=object_id), form.cleaned_data["reason"]
        activation.deactivate(account.pk, reason=f"Paused by {console.username(request)}: {reason}")
        return console.done(request, _page(object_id), f"{account} is paused: {reason}", target=account)

    def has_connect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_account")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an account comes from Spotify's consent page, by "Connect an account"

    @display(description="Account", ordering="label")
    def name(self, account: Account) -> str:
        return str(account)

    @display(description="Status", label=STATUS_TONES)
    def shown_status(self, account: Account) -> str:
        return account.status.replace("_", " ")

    @display(description="Access token")
    def token(self, account: Account) -> str:
        return token_state(account.access_token, account.token_expires_at)

    @display(description="Refresh token")
    def renewal(self, account: Account) -> str:
        return "set" if account.refresh_token else "missing: connect again"

    @display(description="Consented")
    def consented(self, account: Account) -> SafeString | str:
        return console.when(account.authorized_at)

    @display(description="Consent due")
    def consent_due(self, account: Account) -> SafeString | str:
        return console.when(account.reauth_due_at)

    @display(description="Cap")
    def cap(self, account: Account) -> str:
        return "default" if account.max_playlists is None else str(account.max_playlists)

    @display(description="Copies")
    def copies(self, account: Account) -> SafeString:
        url = reverse("admin:playlists_playlistcopy_changelist")
        return console.link(f"{url}?account__id__exact={account.pk}", "Show its playlists")


def _page(account_id: str) -> str:
    return reverse("admin:accounts_account_change", args=[account_id])


@admin.register(Authorization)
class AuthorizationAdmin(console.ReadOnly):
    """Logins that were begun; state and verifier are secrets while they can be used, and not shown."""

    list_display = ("pk", "purpose", "label", "begun_in", "begun", "used")
    list_filter = ("purpose",)
    name_fields = ("label",)
    search_help_text = "How the label begins"
    fields = ("purpose", "label", "begun_in", "account", "next_path", "begun", "used")
    readonly_fields = fields

    @display(description="Begun in")
    def begun_in(self, row: Authorization) -> str:
        return row.begun_by.partition(":")[0]  # what follows names the session, which is its own secret

    @display(description="Begun")
    def begun(self, row: Authorization) -> SafeString | str:
        return console.when(row.created_at)

    @display(description="Used")
    def used(self, row: Authorization) -> SafeString | str:
        return console.when(row.used_at) if row.used_at else "not used"


@admin.register(Listener)
class ListenerAdmin(console.ReadOnly):
    list_display = ("display_name", "spotify_user_id", "token", "created_at")
    id_fields = ("spotify_user_id",)
    name_fields = ("display_name", "spotify_user_id")
    search_help_text = "How the name or Spotify user id begins"
    fields = ("display_name", "spotify_user_id", "token", "scopes", "created_at")
    readonly_fields = fields

    @display(description="Token")
    def token(self, listener: Listener) -> str:
        return token_state(listener.access_token, listener.token_expires_at)


@admin.register(AppToken)
class AppTokenAdmin(console.ReadOnly):
    list_display = ("client_id", "token", "refused")
    name_fields = ("client_id",)
    fields = ("client_id", "token", "refused")
    readonly_fields = fields

    @display(description="Token")
    def token(self, row: AppToken) -> str:
        return token_state(row.access_token, row.expires_at)

    @display(description="Refused")
    def refused(self, row: AppToken) -> SafeString | str:
        return console.when(row.refused_at) if row.refused_at else "no"


@admin.register(Circuit)
class CircuitAdmin(console.ReadOnly):
    list_display = ("bucket", "shown_state", "reason", "failures", "closes", "updated_at")
    list_filter = ("state",)
    name_fields = ("bucket",)
    search_help_text = "How the bucket's name begins"
    actions_detail = ("close",)

    @console.dialog_action(
        "Close the circuit",
        title="Close this circuit?",
        submit="Close it",
        form=CloseForm,
        permission="operate",
        icon="power",
        variant=ActionVariant.DANGER,
    )
    def close(self, request: HttpRequest, form: CloseForm, object_id: str) -> HttpResponse:
        circuit, reason = get_object_or_404(Circuit, pk=object_id), form.cleaned_data["reason"]
        breaker_store.close(circuit, by=console.username(request))
        url = reverse("admin:accounts_circuit_change", args=[circuit.pk])
        return console.done(
            request, url, f"The circuit “{circuit.bucket}” is closed: {reason}", target=circuit
        )

    @display(description="State", label={"closed": "success", "open": "danger", "half open": "warning"})
    def shown_state(self, circuit: Circuit) -> str:
        return circuit.state.replace("_", " ")

    @display(description="Closes")
    def closes(self, circuit: Circuit) -> SafeString | str:
        return "-" if circuit.state == Circuit.State.CLOSED else console.when(circuit.open_until)


@admin.register(Capability)
class CapabilityAdmin(console.ReadOnly):
    list_display = ("name", "available", "missed", "reason", "changed_at")
    list_filter = ("available",)
    name_fields = ("name",)

    @display(description="Refused in a row")
    def missed(self, row: Capability) -> int:
        return len(row.missed_ids)


@admin.register(Alarm)
class AlarmAdmin(console.ReadOnly):
    list_display = ("text", "kind", "subject", "raised", "times", "cleared")
    list_filter = ("kind",)
    name_fields = ("subject", "kind")
    search_help_text = "How the subject or the kind begins"

    @display(description="Raised")
    def raised(self, alarm: Alarm) -> SafeString | str:
        return console.when(alarm.raised_at)

    @display(description="Cleared")
    def cleared(self, alarm: Alarm) -> SafeString | str:
        return console.when(alarm.cleared_at) if alarm.cleared_at else "open"


@admin.register(CallCount)
class CallCountAdmin(console.ReadOnly):
    list_display = ("hour", "endpoint", "account", "calls", "throttled", "failures", "waited")
    list_select_related = ("account",)
    name_fields = ("endpoint", "account__label")
    search_help_text = "How the endpoint's or the account's name begins"

    @display(description="Waited")
    def waited(self, row: CallCount) -> str:
        return f"{row.waited_ms / 1000:,.1f} s"
