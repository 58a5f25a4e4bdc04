"""Takes a request through faults, admission and its handler to what is sent, and writes it down."""

import time
from dataclasses import dataclass

from sandbox import faults, guard, routes, wire
from sandbox.faults import Fault
from sandbox.world import Call, World

CONTROL = "/_sandbox"
WEB_API = "/v1/"
TRUE_ANSWER_NEEDED = ("truncate", "drip", "retype", "nulls")
_HTML = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Sent(wire.Response):
    """`announced` is the Content-Length; more than the body where the answer is cut short. With `drip`
    seconds between its bytes the body comes slowly, with `from_the_head` the headers do, too.
    """

    announced: int = 0
    drip: float = 0.0
    from_the_head: bool = False


def handle(world: World, request: wire.Request) -> Sent | None:
    """What to send; None closes the connection without a word."""
    if request.path.startswith(CONTROL):
        return _whole(_routed(world, request)[1])
    fault = world.faults.pick(request.method, request.path, _user(world, request))
    name, response = _unrouted(request), None
    if fault is None or fault.when == "after" or fault.do in (*TRUE_ANSWER_NEEDED, "slow", "hold"):
        if fault is not None and fault.when == "before":
            _wait(world, fault)
        name, response = _routed(world, request)
    sent = _sent(world, fault, response)
    _write_down(world, request, name, sent.status if sent else 0)
    return sent


def _routed(world: World, request: wire.Request) -> tuple[str, wire.Response]:
    """(route name, response) with no fault in the way."""
    found = routes.find(request.method, request.path)
    if found is None:
        return _unrouted(request), _no_route(request)
    route, values = found
    try:
        if request.path.startswith(WEB_API):
            guard.admit(world, request)
        return route.name, route.handler(world, request, *values)
    except wire.Refusal as refusal:
        return route.name, refusal.response


def _sent(world: World, fault: Fault | None, response: wire.Response | None) -> Sent | None:
    """The response as the fault leaves it."""
    if fault is None:
        return _whole(response or wire.empty())
    if fault.when == "after":
        _wait(world, fault)
    if fault.do == "cut":
        return None
    if fault.do in ("slow", "hold") and response is not None:
        return _whole(response)
    if fault.do in TRUE_ANSWER_NEEDED and response is not None:
        return _spoiled(fault, response)
    return _whole(_made_up(fault))


def _spoiled(fault: Fault, response: wire.Response) -> Sent:
    if fault.do == "truncate":
        at = len(response.body) // 2 if fault.at is None else fault.at
        whole = len(response.body)
        return Sent(response.status, response.body[:at], response.content_type, response.headers, whole)
    if fault.do == "drip":
        slow = _whole(response)
        slow.drip, slow.from_the_head = fault.seconds or 1.0, fault.key == "headers"
        return slow
    response.body = faults.spoil(fault, response.body)
    return _whole(response)


def _made_up(fault: Fault) -> wire.Response:
    """The answer of a fault that needs no true one."""
    if fault.do in ("throttle", "quota"):
        return _too_many(fault)
    if fault.do == "html":
        return wire.text(_HTML, 200, "text/html; charset=utf-8")
    if fault.do == "empty":
        return wire.empty(200)
    if fault.do == "flood":
        return wire.text(f'["{"x" * (fault.at or 1_000_000)}"]', 200, "application/json")
    if fault.text is not None:
        response = wire.text(fault.text, fault.status)
    elif fault.body is not None:
        response = wire.answer(fault.body, fault.status)
    else:
        response = wire.spotify_error(fault.status, "Error while loading resource")
    response.headers |= fault.headers
    return response


def _too_many(fault: Fault) -> wire.Response:
    if fault.text is not None:
        response = wire.text(fault.text, 429)
    elif fault.do == "quota":
        response = wire.spotify_error(429, "Too many requests", reason="QUOTA_EXCEEDED")
    else:
        response = wire.spotify_error(429, "API rate limit exceeded")
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    response.headers |= fault.headers
    return response


def _wait(world: World, fault: Fault) -> None:
    if fault.do == "slow":
        time.sleep(fault.seconds or 1.0)
    elif fault.do == "hold":
        world.faults.hold(fault)


def _write_down(world: World, request: wire.Request, name: str, status: int) -> None:
    query = "&".join(f"{key}={','.join(values)}" for key, values in request.query.items())
    user = _user(world, request)
    world.record(Call(request.method, request.path, user, status, world.clock.now(), name, query))


def _user(world: World, request: wire.Request) -> str:
    """The user id behind the token, if there is one; "" for an app's own token or none."""
    header = request.headers.get("authorization", "")
    token = (
        world.accounts.access.get(header.removeprefix("Bearer ").strip())
        if header.startswith("Bearer ")
        else None
    )
    return token.user_id or "" if token else ""


def _unrouted(request: wire.Request) -> str:
    found = routes.find(request.method, request.path)
    return found[0].name if found else f"{request.method} (unknown)"


def _no_route(request: wire.Request) -> wire.Response:
    methods = routes.allowed(request.path)
    if methods:
        return wire.spotify_error(405, "Method not allowed", Allow=", ".join(methods))
    return wire.spotify_error(404, "Service not found")


def _whole(response: wire.Response) -> Sent:
    return Sent(response.status, response.body, response.content_type, response.headers, len(response.body))
