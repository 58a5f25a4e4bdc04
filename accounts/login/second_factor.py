"""The console's second factor: a code from the user's phone (TOTP), or a recovery code that works once.

Asked for once a session: of everybody where CONSOLE_REQUIRE_OTP says so, else of users who have set one up.
"""

from __future__ import annotations

from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
# The session member that says that this login's user has a second factor, and has not shown it yet.
ASKED = "second_factor_asked"


def is_missing(request: HttpRequest) -> bool:
    """Whether this staff session must show the second factor, or set one up, before it sees anything."""
    user: Any = request.user
    if not (user.is_active and user.is_staff) or user.is_verified():
        return False
    return bool(settings.CONSOLE_REQUIRE_OTP or request.session.get(ASKED))


def asked(request: HttpRequest) -> HttpResponseRedirect:
    """What any page for staff answers while it is missing: the way to its page, and back afterwards."""
    here = request.get_full_path() if request.method == "GET" else ""
    wanted = urlencode({"next": request.GET.get("next") or here})
    return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{wanted}")


def ask(request: HttpRequest) -> None:
    """After a login: remember that the user has a second factor to show."""
    if is_set_up(request.user.pk):
        request.session[ASKED] = True


def is_set_up(user_id: int | None) -> bool:
    return TOTPDevice.objects.filter(user=user_id, confirmed=True).exists()


def begin(user: User) -> TOTPDevice:
    """The user's device to be, with its secret; the same one until a code confirms it."""
    begun = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return begun or TOTPDevice.objects.create(user=user, confirmed=False, name="phone")


def confirm(request: HttpRequest, code: str) -> list[str] | None:
    """Set the begun device up in place of any other; fresh recovery codes, or None for a wrong code."""
    with transaction.atomic():
        rows = TOTPDevice.objects.select_for_update().filter(user=request.user.pk, confirmed=False)
        device = rows.first()
        if device is None or not device.verify_token(_plain(code)):
            return None
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        TOTPDevice.objects.filter(user=request.user.pk).exclude(pk=device.pk).delete()
        codes = renew_codes(request.user.pk)
    _let_in(request, device)
    return codes


def show(request: HttpRequest, code: str) -> bool:
    """Whether this is the user's code of now, or one of their recovery codes; it verifies the session."""
    plain = _plain(code)
    model = TOTPDevice if len(plain) == 6 and plain.isdecimal() else StaticDevice
    for device in model.objects.filter(user=request.user.pk, confirmed=True):
        shown = django_otp.verify_token(request.user, device.persistent_id, plain)
        if shown is not None:
            _let_in(request, shown)
            return True
    return False


def renew_codes(user_id: int | None) -> list[str]:
    """New recovery codes, which replace the old ones; they are shown once, here only."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user_id).delete()
        device = StaticDevice.objects.create(user_id=user_id, name="recovery codes")
        tokens = [StaticToken(device=device, token=StaticToken.random_token()) for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(tokens)
    return [token.token for token in tokens]


def forget(user_id: int) -> None:
    """Take a user's second factor away, for somebody who lost their phone and their recovery codes."""
    TOTPDevice.objects.filter(user=user_id).delete()
    StaticDevice.objects.filter(user=user_id).delete()


def _plain(code: str) -> str:
    """People copy codes with blanks and in capitals."""
    return "".join(code.split()).lower()[:16]


def _let_in(request: HttpRequest, device: TOTPDevice | StaticDevice) -> None:
    request.session.cycle_key()
    request.session.pop(ASKED, None)
    django_otp.login(request, device)
