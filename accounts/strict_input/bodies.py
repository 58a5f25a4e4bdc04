"""Request bodies that take only the members they name, of exactly the types they name; nothing is coerced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accounts.strict_input import parameters


class Body(serializers.Serializer[Any]):
    """An object; a member that nobody reads is an error: a typo must not look like consent."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        faults: dict[str, Any] = {name: ["This is no member of this body."] for name in sorted(unknown)}
        try:
            read = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**faults, **error.detail}) from None  # type: ignore[dict-item]
        if faults:
            raise serializers.ValidationError(faults)
        return read


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This must be text.")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise serializers.ValidationError("This must be a whole number.")
        return data


class YesOrNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("This must be true or false.")
        return data


class Day(serializers.DateField):
    def to_internal_value(self, data: Any) -> dt.date:
        found = parameters.day_of(data) if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError("This must be a day as YYYY-MM-DD.")
        return found


def read(body: type[Body], request: Request) -> dict[str, Any]:
    """What the request says, checked; 400 with the path of each mistake."""
    given = body(data=request.data)
    given.is_valid(raise_exception=True)
    found: dict[str, Any] = given.validated_data
    return found


def none(request: Request) -> None:
    """For endpoints without a body: nothing, or an empty object."""
    read(Body, request)
