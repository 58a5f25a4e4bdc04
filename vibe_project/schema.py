"""The OpenAPI document and its page: made once in a process, served from memory, throttled like the rest."""

from __future__ import annotations

import functools
import hashlib
import threading
from dataclasses import dataclass
from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import parse_etags
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.strict_input import parameters
from vibe_project import api

FRESH_SECONDS = 300
YAML, OPENAPI_JSON, JSON = (
    "application/vnd.oai.openapi",
    "application/vnd.oai.openapi+json",
    "application/json",
)
FORMATS = {"yaml": YAML, "json": JSON}


class AdminKeyScheme(OpenApiAuthenticationExtension):
    """What the document says of the admin key; the rest comes from the views."""

    target_class = "vibe_project.api.AdminKeyAuthentication"
    name = "adminKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": api.ADMIN_KEY_HEADER,
            "description": "The key in ADMIN_API_KEY; headers alone, no cookie opens these.",
        }


class BodyOfNamedMembers(OpenApiSerializerExtension):
    """Bodies that come in take the members they name and no other."""

    target_class = "accounts.strict_input.bodies.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        named: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return named | {"additionalProperties": False}


@dataclass(frozen=True)
class Kept:
    body: bytes
    etag: str


_one_at_a_time = threading.Lock()  # the generator works on state of its own module


def kept(name: str) -> Kept:
    """The document as "yaml" or "json", or the "page"."""
    with _one_at_a_time:
        return _made(name)


@functools.cache
def _made(name: str) -> Kept:
    body = render_to_string("docs.html").encode() if name == "page" else _document(name)
    return Kept(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _document(name: str) -> bytes:
    renderer = OpenApiYamlRenderer() if name == "yaml" else OpenApiJsonRenderer()
    written: bytes = renderer.render(SchemaGenerator().get_schema(request=None, public=True))
    return written


class Open(APIView):
    """For everybody, and not in the document itself."""

    schema = None
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_scope = "public"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """These choose for themselves; what is negotiated here is how an error is written."""
        return super().perform_content_negotiation(request, force=True)


class Document(Open):
    def get(self, request: Request) -> HttpResponse:
        """`?format=yaml|json` decides, or else Accept."""
        parameters.only(request, "format")
        kind = _kind(request)
        return _answer(request, kept("yaml" if kind == YAML else "json"), kind)


# Swagger UI writes style attributes; scripts stay our own.
@method_decorator(csp_update({"style-src": [UNSAFE_INLINE]}), name="dispatch")
class Page(Open):
    def get(self, request: Request) -> HttpResponse:
        return _answer(request, kept("page"), "text/html; charset=utf-8")


def _kind(request: Request) -> str:
    wanted = request.query_params.get("format")
    if wanted is not None:
        if wanted not in FORMATS:
            raise exceptions.ValidationError({"format": f"This must be one of {', '.join(FORMATS)}."})
        return FORMATS[wanted]
    liked: str | None = request.get_preferred_type([YAML, OPENAPI_JSON, JSON])
    if liked is None:
        raise exceptions.NotAcceptable()
    return liked


def _answer(request: Request, found: Kept, kind: str) -> HttpResponse:
    asked = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    if found.etag in asked or "*" in asked:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(found.body, content_type=kind)
    answer["ETag"], answer["Vary"] = found.etag, "Accept"
    patch_cache_control(answer, public=True, max_age=FRESH_SECONDS)
    return answer
