"""What the console's pages share: lists over large tables, exact search, confirmations, and who did what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ShowFacets, helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold import paginator
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

# A name search stops at this many rows, so that a common beginning costs no more than a rare one.
NAME_MATCHES = 200
_ID = re.compile(r"\A(?:.*[:/](?:album|track|artist|playlist)[:/])?([0-9A-Za-z]{22})(?:\?.*)?\Z")


def spotify_id(term: str) -> str | None:
    """The 22-character id in an id, a uri or a link of any Spotify kind, else None."""
    found = _ID.match(term.strip())
    return found.group(1) if found else None


class InfinitePaginator(paginator.InfinitePaginator):
    """Finds a far page's keys before its rows: what comes before it is then read from an index alone.

    Named as Unfold's own, since its pages know by this name that nothing was counted.
    """

    far = 20

    def page(self, number: int) -> Any:
        number = self.validate_number(number)
        if number <= self.far:
            return super().page(number)
        bottom = (number - 1) * self.per_page
        keys = list(self.object_list.values_list("pk", flat=True)[bottom : bottom + self.per_page])
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)


class BigList(ModelAdmin):
    """A list over a table of any size: no counting, search by exact id or link or by how a name begins."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_disable_select_all = True
    list_per_page = 50
    ordering: Any = ("-pk",)
    sortable_by: Any = ()
    # Exact lookups (indexed) and beginnings of names (bounded); the second need no index to stay cheap.
    search_fields: Any = ("pk",)
    id_fields: tuple[str, ...] = ()
    name_fields: tuple[str, ...] = ()
    search_help_text = "An id, a Spotify link, or how the name begins"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        if self.id_fields and (found := spotify_id(term)):
            return queryset.filter(pk__in=self._rows_of(queryset, found)), False
        if not self.name_fields:
            return queryset.none(), False
        near = queryset.order_by().filter(self.named(term))
        # Asked by itself: inside the list's query PostgreSQL may run it once for every row.
        return queryset.filter(pk__in=list(near.values_list("pk", flat=True)[:NAME_MATCHES])), False

    def named(self, term: str) -> Q:
        """What a search for a name finds; lists whose tables index words find more than beginnings."""
        return _begins(self.name_fields, term)

    def _rows_of(self, queryset: QuerySet, found: str) -> list[Any]:
        """Keys of the rows with this id: one question to each index, where a single OR would use none."""
        asked = [queryset.order_by().filter(**{field: found}) for field in self.id_fields]
        return [key for rows in asked for key in rows.values_list("pk", flat=True)[:NAME_MATCHES]]


def _begins(fields: tuple[str, ...], term: str) -> Q:
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__istartswith": term})
    return condition


def shown(request: HttpRequest, model: type[Model]) -> Any:
    """What the list of these rows shows for the request's filters and search: all pages of it."""
    try:
        return admin.site.get_model_admin(model).get_changelist_instance(request).queryset
    except IncorrectLookupParameters as error:
        raise BadRequest("The list's filters cannot be read.") from error


class ActsOnShown(ModelAdmin):
    """A list whose buttons carry its filters and search, so that they act on what it shows; see `shown`."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        page = super().changelist_view(request, extra_context)
        query = request.GET.copy()
        query.pop("p", None)
        for button in getattr(page, "context_data", {}).get("actions_list", []) if query else []:
            button["path"] += f"?{query.urlencode()}"
        return page


class ReadOnly(BigList):
    """Rows that are the product's truth: read here, written by the domain; actions ask for `operate`."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


# --- actions: confirmed, then told, then recorded


class Confirm(BaseDialogForm):
    """A dialog that only asks whether to go on; subclasses say what is affected, with counts."""

    form_before_template = "admin/dialog_note.html"

    def note(self) -> str:
        return ""

    def get_before_template_context(self, request: HttpRequest, object_id: Any = None) -> dict[str, Any]:
        return {"note": self.note()}


class Reasoned(Confirm):
    """A dialog that asks why, for the record."""

    reason = forms.CharField(
        max_length=300, strip=True, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True})
    )


def dialog_action(
    label: str,
    *,
    title: str,
    submit: str,
    form: type[BaseDialogForm],
    permission: str,
    icon: str,
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[..., Any]:
    """Declare an action that runs once its dialog has been answered."""
    return action(
        description=label,
        permissions=[permission],
        icon=icon,
        variant=variant,
        # Unfold's template needs a description; ours is the form's note, which can count what is affected.
        dialog={"title": title, "description": "", "form_class": form, "form_submit_text": submit},
    )


def username(request: HttpRequest) -> str:
    return request.user.get_username()


def record(request: HttpRequest, message: str, *, target: Model | type[Model]) -> None:
    """Leave who did what to a row, or to a whole kind of rows, in the log that the console shows."""
    is_row = isinstance(target, Model)
    LogEntry.objects.create(
        user_id=request.user.pk or 0,
        content_type=ContentType.objects.get_for_model(target),
        object_id=str(target.pk) if is_row else None,
        object_repr=str(target)[:200] if is_row else str(target._meta.verbose_name_plural),
        action_flag=CHANGE,
        change_message=message,
    )


def done(
    request: HttpRequest,
    url: str,
    message: str = "",
    *,
    target: Model | type[Model],
    level: int = messages.SUCCESS,
) -> HttpResponse:
    """Tell, record and go on to `url`, from a dialog (htmx) as from a plain form."""
    if message:
        messages.add_message(request, level, message)
        record(request, message, target=target)
    return go(request, url)


def go(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def unconfirmed(
    model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet, *, title: str, note: str, button: str
) -> TemplateResponse | None:
    """The page that asks before a bulk action, or None when it has been answered."""
    if request.POST.get("confirmed"):
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "note": note,
        "button": button,
        "action": request.POST.get("action", ""),
        "selected": queryset.order_by("pk").values_list("pk", flat=True),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/confirm.html", context)


# --- how things read


def relative(moment: dt.datetime, now: dt.datetime) -> str:
    """ "in 40 min", "3 h ago": the largest unit that fits, rounded down."""
    seconds = (moment - now).total_seconds()
    size = abs(seconds)
    if size < 60:
        return "now"
    amount = next(
        f"{int(size // length)} {unit}"
        for unit, length in (("d", 86400), ("h", 3600), ("min", 60))
        if size >= length
    )
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def when(moment: dt.datetime | None, now: dt.datetime | None = None) -> SafeString | str:
    """A UTC time with its distance from now."""
    if moment is None:
        return "-"
    hint = relative(moment, now or timezone.now())
    return format_html(
        '<time datetime="{}" class="vibe-when">{} <span class="vibe-hint">{}</span></time>',
        moment.isoformat(timespec="seconds"),
        moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M"),
        hint,
    )


def link(url: str, text: object) -> SafeString:
    return format_html('<a href="{}" class="text-link">{}</a>', url, text)


def outside(url: str | None, text: object) -> SafeString | str:
    """A link that leaves the console."""
    if not url:
        return "-"
    return format_html(
        '<a href="{}" class="text-link" rel="noopener noreferrer" target="_blank">{}</a>', url, text
    )
