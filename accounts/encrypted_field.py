"""A text field for secrets: ciphertext in the database, sealed in memory, opened by SPOTIFY_TOKEN_KEY."""

from __future__ import annotations

import functools
from typing import Any

from cryptography import fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class CannotDecrypt(Exception):
    """No key of the ring opens a stored token; says which column, never its content."""


@functools.lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> fernet.MultiFernet:
    try:
        return fernet.MultiFernet([fernet.Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("SPOTIFY_TOKEN_KEY holds a value that is not a Fernet key.") from error


def key_ring() -> fernet.MultiFernet:
    """The keys of SPOTIFY_TOKEN_KEY: the first encrypts, all decrypt."""
    if not settings.SPOTIFY_TOKEN_KEYS:
        raise ImproperlyConfigured(
            "SPOTIFY_TOKEN_KEY is empty: set one or more Fernet keys, comma-separated."
        )
    return _ring(tuple(settings.SPOTIFY_TOKEN_KEYS))


class Sealed:
    """A stored secret as it comes from the database: still ciphertext, and shown nowhere until `open()` is
    called.

    Rows are read in lists, joins and the console far more often than a token is needed; sealed, a wrong
    key or a printed row can hurt none of them, and saving the row writes the same ciphertext back.
    """

    __slots__ = ("ciphertext", "where")

    def __init__(self, ciphertext: str, where: str) -> None:
        self.ciphertext = ciphertext
        self.where = where

    def open(self) -> str:
        """The plain text; raises CannotDecrypt when no key of the ring opens it."""
        try:
            return key_ring().decrypt(self.ciphertext.encode()).decode()
        except fernet.InvalidToken:
            raise CannotDecrypt(f"No key in SPOTIFY_TOKEN_KEY opens {self.where}.") from None

    def __repr__(self) -> str:
        return "(sealed)"


def opened(value: str | Sealed) -> str:
    """The plain text of a field's value, whether it was just assigned (text) or read from the database
    (sealed).
    """
    return value.open() if isinstance(value, Sealed) else value


class EncryptedTextField(models.TextField):
    """Assign plain text, read back a `Sealed`; the column holds a Fernet token, or '' for nothing."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.ciphertext
        return key_ring().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | Sealed | None:
        return Sealed(value, f"{self.model._meta.db_table}.{self.column}") if value else value

    def value_to_string(self, obj: models.Model) -> str:
        """What a fixture dump may see: that there is a value, never which."""
        return "(sealed)" if self.value_from_object(obj) else ""


def opens_with_first(ciphertext: str) -> bool:
    """Whether the first key, the one that encrypts, opens this."""
    try:
        fernet.Fernet(settings.SPOTIFY_TOKEN_KEYS[0]).decrypt(ciphertext.encode())
    except fernet.InvalidToken:
        return False
    return True


def rotated(ciphertext: str) -> str | None:
    """The same secret under the first key; None where no key of the ring opens it."""
    try:
        return key_ring().rotate(ciphertext.encode()).decode()
    except fernet.InvalidToken:
        return None
