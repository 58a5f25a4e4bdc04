"""The console's page of the second factor: set it up, show it, get new recovery codes or change the phone."""

from __future__ import annotations

from base64 import b32encode
from typing import Any

import segno
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts import console
from accounts.login import second_factor
from vibe_project import logins

WRONG = "This code is not accepted. Take the newest one; after several wrong ones, wait a minute first."


@never_cache
@csrf_protect
@sensitive_post_parameters("code")
def page(request: HttpRequest) -> HttpResponse:
    """Whatever of it is due for this session; open to staff alone, who need not have shown it yet."""
    user: Any = request.user
    if not (user.is_active and user.is_staff):
        return HttpResponseRedirect(f"{reverse('admin:login')}?next={request.path}")
    if user.is_verified():
        return _manage(request)
    if second_factor.is_set_up(user.pk):
        return _show(request)
    return _set_up(request)


def _show(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _answer(request, "show")
    is_good = second_factor.show(request, request.POST.get("code", ""))
    logins.keep_second_factor(request, is_good=is_good)
    return HttpResponseRedirect(_next(request)) if is_good else _answer(request, "show", error=WRONG)


def _set_up(request: HttpRequest, error: str = "") -> HttpResponse:
    user: Any = request.user
    if request.method == "POST" and "code" in request.POST:
        codes = second_factor.confirm(request, request.POST["code"])
        logins.keep_second_factor(request, is_good=codes is not None)
        if codes is not None:
            console.record(request, "Set up a second factor.", target=user)
            return _answer(request, "codes", codes=codes)
        error = WRONG
    device = second_factor.begin(user)
    secret = b32encode(device.bin_key).decode()
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    picture = segno.make(device.config_url, micro=False).svg_data_uri(scale=5, light="#fff")
    return _answer(request, "set_up", error=error, secret=spaced, address=device.config_url, picture=picture)


def _manage(request: HttpRequest) -> HttpResponse:
    """For a verified session: new recovery codes, or another phone in place of this one."""
    user: Any = request.user
    wish = request.POST.get("wish")
    if wish == "codes":
        codes = second_factor.renew_codes(user.pk)
        console.record(request, "Made new recovery codes.", target=user)
        return _answer(request, "codes", codes=codes)
    if wish == "phone" or "code" in request.POST:
        return _set_up(request)
    return _answer(request, "manage")


def _answer(request: HttpRequest, step: str, **context: Any) -> HttpResponse:
    shown = {
        **admin.site.each_context(request),
        "title": "Second factor",
        "step": step,
        "next": _next(request),
        **context,
    }
    return TemplateResponse(request, "admin/second_factor.html", shown)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if is_ours and wanted != request.path else reverse("admin:index")
