"""Django's PostgreSQL on our driver."""

from __future__ import annotations

from django.db.backends.postgresql import base

from vibe_project.postgresql import driver


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects through the driver that notices a server which does not answer."""

    Database = driver
