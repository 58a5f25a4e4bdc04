"""Who may call: bearer tokens, the allow-list, the pace, scopes and modes, refused in Spotify's words."""

from collections.abc import Iterable

from sandbox import ids, wire
from sandbox.accounts import AccessToken, User
from sandbox.world import World


def admit(world: World, request: wire.Request) -> None:
    """Checks what holds for every Web API call; sets `request.token`. Refusal: 401, 403 or 429."""
    request.token = token = bearer(world, request)
    user = world.accounts.users.get(token.user_id) if token.user_id else None
    wait = world.window.admit(token.client_id, now=world.clock.now())
    if wait is not None:
        world.totals["throttled"] += 1
        raise wire.refuse(429, "API rate limit exceeded", Retry_After=str(wait))
    if user is not None and not world.extended and not user.allowed:
        raise wire.refuse(403, "User not registered in the Developer Dashboard")


def bearer(world: World, request: wire.Request) -> AccessToken:
    header = request.headers.get("authorization", "")
    if not header:
        raise wire.Refusal(
            wire.unauthorized("missing_token", "No token provided", "Missing/invalid/expired access token")
        )
    token = world.accounts.access.get(header.removeprefix("Bearer ").strip())
    if token is None:
        message = "Missing/invalid/expired access token"
        raise wire.Refusal(wire.unauthorized("invalid_token", "Invalid access token", message))
    if world.clock.now() >= token.expires_at:
        message = "The access token expired"
        raise wire.Refusal(wire.unauthorized("invalid_token", message, message))
    return token


def signed_in(world: World, request: wire.Request) -> User:
    """The user behind the token; an app's own token has none."""
    user = world.accounts.users.get(request.user)
    if user is None:
        message = "Valid user authentication required"
        raise wire.Refusal(wire.unauthorized("invalid_token", message, message))
    return user


def need_scope(request: wire.Request, *scopes: str) -> None:
    """All of these scopes, or 403."""
    if request.token is None or not set(scopes) <= request.token.scopes:
        raise wire.refuse(403, "Insufficient client scope")


def extended_only(world: World) -> None:
    """Endpoints that development mode lost in February 2026."""
    if not world.extended:
        raise wire.refuse(403, "Forbidden")


def market(world: World, request: wire.Request) -> str:
    """The market in force: "" where the call names none; a user's own country wins over the parameter."""
    wanted = request.one("market")
    if not wanted:
        return ""
    user = world.accounts.users.get(request.user)
    if user is not None:
        return user.country
    if wanted != "from_token" and not (len(wanted) == 2 and wanted.isalpha()):
        raise wire.refuse(400, "Invalid market code")
    return wanted.upper() if wanted != "from_token" else ""


def id_list(request: wire.Request, most: int) -> list[str]:
    """The `ids` parameter. One malformed id, or one too many, and Spotify refuses the whole call."""
    wanted = request.listed("ids")
    if not wanted:
        raise wire.refuse(400, "Missing required field: ids")
    if len(wanted) > most:
        raise wire.refuse(400, "Too many ids requested")
    well_formed(wanted)
    return wanted


def well_formed(spotify_ids: Iterable[str]) -> None:
    if not all(ids.well_formed(spotify_id) for spotify_id in spotify_ids):
        raise wire.refuse(400, "Invalid base62 id")


def paging(request: wire.Request, *, default: int, most: int, last_offset: int = 100_000) -> tuple[int, int]:
    """(limit, offset) as asked for, or 400."""
    limit = _number(request, "limit", default)
    offset = _number(request, "offset", 0)
    if limit is None or not 1 <= limit <= most:
        raise wire.refuse(400, "Invalid limit")
    if offset is None or not 0 <= offset <= last_offset:
        raise wire.refuse(400, "Invalid offset")
    return limit, offset


def _number(request: wire.Request, name: str, default: int) -> int | None:
    try:
        return int(request.one(name, str(default)))
    except ValueError:
        return None
