"""A second connection to the test's database, as another process would have it."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def opened(**more: Any) -> psycopg.Connection[Any]:
    """Plain psycopg: what our own engine adds to the parameters is left out."""
    address = connection.get_connection_params()
    address.pop("patience")
    return psycopg.connect(**address, **more)
