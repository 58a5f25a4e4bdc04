"""The command that makes a vibe on a terminal."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.curation.stocked import CALM, stock

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("generate_vibe", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_list_with_reasons_and_its_link(settings: Any) -> None:
    stock(1, 12, genres=["jazz"], features=CALM)

    lines = run("calm jazz", "--count", "3").splitlines()

    assert lines[0] == "Calm jazz"
    assert sum(" – " in line for line in lines) == 3
    assert lines[-1].startswith(f"{settings.PUBLIC_BASE_URL}/v/")


def test_json_is_what_the_api_answers() -> None:
    stock(1, 12, genres=["jazz"], features=CALM)

    answer = json.loads(run("calm jazz", "--json"))

    assert len(answer["songs"]) == 10
    assert answer["policy"]["schema"] == "vibe.policy/1"


def test_explicit_songs_can_be_left_out() -> None:
    stock(1, 3, genres=["jazz"], features=CALM)
    stock(11, 3, genres=["jazz"], features=CALM, explicit=True)

    assert not any(song["explicit"] for song in json.loads(run("jazz", "--no-explicit", "--json"))["songs"])


@pytest.mark.parametrize(("arguments", "said"), [(["jazz"], "no music here yet"), (["  "], "Say in words")])
def test_what_cannot_be_done_is_said(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)


@pytest.mark.parametrize("count", ["0", "51", "many"])
def test_a_count_outside_1_to_50_is_refused(count: str) -> None:
    with pytest.raises(CommandError):
        run("jazz", "--count", count)
