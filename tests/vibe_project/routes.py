"""Every route of the site from the URL conf itself, so that tests over all of them forget none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

_PARAMETER = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


@dataclass(frozen=True)
class Route:
    """`template` has its parameters in angle brackets; `view` is the class where there is one."""

    template: str
    view: Any

    def __str__(self) -> str:
        return self.template

    @property
    def is_api(self) -> bool:
        return self.template.startswith("/api/")

    @property
    def has_parameters(self) -> bool:
        return _PARAMETER.search(self.template) is not None

    def handles(self, method: str) -> bool:
        return hasattr(self.view, method)

    def at(self, value: str) -> str:
        """The address with every parameter set to this (already percent-encoded)."""
        return _PARAMETER.sub(value.replace("\\", r"\\"), self.template)


def everywhere() -> list[Route]:
    """All routes that are written with path(), the console's and the schema's too."""
    return list(_walk(get_resolver().url_patterns, "/"))


def api() -> list[Route]:
    return [route for route in everywhere() if route.is_api]


def posting() -> list[Route]:
    """The API's endpoints that take a POST."""
    return [route for route in api() if route.handles("post")]


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for entry in patterns:
        if not isinstance(entry.pattern, RoutePattern):
            continue
        template = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(template, getattr(entry.callback, "cls", None))
        else:
            yield from _walk(entry.url_patterns, template)
