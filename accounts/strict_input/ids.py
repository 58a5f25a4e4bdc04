"""Opaque ids in addresses: letters, digits, - and _; whatever else stands there is an address of nothing."""

from __future__ import annotations


class OpaqueId:
    """`<id:playlist_id>` in a route; the app's config registers it."""

    regex = "[0-9A-Za-z_-]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
