"""The accounts' endpoints: beginning and finishing logins of accounts and listeners, listing, pausing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import serializers
from accounts.gateway_state import call_counts
from accounts.login import activation, listener_login, listeners, onboarding, session_nonce
from accounts.models import Account
from accounts.spotify import errors
from accounts.strict_input import bodies, parameters

NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
CALLBACK_PARAMETERS = [
    OpenApiParameter("state", str, required=True),
    OpenApiParameter("code", str, description="What Spotify sends after a yes."),
    OpenApiParameter("error", str, description="What Spotify sends instead after a no."),
]


class Conflict(exceptions.APIException):
    status_code: int = status.HTTP_409_CONFLICT
    default_code = "conflict"


class LoginRefused(exceptions.APIException):
    """A login that was not finished, as problem+json."""

    status_code: int = status.HTTP_400_BAD_REQUEST

    def __init__(self, code: str, detail: str, status_code: int) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.default_code = code


class Connect(APIView):
    """Begin an account's login."""

    @extend_schema(
        operation_id="admin_connect",
        parameters=[
            OpenApiParameter("label", str, description="A name for people."),
            OpenApiParameter(
                "account", int, description="Renew this account's login; refuses anybody else's."
            ),
        ],
        responses=serializers.BegunLogin,
    )
    def get(self, request: Request) -> Response:
        parameters.only(request, "label", "account")
        label = request.query_params.get("label", "").strip()
        url, state = onboarding.begin(
            label=label, begun_by=onboarding.API_KEY, now=timezone.now(), account=_wanted_account(request)
        )
        return Response({"authorize_url": url, "state": state}, headers=NO_STORE)


def _wanted_account(request: Request) -> Account | None:
    number = parameters.whole(request, "account")
    return None if number is None else get_object_or_404(Account, pk=number)


class LoginCallback(APIView):
    """What both callbacks share: open to the browser that Spotify sends back, a page for people, JSON by
    Accept.
    """

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    renderer_classes = [JSONRenderer, TemplateHTMLRenderer]
    failed_template = "accounts/login_failed.html"

    def failed(self, request: Request, error: onboarding.LoginError | errors.SpotifyError) -> Response:
        code, text, status_code = refusal(error)
        if not wants_page(request):
            raise LoginRefused(code, text, status_code)
        context = {"code": code, "text": text, "again": self.again}
        return Response(context, status=status_code, template_name=self.failed_template, headers=NO_STORE)

    again = "/"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """JSON for every API error; the page is chosen explicitly."""
        renderer = TemplateHTMLRenderer() if wants_page(request) else JSONRenderer()
        return renderer, renderer.media_type


def wants_page(request: Request) -> bool:
    """Whether a page is liked better than JSON, which is for whoever does not say."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def refusal(error: onboarding.LoginError | errors.SpotifyError) -> tuple[str, str, int]:
    """(code, text for people, HTTP status) of a login that failed."""
    if isinstance(error, onboarding.LoginError):
        return error.code, error.message, 409 if error.code == "other_account" else 400
    if isinstance(error, errors.Forbidden):
        text = "Spotify does not let this app act for you: the operator must put you on the app's user list."
        return "forbidden", text if error.reason == "allow_list" else f"Spotify refuses: {error.message}", 403
    return "spotify_unavailable", "Spotify does not answer just now. Begin the login again in a moment.", 503


class AccountCallback(LoginCallback):
    """Finish an account's login."""

    again = "/admin/accounts/account/"

    @extend_schema(
        operation_id="admin_callback",
        auth=[],
        parameters=CALLBACK_PARAMETERS,
        responses={
            (200, "application/json"): serializers.FinishedLogin,
            (200, "text/html"): OpenApiTypes.STR,
            400: OpenApiResponse(
                description="problem+json: unknown, expired, replayed, foreign, denied, refused"
            ),
        },
    )
    def get(self, request: Request) -> Response:
        try:
            account = onboarding.finish(
                code=request.query_params.get("code", ""),
                state=request.query_params.get("state", ""),
                begun_by=onboarding.console(session_nonce.known(request.session)),
                now=timezone.now(),
                error=request.query_params.get("error", ""),
            )
        except (onboarding.LoginError, errors.SpotifyError) as error:
            return self.failed(request, error)
        detail = f"{account} is connected."
        missing = onboarding.missing_scopes(account)
        if wants_page(request):
            context = {"account": account, "missing": missing}
            return Response(context, template_name="accounts/connected.html", headers=NO_STORE)
        return Response({"account": serializers.AccountOut(account).data, "detail": detail}, headers=NO_STORE)


