"""Gemini as the sandbox plays it: it knows a few dozen words and fills whatever schema it is given."""

import json
import re
from typing import Any

from sandbox import genres, wire
from sandbox.world import World

Json = dict[str, Any]

BLOCKED: Json = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
MAX_TOKENS: Json = {"candidates": [{"finishReason": "MAX_TOKENS", "index": 0}]}
OVERLOADED: Json = {
    "error": {
        "code": 503,
        "message": "The model is overloaded. Please try again later.",
        "status": "UNAVAILABLE",
    }
}
QUOTA: Json = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"}],
    }
}
"""Bodies for scripted faults: faults.add("status", path="/gemini/", status=200, body=gemini.BLOCKED)."""

RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "sleep|sleepy|lullaby": {"energy": (0.0, 0.25), "acousticness": (0.5, 1.0), "tempo": (50, 100)},
    "calm|quiet|gentle|soft|relax|relaxing|chill|rainy|study|focus": {"energy": (0.0, 0.5)},
    "run|running|workout|gym|intense|energetic|angry|loud": {"energy": (0.7, 1.0)},
    "run|running": {"tempo": (140, 185)},
    "dance|party|club|dancing": {"danceability": (0.6, 1.0), "energy": (0.6, 1.0)},
    "happy|sunny|cheerful|joyful|summer": {"valence": (0.55, 1.0)},
    "sad|melancholy|melancholic|blue|heartbreak|lonely": {"valence": (0.0, 0.4)},
    "acoustic|unplugged|campfire": {"acousticness": (0.5, 1.0)},
    "fast": {"tempo": (140, 200)},
    "slow": {"tempo": (50, 100)},
}
GENRE_WORDS = {
    "hiphop": "hip hop",
    "rap": "hip hop",
    "rnb": "r&b",
    "dnb": "drum and bass",
    "electronic": "house",
}
NEGATION = r"\b(?:no|not|without|never|except|nothing)\b[^,.;]*?\b{word}\b"


def generate(world: World, request: wire.Request, model: str) -> wire.Response:
    """POST /v1/models/{model}:generateContent."""
    key = request.headers.get("x-goog-api-key", "")
    if not key or key == "invalid":
        return _error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")
    body = request.json()
    text = said(body)
    if not text:
        return _error(400, "contents is not specified", "INVALID_ARGUMENT")
    config = body.get("generationConfig") or {}
    schema = config.get("responseSchema") or config.get("responseJsonSchema") or {}
    return wire.answer(reply(json.dumps(fill(schema, understand(text)), ensure_ascii=False), model))


def reply(text: str, model: str = "gemini-3.5-flash-lite") -> Json:
    """A whole 200 body around the model's text."""
    content = {"parts": [{"text": text}], "role": "model"}
    used = {"promptTokenCount": 12, "candidatesTokenCount": 20, "totalTokenCount": 32}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": used,
        "modelVersion": model,
        "responseId": "sandbox-1",
    }


def said(body: Json) -> str:
    """What the person wrote: the text of the user's turns, not of the system instruction."""
    turns = body.get("contents") or []
    parts = [part for turn in turns if turn.get("role", "user") == "user" for part in turn.get("parts") or []]
    return " ".join(part.get("text", "") for part in parts).strip()


def understand(text: str) -> Json:
    """Every criterion this model can name, under the names that schemas of this kind use."""
    lower = text.lower()
    wanted, unwanted = _genres(lower)
    reading: Json = {
        "title": " ".join(text.split()[:6]).strip(".,;:!?").capitalize() or "Untitled",
        "summary": f"Songs for: {' '.join(text.split())[:150]}",
        "genres": wanted,
        "exclude_genres": unwanted,
        "instrumental": _instrumental(lower),
        "explicit": False if re.search(r"\b(clean|kids|family|children)\b", lower) else None,
        "popularity": _popularity(lower),
        "decades": sorted({1900 + int(two) if int(two) > 30 else 2000 + int(two) for two in _decades(lower)}),
    }
    for words, ranges in RANGES.items():
        if re.search(rf"\b({words})\b", lower) and not re.search(NEGATION.format(word=f"({words})"), lower):
            for name, (low, high) in ranges.items():
                reading |= {name: [low, high], f"{name}_min": low, f"{name}_max": high}
    return reading


def fill(schema: Json, reading: Json) -> Json:
    """The reading in the shape of the schema: its properties only, and its required ones always."""
    properties = schema.get("properties")
    if not properties:
        return {name: value for name, value in reading.items() if value not in (None, [])}
    required = set(schema.get("required") or ())
    filled = {name: reading[name] for name in properties if reading.get(name) not in (None, [])}
    return filled | {
        name: _blank(properties[name]) for name in required - filled.keys() if name in properties
    }


def _blank(schema: Json) -> Any:
    """The least value of a type: what a model writes when it has nothing to say."""
    if schema.get("nullable") or any(option.get("type") == "null" for option in schema.get("anyOf") or ()):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    kind = str(schema.get("type", "string")).lower()
    if kind == "object":
        return fill(schema, {}) if schema.get("properties") else {}
    return {"array": [], "number": 0.5, "integer": 0, "boolean": False}.get(kind, "")


def _genres(lower: str) -> tuple[list[str], list[str]]:
    """(wanted, unwanted) genre names that the text has in it."""
    named = {name: name for genre in genres.GENRES for name in (genre.name, *genre.sub)} | GENRE_WORDS
    found: dict[str, bool] = {}
    for word, name in named.items():
        if re.search(rf"\b{re.escape(word)}\b", lower):
            refused = re.search(NEGATION.format(word=re.escape(word)), lower)
            found[name] = refused is None
    longest = [name for name in found if not any(name != other and name in other for other in found)]
    return [name for name in longest if found[name]], [name for name in longest if not found[name]]


def _instrumental(lower: str) -> bool | None:
    if re.search(r"\b(instrumental|no vocals?|without (vocals?|singing|words)|no (singing|words))\b", lower):
        return True
    return False if re.search(r"\b(vocals|singing|sing along|singalong)\b", lower) else None


def _popularity(lower: str) -> str | None:
    if re.search(r"\b(hits?|popular|famous|everybody knows)\b", lower):
        return "popular"
    return "hidden" if re.search(r"\b(hidden|obscure|unknown|deep cuts?|forgotten|gems?)\b", lower) else None


def _decades(lower: str) -> list[str]:
    words = {"sixties": "60", "seventies": "70", "eighties": "80", "nineties": "90", "noughties": "00"}
    digits = re.findall(r"\b(?:19|20)?([0-9]0)s\b", lower)
    return digits + [two for word, two in words.items() if word in lower]


def _error(code: int, message: str, status: str) -> wire.Response:
    return wire.answer({"error": {"code": code, "message": message, "status": status}}, code)
