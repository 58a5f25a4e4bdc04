"""The operators' connect page: begin a login in this console session, or the renewal of one account's."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.login import onboarding, session_nonce
from accounts.models import Account


@never_cache
@staff_member_required
@permission_required("accounts.change_account", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """GET the page; POST goes on to Spotify. `?account=` renews that account's login and refuses anybody
    else's.
    """
    account = _account(request)
    if request.method == "POST":
        label = request.POST.get("label", "").replace("\0", "").strip()
        return HttpResponseRedirect(begin(request, label=label, account=account))
    return render(
        request, "accounts/connect.html", {"account": account, "redirect_uri": onboarding.redirect_uri()}
    )


def begin(request: HttpRequest, *, label: str, account: Account | None = None) -> str:
    """The login address for this console session; the console's own actions use it too."""
    begun_by = onboarding.console(session_nonce.nonce(request.session))
    url, _ = onboarding.begin(label=label, begun_by=begun_by, now=timezone.now(), account=account)
    return url


def _account(request: HttpRequest) -> Account | None:
    given = request.GET.get("account", "")
    if not given:
        return None
    return get_object_or_404(Account, pk=int(given[:18]) if given.isascii() and given.isdigit() else 0)