class Accounts(APIView):
    """All service accounts, without their tokens."""

    @extend_schema(operation_id="admin_accounts", responses=serializers.AccountList)
    def get(self, request: Request) -> Response:
        parameters.only(request)
        numbers = call_counts.by_account(since=timezone.now() - dt.timedelta(hours=24))
        rows = list(Account.objects.order_by("id"))
        listed = serializers.AccountList({"results": rows}, context={"numbers": numbers})
        return Response(listed.data)


class Deactivate(APIView):
    """Pause an account."""

    @extend_schema(operation_id="admin_deactivate", request=None, responses=serializers.AccountOut)
    def post(self, request: Request, account_id: int) -> Response:
        parameters.only(request)
        bodies.none(request)
        get_object_or_404(Account, pk=account_id)
        return Response(serializers.AccountOut(activation.deactivate(account_id)).data)


class Activate(APIView):
    """Take a paused account back."""

    @extend_schema(
        operation_id="admin_activate",
        request=None,
        responses={
            200: serializers.AccountOut,
            409: OpenApiResponse(description="It must be logged in again."),
        },
    )
    def post(self, request: Request, account_id: int) -> Response:
        parameters.only(request)
        bodies.none(request)
        get_object_or_404(Account, pk=account_id)
        try:
            account = activation.activate(account_id)
        except activation.NotAllowed as error:
            raise Conflict(str(error)) from None
        return Response(serializers.AccountOut(account).data)


class ListenerConnect(APIView):
    """Send a listener to Spotify to sign in."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_scope = "public"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A redirect has no body whose kind could be refused."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="playlist_connect",
        auth=[],
        parameters=[
            OpenApiParameter("next", str, description="The local path to come back to, such as /v/{id}.")
        ],
        responses={302: OpenApiResponse(description="To Spotify's login.")},
    )
    def get(self, request: Request) -> HttpResponseRedirect:
        begun = listeners.begin(next_path=request.query_params.get("next", "/"), now=timezone.now())
        response = HttpResponseRedirect(begun.authorize_url, headers=NO_STORE)
        response.set_cookie(
            begun.cookie,
            begun.value,
            max_age=onboarding.LIFETIME,
            path=listeners.CALLBACK_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


class ListenerCallback(LoginCallback):
    """Finish a listener's sign-in; the session cookie then names their row, and no token."""

    throttle_scope = "public"

    @extend_schema(
        operation_id="playlist_callback",
        auth=[],
        parameters=CALLBACK_PARAMETERS,
        responses={
            302: OpenApiResponse(description="Back to where the listener came from."),
            400: OpenApiResponse(description="problem+json: unknown, expired, replayed, denied, refused"),
        },
    )
    def get(self, request: Request) -> Response | HttpResponseRedirect:
        state = request.query_params.get("state", "")
        cookie = listener_login.cookie_of(state)
        try:
            signed_in = listeners.finish(
                code=request.query_params.get("code", ""),
                state=state,
                kept=request.COOKIES.get(cookie, ""),
                now=timezone.now(),
                error=request.query_params.get("error", ""),
            )
        except (onboarding.LoginError, errors.SpotifyError) as error:
            return self.failed(request, error)
        request.session.cycle_key()
        request.session[listeners.SESSION_KEY] = signed_in.listener.pk
        response = HttpResponseRedirect(signed_in.next_path, headers=NO_STORE)
        response.delete_cookie(cookie, path=listeners.CALLBACK_PATH)
        return response


class ListenerDisconnect(APIView):
    """Sign the listener out."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_scope = "public"

    @extend_schema(
        operation_id="playlist_disconnect",
        auth=[],
        request=None,
        responses={204: OpenApiResponse(description="No one is signed in here now; the tokens are deleted.")},
    )
    def post(self, request: Request) -> Response:
        session_nonce.refuse_other_sites(request)
        parameters.only(request)
        bodies.none(request)
        listeners.sign_out(request.session, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT, headers=NO_STORE)
