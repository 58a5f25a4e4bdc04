"""The public pages: the box for a sentence, a shared vibe, saving it to Spotify, and one album link."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.settings import api_settings

from accounts import plurals
from accounts.login import listeners
from accounts.spotify import errors
from catalog import advisory_locks
from catalog.intake import batches, submissions
from catalog.models import AlbumSource
from curation.models import Vibe
from curation.vibes import bars, describe, forms, generator, refining, saving

EXAMPLES = [
    "rainy sunday, no vocals",
    "80s synth-pop for a night drive",
    "upbeat soul to cook to, nothing explicit",
    "evening run, 150 to 170 bpm",
    "obscure jazz from the 60s and 70s",
    "calm piano, then sleep",
]


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The box; posting it makes a vibe and leads to its page."""
    if request.method != "POST":
        given = {"vibe": request.GET.get("vibe", "")[:300]}
        return _home(request, form=forms.VibeForm(initial=given))
    form = forms.VibeForm(request.POST)
    wait = _wait(request, "generate")
    if wait is not None:
        return _home(request, form=form, status=429, wait=wait)
    if not form.is_valid():
        return _home(request, form=form, status=422)
    try:
        vibe = generator.generate(
            form.sentence(),
            count=form.cleaned_data["count"],
            explicit=False if form.cleaned_data["no_explicit"] else None,
            wishes=form.wishes(),
            now=timezone.now(),
        )
    except generator.EmptyText:
        form.add_error("vibe", "Write a few words first: a mood, a genre, a decade, an occasion.")
        return _home(request, form=form, status=422)
    except generator.EmptyCatalogue:
        return _home(request, form=form, status=503, is_empty=True)
    return HttpResponseRedirect(f"/v/{vibe.public_id}", status=303)


@require_safe
def vibe_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """A vibe as it was made; it never changes."""
    vibe = get_object_or_404(Vibe, public_id=public_id)
    songs = [{**song, "place": place} for place, song in enumerate(vibe.songs, start=1)]
    context = {
        "vibe": vibe,
        "songs": songs,
        "chips": describe.chips(vibe.policy),
        "tone": describe.tone(vibe.policy),
        "total": describe.spoken_length(sum(song["duration_ms"] for song in songs)),
        "bars": bars.bars(songs),
        "rules": json.dumps(vibe.policy, indent=2, ensure_ascii=False),
        "share_url": saving.share_url(vibe),
        "more": forms.MORE,
        "is_signed_in": listeners.SESSION_KEY in request.session,
        "saved_url": (request.session.get(saving.SESSION_KEY) or {}).get(public_id, [None, None])[1],
    }
    return render(request, "curation/vibe.html", context)


@require_POST
def leave_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """The vibe made again without one wish that was understood, on a page of its own."""
    vibe = get_object_or_404(Vibe, public_id=public_id)
    page = f"/v/{vibe.public_id}"
    wait = _wait(request, "generate")
    if wait is not None:
        messages.error(
            request, f"That was a lot in one minute. Try again in {plurals.counted(wait, 'second')}."
        )
        return _back(page, wait)
    try:
        made = refining.without(vibe, request.POST.get("wish", ""), now=timezone.now())
    except refining.NotWished:
        messages.error(request, "That wish is not part of this vibe. Choose one of those shown here.")
        return _back(page)
    except generator.EmptyCatalogue:
        messages.error(request, "There is no playable song left in the catalogue.")
        return _back(page)
    return _back(f"/v/{made.public_id}")


def _back(page: str, wait: int | None = None) -> HttpResponse:
    response = HttpResponseRedirect(page, status=303)
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response


@require_POST
def save(request: HttpRequest, public_id: str) -> HttpResponse:
    """Save the vibe to the listener's own Spotify; without a sign-in that comes first."""
    vibe = get_object_or_404(Vibe, public_id=public_id)
    page = f"/v/{vibe.public_id}"
    listener = listeners.signed_in(request.session.get(listeners.SESSION_KEY))
    if listener is None:
        return redirect(f"/api/v1/playlist/connect?next={page}")
    try:
        saved = saving.save(vibe, listener_id=listener.pk, session=request.session)
    except errors.NeedsReauth:
        request.session.pop(listeners.SESSION_KEY, None)
        messages.error(request, "Spotify no longer accepts this sign-in. Sign in again to save.")
    except errors.Blocked:
        messages.error(request, "Spotify is not taking requests right now. Try again later.")
    except errors.Ambiguous:
        messages.warning(
            request, "Spotify did not say whether it worked. Look in your library before trying again."
        )
    except errors.SpotifyError:
        messages.error(request, "Spotify did not take the playlist. Try again in a minute.")
    else:
        messages.success(request, f"Saved to your Spotify: {plurals.counted(saved.tracks_added, 'song')}.")
    return HttpResponseRedirect(page, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def submit_album(request: HttpRequest) -> HttpResponse:
    """Queue one album behind the operators' lists; whoever only looks is led to the form."""
    if request.method != "POST":
        return HttpResponseRedirect("/#albums")
    form = forms.AlbumForm(request.POST)
    wait = _wait(request, "submit-one")
    if wait is not None:
        return _home(request, album_form=form, status=429, wait=wait)
    if not form.is_valid():
        return _home(request, album_form=form, status=422)
    try:
        receipt = batches.enqueue(
            [form.cleaned_data["url"]],
            by="public",
            priority=AlbumSource.STRANGERS_PRIORITY,
            now=timezone.now(),
        )
    except submissions.RefusedSubmission as refusal:
        form.add_error("url", str(refusal))
        return _home(request, album_form=form, status=422)
    except advisory_locks.Busy as error:
        form.add_error("url", str(error))
        return _home(request, album_form=form, status=503)
    if receipt.invalid:
        form.add_error("url", receipt.invalid[0]["reason"])
        return _home(request, album_form=form, status=422)
    if receipt.queued:
        messages.success(request, "Thank you. The album is queued; its songs join after the next ingest.")
    elif receipt.failed:
        messages.warning(request, f"That album is known here. {receipt.failed[0].public_reason}")
    else:
        messages.info(request, "That album is already known here. Nothing more to do.")
    return HttpResponseRedirect("/#albums", status=303)


def _home(
    request: HttpRequest,
    *,
    form: forms.VibeForm | None = None,
    album_form: forms.AlbumForm | None = None,
    status: int = 200,
    wait: int | None = None,
    is_empty: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form or forms.VibeForm(),
        "album_form": album_form or forms.AlbumForm(),
        "examples": EXAMPLES,
        "wait": wait,
        "is_empty": is_empty,
        "is_signed_in": listeners.SESSION_KEY in request.session,
    }
    response = render(request, "curation/home.html", context, status=status)
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response


def _wait(request: HttpRequest, scope: str) -> int | None:
    """Seconds to wait before the next try, None if this one may go on; one budget with the API."""
    throttles: list[Any] = [make() for make in api_settings.DEFAULT_THROTTLE_CLASSES]  # type: ignore[operator]
    for throttle in throttles:
        if not throttle.allow_request(request, SimpleNamespace(throttle_scope=scope)):
            return int(throttle.wait() or 0) + 1
    return None
