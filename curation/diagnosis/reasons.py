"""Why a track is in a list, in words a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.policy import fields

if TYPE_CHECKING:
    from curation.engine.candidates import Facts
    from curation.engine.drafts import Draft
    from curation.engine.entries import Entry

_WORDS = {
    "popularity": ("well known", "little known"),
    "energy": ("high energy", "low energy"),
    "danceability": ("danceable", "not for dancing"),
    "valence": ("bright mood", "dark mood"),
    "acousticness": ("acoustic", "electric"),
    "instrumentalness": ("instrumental", "sung"),
    "liveness": ("live sound", "studio sound"),
    "speechiness": ("wordy", "few words"),
    "tempo": ("fast", "slow"),
    "loudness": ("loud", "quiet"),
    "age_days": ("older", "new"),
    "release_year": ("recent", "older"),
    "duration_s": ("long", "short"),
    "days_since_used": ("long rested", "lately used"),
}
# A value above this share of its field's range earns the first word, below the rest the second.
_HIGH, _LOW = 0.6, 0.4


def song(entry: Entry, facts: Facts, draft: Draft) -> dict[str, Any]:
    """An entry with what is shown of its track, and its reason as a phrase."""
    return {
        "position": entry.position,
        "track_id": entry.track_id,
        "spotify_id": facts.spotify_id,
        "title": facts.title,
        "artist": facts.artist,
        "artists": list(facts.artists),
        "album": facts.album,
        "image_url": facts.image_url,
        "duration_ms": facts.duration_ms,
        "explicit": facts.explicit,
        "released": facts.released.isoformat() if facts.released else None,
        "reason": phrase(
            entry.reasons, traits(facts, [term.field for term in draft.rules.policy.score.terms])
        ),
        "reasons": entry.reasons,
    }


def traits(facts: Facts, asked: list[str]) -> list[str]:
    """What stands out about the track among the fields asked for: 'high energy', 'slow'."""
    values: dict[str, float | None] = {
        **facts.features,
        "energy": facts.energy,
        "danceability": facts.danceability,
        "popularity": facts.popularity,
        "release_year": facts.released.year if facts.released else None,
        "duration_s": facts.duration_ms / 1000,
    }
    found = []
    for name in dict.fromkeys(asked):
        value, words = values.get(name), _WORDS.get(name)
        if value is None or words is None:
            continue
        field = fields.FIELDS[name]
        height = (value - field.low) / (field.high - field.low)
        if height >= _HIGH or height <= _LOW:
            found.append(words[0] if height >= _HIGH else words[1])
    return found


def phrase(reasons: dict[str, Any], traits: list[str] | None = None) -> str:
    """An entry's stored reasons as one short phrase."""
    parts = list(traits or [])
    if reasons.get("pinned"):
        parts.append(f"pinned at place {reasons['pinned']}")
    elif reasons.get("pool") not in (None, "rest"):
        parts.append(f"from the pool “{reasons['pool']}”")
    terms = reasons.get("terms") or {}
    best = max(terms, key=lambda name: terms[name], default=None)
    if best and not traits:
        parts.append(f"{best.replace('_', ' ')} fits ({terms[best]:.0%})")
    if reasons.get("rested") is not None:
        parts.append(f"rested {reasons['rested']} days")
    if reasons.get("repeat"):
        parts.append("back before its rest was over")
    parts += [f"let in by: {words}" for words in reasons.get("relaxed") or []]
    return ", ".join(parts) or "matches the policy"
