"""How long each process waits for PostgreSQL: ours where DATABASE_URL says nothing, its own where it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibe_project.postgresql import driver

ENGINE = "vibe_project.postgresql"
# A statement that waits five seconds for a lock is stuck: fail and let the row be claimed again.
SESSION = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s -c TimeZone=UTC"
# A page that takes longer is given up by its reader. Workers, commands and migrations take what they need.
WEB_SESSION = "-c statement_timeout=30s"
# A host that vanished: the kernel gives it up after 15 seconds.
NETWORK = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 1, "tcp_user_timeout": 15_000}
# Seconds for a connection, and of silence before it is asked whether the server answers at all. In the web
# process together less than the five in which a request is answered.
WEB_WAITS = {"connect_timeout": 2, "patience": 1.5}
WAITS = {"connect_timeout": 10, "patience": 10.0}


def database(parsed: Mapping[str, Any], *, is_web: bool, conn_max_age: int) -> dict[str, Any]:
    """Django's settings for the database that DATABASE_URL names; `parsed` is what environ made of it."""
    given = dict(parsed.get("OPTIONS", {}))
    session = f"{SESSION} {WEB_SESSION}" if is_web else SESSION
    waits = WEB_WAITS if is_web else WAITS
    # What stands last in `options` wins: the operator's.
    own = f"{session} {given.pop('options', '')}".strip()
    pool = _pool(given.pop("pool", None), seconds=waits["connect_timeout"])
    return {
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0 if pool else conn_max_age,
        **parsed,
        "ENGINE": ENGINE,
        "OPTIONS": {**NETWORK, **waits, **given, "options": own, **pool},
    }


def _pool(wish: Any, *, seconds: float) -> dict[str, Any]:
    """`?pool=true` in the address: psycopg's pool, whose connections are ours too."""
    if str(wish or "").lower() not in {"1", "true", "yes"}:
        return {}
    return {"pool": {"connection_class": driver.Watched, "timeout": seconds}}
