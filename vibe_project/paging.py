"""Pages by ascending id, and the sealed cursors that lead from one to the next."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac
from rest_framework import exceptions, pagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from accounts.strict_input import parameters

OWN_PARAMETERS = {"cursor", "limit"}


class IdCursorPagination(pagination.CursorPagination):
    """{"next", "previous", "results"}; `limit` is 1 to 100. A cursor shows nothing, and opens only the list
    it was made for: the same address, filters and order."""

    ordering = "id"
    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"

    def get_page_size(self, request: Request) -> int:
        return parameters.whole(request, "limit", high=self.max_page_size) or self.page_size

    def encode_cursor(self, cursor: pagination.Cursor) -> str:
        """The address of the neighbouring page; `base_url` is the one that was asked for."""
        here = self.base_url or ""
        sealed = _fernet().encrypt(json.dumps([self._list_of(here), *cursor]).encode()).decode()
        return replace_query_param(here, self.cursor_query_param, sealed)

    def decode_cursor(self, request: Request) -> pagination.Cursor | None:
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            made_for, *cursor = json.loads(_fernet().decrypt(sealed.encode()))
        except InvalidToken:
            raise _refused("This is no cursor of ours; begin again without it.") from None
        if made_for != self._list_of(request.build_absolute_uri()):
            raise _refused("This cursor is of another list or other filters; begin again without it.")
        return pagination.Cursor(*cursor)

    def _list_of(self, url: str) -> list[Any]:
        """What a cursor is bound to. The host is not: the same list may be reached by two names."""
        parts = urlsplit(url)
        asked = parse_qs(parts.query, keep_blank_values=True)
        filters = {name: given for name, given in asked.items() if name not in OWN_PARAMETERS}
        return [parts.path, filters, list(self.ordering)]


def _refused(message: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": message})


def _fernet() -> Fernet:
    key = salted_hmac("vibe_project.paging", "cursors", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
