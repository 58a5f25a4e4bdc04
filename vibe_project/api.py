"""The API's manners: the admin key, guarded JSON and problem+json errors."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.strict_input import json_text
from vibe_project import request_ids

if TYPE_CHECKING:  # the views module reads the settings that name this one
    from rest_framework.views import APIView

ADMIN_KEY_HEADER = "X-ADMIN-API-KEY"
PROBLEM = "application/problem+json"


class AdminKey:
    """What `request.auth` holds once the key was right; the key itself is not kept."""

    name = "api-key"


class AdminKeyAuthentication(BaseAuthentication):
    """401 without the header (by HasAdminKey), 403 with a wrong one. Headers alone: no cookie, so no CSRF."""

    def authenticate(self, request: Request) -> tuple[None, AdminKey] | None:
        given = request.headers.get(ADMIN_KEY_HEADER)
        if given is None:
            return None
        if not key_is_right(given):
            raise exceptions.PermissionDenied("The admin API key is wrong.")
        return None, AdminKey()

    def authenticate_header(self, request: Request) -> str:
        return f'ApiKey realm="vibe", header="{ADMIN_KEY_HEADER}"'


def key_is_right(given: str) -> bool:
    """Compare in constant time with every configured key (comma-separated, so that keys can be rotated)."""
    known = [key.strip() for key in settings.ADMIN_API_KEY.split(",") if key.strip()]
    matches = [hmac.compare_digest(given.encode(), key.encode()) for key in known]
    return any(matches)


class HasAdminKey(BasePermission):
    """Refuses everybody without the key; views that are open to all say so themselves."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, AdminKey):
            raise exceptions.NotAuthenticated(f"Send the admin API key in the {ADMIN_KEY_HEADER} header.")
        return True


class GuardedJSONParser(JSONParser):
    """JSON in UTF-8 as accounts.strict_input reads it, its size checked first."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge()
        try:
            return json_text.read(raw)
        except json_text.Refused as error:
            raise exceptions.ValidationError(error.errors) from error


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 2 MB."
    default_code = "too_large"


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Every error of the API as RFC 9457: type, title, status, detail; errors[] where fields are at fault."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):  # Django refuses by the announced length, before any parser
        error = TooLarge()
    if not isinstance(error, exceptions.APIException):
        return None
    return Response(
        problem(error),
        status=error.status_code,
        headers=headers_of(error),
        content_type=PROBLEM,
    )


def headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def problem(error: exceptions.APIException) -> dict[str, Any]:
    faults = flat(error.detail) if isinstance(error, exceptions.ValidationError) else []
    detail = "The request is not valid; see errors." if faults else str(error.detail)
    body = document(error.status_code, detail)
    body["code"] = str(error.default_code)
    if faults:
        body["errors"] = faults
    return body


def document(code: int, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": detail,
        "request_id": request_ids.current(),
    }


def flat(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a list of {path, message}; ready-made ones pass through."""
    if isinstance(detail, Mapping):
        if set(detail) == {"path", "message"}:
            return [{key: str(value) for key, value in detail.items()}]
        return [row for key, value in detail.items() for row in flat(value, _inside(path, key))]
    if isinstance(detail, list):
        return [row for value in detail for row in flat(value, path)]
    return [{"path": path, "message": str(detail)}]


def _inside(path: str, key: str | int) -> str:
    """DRF's name for a whole object's own faults is no member: they are at the object's path."""
    return path if key == api_settings.NON_FIELD_ERRORS_KEY else json_text.at(path, key)


@csrf_exempt  # there is nothing here to be protected, and a POST deserves the same answer as a GET
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """The 404 of addresses under /api/ that no view answers."""
    return JsonResponse(
        document(404, "There is nothing at this address."),
        status=404,
        content_type=PROBLEM,
    )
