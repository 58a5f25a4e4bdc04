"""Pages: operators begin an account's login in their console session, and listeners sign out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.login import listeners, onboarding, second_factor, session_nonce
from accounts.models import Account
from accounts.strict_input import parameters


@never_cache
@staff_member_required
@permission_required("accounts.change_account", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """GET the page; POST goes on to Spotify. `?account=` renews that account's login and refuses anybody
    else's.
    """
    if second_factor.is_missing(request):
        return second_factor.asked(request)
    account = _account(request)
    if request.method == "POST":
        label = request.POST.get("label", "").replace("\0", "").strip()
        return HttpResponseRedirect(begin(request, label=label, account=account))
    return render(
        request, "accounts/connect.html", {"account": account, "redirect_uri": onboarding.redirect_uri()}
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign the listener out, and stay on the page."""
    listeners.sign_out(request.session, now=timezone.now())
    messages.success(request, "You are signed out. Vibe has forgotten its access to your Spotify.")
    return HttpResponseRedirect(listeners.local_path(request.POST.get("next", "/")), status=303)


def begin(request: HttpRequest, *, label: str, account: Account | None = None) -> str:
    """The login address for this console session; the console's own actions use it too."""
    begun_by = onboarding.console(session_nonce.nonce(request.session))
    url, _ = onboarding.begin(label=label, begun_by=begun_by, now=timezone.now(), account=account)
    return url


def _account(request: HttpRequest) -> Account | None:
    given = request.GET.get("account", "")
    if not given:
        return None
    return get_object_or_404(Account, pk=parameters.whole_of(given) or 0)
