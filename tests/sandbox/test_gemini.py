"""The played Gemini: it reads a few words and answers in the schema it is given, over the real client too."""

from __future__ import annotations

import json

import pytest
import requests

from sandbox import gemini

FLAT = {
    "type": "OBJECT",
    "properties": {
        "title": {"type": "STRING"},
        "genres": {"type": "ARRAY", "items": {"type": "STRING"}, "nullable": True},
        "energy_max": {"type": "NUMBER", "nullable": True},
        "instrumental": {"type": "BOOLEAN", "nullable": True},
    },
    "required": ["title"],
}


def ask(sandbox, text, schema=None, key="a-key", model="gemini-3.5-flash-lite"):
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if schema:
        body["generationConfig"] = {"responseMimeType": "application/json", "responseSchema": schema}
    url = f"{sandbox.gemini_url}/v1/models/{model}:generateContent"
    return requests.post(url, json=body, headers={"x-goog-api-key": key} if key else {}, timeout=5)


def answer(response):
    return json.loads(response.json()["candidates"][0]["content"]["parts"][0]["text"])


def test_the_answer_keeps_to_the_schema(sandbox):
    filled = answer(ask(sandbox, "Rainy Sunday jazz, no vocals", FLAT))

    assert filled == {
        "title": "Rainy sunday jazz, no vocals",
        "genres": ["jazz"],
        "energy_max": 0.5,
        "instrumental": True,
    }


def test_ranges_can_be_pairs_and_required_values_are_always_there(sandbox):
    schema = {
        "properties": {"energy": {"type": "array"}, "mood": {"type": "string"}, "size": {"type": "integer"}},
        "required": ["mood", "size"],
    }

    assert answer(ask(sandbox, "loud music", schema)) == {"energy": [0.7, 1.0], "mood": "", "size": 0}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("jazz but not metal", {"genres": ["jazz"], "exclude_genres": ["metal"]}),
        ("deep house from the nineties", {"genres": ["deep house"], "decades": [1990]}),
        ("80s and 00s hits for kids", {"decades": [1980, 2000], "popularity": "popular", "explicit": False}),
        ("hidden gems to fall asleep: sleep music", {"popularity": "hidden", "energy_max": 0.25}),
        ("fast running songs", {"tempo_min": 140}),
        ("sing along to happy songs", {"instrumental": False, "valence_min": 0.55}),
    ],
)
def test_it_knows_a_few_dozen_words(text, part):
    assert part.items() <= gemini.understand(text).items()


def test_the_same_words_get_the_same_answer(sandbox):
    assert ask(sandbox, "night drive", FLAT).json() == ask(sandbox, "night drive", FLAT).json()


@pytest.mark.parametrize("key", [None, "invalid"])
def test_a_key_is_needed(sandbox, key):
    assert ask(sandbox, "x", key=key).json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, gemini.BLOCKED),
        (200, gemini.MAX_TOKENS),
        (503, gemini.OVERLOADED),
        (429, gemini.QUOTA),
        (200, gemini.reply('{"title": "cut o')),
    ],
)
def test_its_failures_can_be_scripted(sandbox, status, body):
    sandbox.faults.add("status", path="^/gemini/", status=status, body=body)
    response = ask(sandbox, "x")

    assert (response.status_code, response.json()) == (status, body)


def test_googles_own_client_gets_a_parsed_answer(sandbox):
    from google import genai
    from google.genai import types
    from pydantic import BaseModel

    class Wanted(BaseModel):
        title: str
        genres: list[str] | None = None
        energy_max: float | None = None

    http = types.HttpOptions(base_url=sandbox.gemini_url, timeout=5000)
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Wanted)
    with genai.Client(api_key="k", vertexai=False, http_options=http) as client:
        response = client.models.generate_content(model="gemini-x", contents="calm folk", config=config)

    assert response.parsed == Wanted(title="Calm folk", genres=["folk"], energy_max=0.5)
    assert sandbox.calls[-1].route.startswith("POST /gemini/v1/models/")
