"""The shape of a JSON body: which keys it has at which place, and what types stand there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Shape = dict[str, set[str]]


def of(body: Any, place: str = "") -> Shape:
    """{"artists[].id": {"string"}}: every place and the types seen there; the rows of a list are merged."""
    shape: Shape = {place: {_type(body)}} if place else {}
    if isinstance(body, dict):
        for key, value in body.items():
            _merge(shape, of(value, f"{place}.{key}" if place else key))
    elif isinstance(body, list):
        for value in body:
            _merge(shape, of(value, f"{place}[]"))
    return shape


def differences(
    ours: Shape, theirs: Shape, *, absent: Iterable[str] = (), extra: Iterable[str] = ()
) -> list[str]:
    """What a reader of the one body would stumble over in the other. `absent` may lack, `extra` may be there.

    A null on either side fits any type, and what is below it is not looked at: nothing can be said about it.
    """
    found = []
    for place in sorted(theirs.keys() - ours.keys()):
        if not _under(place, absent) and not _silent(place, ours):
            found.append(f"missing {place}")
    for place in sorted(ours.keys() - theirs.keys()):
        if not _under(place, extra) and not _silent(place, theirs):
            found.append(f"invented {place}")
    for place in sorted(ours.keys() & theirs.keys()):
        if not _fits(ours[place], theirs[place]):
            found.append(f"{place} is {sorted(ours[place])}, not {sorted(theirs[place])}")
    return found


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _merge(shape: Shape, more: Shape) -> None:
    for place, types in more.items():
        shape.setdefault(place, set()).update(types)


def _fits(ours: set[str], theirs: set[str]) -> bool:
    return ours - {"null"} <= theirs or theirs == {"null"} or ours == {"null"}


def _under(place: str, named: Iterable[str]) -> bool:
    return any(place == name or place.startswith((f"{name}.", f"{name}[]")) for name in named)


def _silent(place: str, other: Shape) -> bool:
    """Whether the other body has null or an empty list somewhere above this place."""
    parts = place.replace("[]", ".[]").split(".")
    for end in range(len(parts) - 1, 0, -1):
        above = ".".join(parts[:end]).replace(".[]", "[]")
        if above in other:
            return other[above] == {"null"} or (other[above] == {"array"} and f"{above}[]" not in other)
    return False
