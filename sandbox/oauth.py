"""The accounts service: authorize, which approves at once, and the three token grants."""

import base64
import hashlib
import hmac
import ipaddress
import secrets
from urllib.parse import unquote, urlencode, urlsplit

from sandbox import accounts, wire
from sandbox.world import World

VERIFIER_LENGTH = range(43, 129)


def authorize(world: World, request: wire.Request) -> wire.Response:
    """302 to the redirect URI with code and state, as the next user not handed out yet or as `&user=`.

    Sandbox extras: `&deny=1` is the user who says no, `&grant=scope scope` one who grants less than asked.
    """
    client_id, redirect_uri = request.one("client_id"), request.one("redirect_uri")
    if not client_id:
        return wire.text("INVALID_CLIENT: Invalid client", 400)
    if problem := redirect_problem(redirect_uri):
        return wire.text(f"INVALID_CLIENT: {problem}", 400)
    if request.one("response_type") != "code":
        return _back(request, error="unsupported_response_type")
    if not set(request.one("scope").split()) <= accounts.SCOPES:
        return _back(request, error="invalid_scope")
    challenge, method = request.one("code_challenge"), request.one("code_challenge_method")
    if bool(challenge) != bool(method) or method not in ("", "S256"):
        return _back(request, error="invalid_request")
    if request.one("deny"):
        return _back(request, error="access_denied")
    with world.lock:
        user = (
            world.accounts.find_user(request.one("user"))
            if request.one("user")
            else world.accounts.next_user()
        )
        if user is None:
            return wire.text(f"The sandbox has no user {request.one('user')!r}; see /_sandbox/users", 404)
        user.handed_out = True
        code = "AQ" + secrets.token_urlsafe(120)
        scope = request.one("grant") or request.one("scope")
        made_at = world.clock.now()
        world.accounts.codes[code] = accounts.Code(
            client_id, user.user_id, redirect_uri, scope, challenge, made_at
        )
    return _back(request, code=code)


def redirect_problem(redirect_uri: str) -> str:
    """Why this redirect URI is refused, or "": https, or http on a loopback address (not "localhost")."""
    parts = urlsplit(redirect_uri)
    if not parts.hostname:
        return "Missing redirect URI" if not redirect_uri else "Invalid redirect URI"
    if parts.scheme == "https":
        return "Insecure redirect URI" if parts.hostname == "localhost" else ""
    if parts.scheme != "http":
        return ""  # an app's own scheme, as mobile clients have it
    try:
        loopback = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        loopback = False
    return "" if loopback else "Insecure redirect URI"


def token(world: World, request: wire.Request) -> wire.Response:
    """POST /api/token: code, refresh and client-credentials grants."""
    form = request.form()
    client_id, secret = _client(request, form)
    grants = {"authorization_code": _exchange, "refresh_token": _refresh, "client_credentials": _app_token}
    grant = grants.get(form.get("grant_type", ""))
    if grant is None:
        return _refused(
            "unsupported_grant_type",
            "grant_type must be client_credentials, authorization_code or refresh_token",
        )
    with world.lock:
        confidential = bool(secret)
        if not client_id or (confidential and not world.accounts.client_known(client_id, secret)):
            return _refused("invalid_client", "Invalid client")
        world.accounts.forget_expired(now=world.clock.now())
        return grant(world, form, client_id, confidential)


def _exchange(world: World, form: dict[str, str], client_id: str, confidential: bool) -> wire.Response:
    code = world.accounts.codes.pop(form.get("code", ""), None)
    now = world.clock.now()
    if code is None or code.client_id != client_id or now > code.made_at + accounts.CODE_SECONDS:
        return _refused("invalid_grant", "Invalid authorization code")
    if form.get("redirect_uri") != code.redirect_uri:
        return _refused("invalid_grant", "Invalid redirect URI")
    if code.challenge:
        if not _verified(form.get("code_verifier", ""), code.challenge):
            return _refused("invalid_grant", "code_verifier was incorrect")
    elif not confidential:
        return _refused("invalid_client", "Invalid client secret")
    refresh = accounts.RefreshToken(client_id, code.user_id, code.scope, now, confidential)
    return _granted(world, refresh, world.accounts.remember(refresh))


def _refresh(world: World, form: dict[str, str], client_id: str, confidential: bool) -> wire.Response:
    """A new access token. Public clients get a new refresh token too; confidential ones keep theirs."""
    value = form.get("refresh_token", "")
    known = world.accounts.refresh.get(value)
    if known is None or known.client_id != client_id:
        return _refused(
            "invalid_grant", "Refresh token revoked" if value else "refresh_token must be supplied"
        )
    if known.confidential and not confidential:
        return _refused("invalid_client", "Invalid client secret")
    if world.clock.now() > known.consented_at + accounts.CONSENT_SECONDS:
        del world.accounts.refresh[value]
        return _refused("invalid_grant", "Refresh token revoked")
    if known.confidential and not world.settings.rotate_refresh_tokens:
        return _granted(world, known, None)
    del world.accounts.refresh[value]
    return _granted(world, known, world.accounts.remember(known))


def _app_token(world: World, form: dict[str, str], client_id: str, confidential: bool) -> wire.Response:
    if not confidential:
        return _refused("invalid_client", "Invalid client secret")
    value = world.accounts.grant(client_id, None, "", now=world.clock.now())
    return wire.answer({"access_token": value, "token_type": "Bearer", "expires_in": accounts.ACCESS_SECONDS})


def _granted(world: World, known: accounts.RefreshToken, refresh: str | None) -> wire.Response:
    value = world.accounts.grant(known.client_id, known.user_id, known.scope, now=world.clock.now())
    body = {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": accounts.ACCESS_SECONDS,
        "scope": known.scope,
    }
    return wire.answer(body | ({"refresh_token": refresh} if refresh else {}))


def _client(request: wire.Request, form: dict[str, str]) -> tuple[str, str]:
    """(client id, secret) from the Basic header or the form; a public client has no secret."""
    header = request.headers.get("authorization", "")
    if header.startswith("Basic "):
        try:
            name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return unquote(name), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _verified(verifier: str, challenge: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return len(verifier) in VERIFIER_LENGTH and hmac.compare_digest(digest, challenge)


def _back(request: wire.Request, **answer: str) -> wire.Response:
    redirect_uri = request.one("redirect_uri")
    query = urlencode(answer | ({"state": request.one("state")} if "state" in request.query else {}))
    joined = f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{query}"
    return wire.Response(302, b"", "", {"Location": joined})


def _refused(error: str, description: str, status: int = 400) -> wire.Response:
    return wire.answer({"error": error, "error_description": description}, status)
