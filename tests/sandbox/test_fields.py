"""The `fields` parameter, as Spotify reads it."""

from __future__ import annotations

import pytest

from sandbox import fields


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("id,name", {"id": {}, "name": {}}),
        ("items(total,items(item(id)))", {"items": {"total": {}, "items": {"item": {"id": {}}}}}),
        ("items.total,name", {"items": {"total": {}}, "name": {}}),
        ("items.items(item.id),id", {"items": {"items": {"item": {"id": {}}}}, "id": {}}),
        ("", {}),
        ("a(b", {"a": {"b": {}}}),
        ("a)b", {"a": {}}),
    ],
)
def test_brackets_and_dots_mean_the_same(text, tree):
    assert fields.parse(text) == tree


def test_names_that_are_not_there_are_left_out():
    body = {"id": "1", "items": [{"item": {"id": "2", "name": "x"}}]}

    assert fields.keep(body, fields.parse("id,nothing,items(item(id))")) == {
        "id": "1",
        "items": [{"item": {"id": "2"}}],
    }
