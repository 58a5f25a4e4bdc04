"""The offline interpreter: a sentence becomes a Intent by rules and a vocabulary alone, always the same."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from curation.vibes import lexicon, numbers
from curation.vibes.intent import Intent, Mention
from curation.vibes.lexicon import Effect
from curation.vibes.parse_state import ParseState

MAX_TEXT = 300


def interpret(text: str, *, today: dt.date) -> Intent:
    """Any text -> a Intent; never raises. What was not understood stands in `strangers`."""
    clean = tidy(text)
    marked, found = numbers.mark(lexicon.fold(clean), today=today)
    heard = ParseState(today=today)
    unknown = _listen(lexicon.words(marked), found, heard)
    return heard.reading(clean, unknown)


def tidy(text: str) -> str:
    """One line of NFC text without control, private or direction-changing characters, at most MAX_TEXT."""
    plain = unicodedata.normalize("NFC", text)
    kept = "".join(ch if unicodedata.category(ch) not in UNSEEN or ch == "\u200d" else " " for ch in plain)
    return " ".join(kept.split())[:MAX_TEXT].strip()


UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}


# --- from words to effects


@dataclass(slots=True)
class Modifiers:
    """What the words before the next one mean for it."""

    negation: str = ""  # "" | "plain" | "mild"
    degree: float = 1.0
    last_kind: str = ""
    link: str = ""  # "" | "or" | "and": what stood between the last effect and this one

    def rest(self) -> None:
        self.negation, self.degree, self.last_kind, self.link = "", 1.0, "", ""

    def still_denies(self, kind: str) -> bool:
        """'no metal and rap' denies both and 'no vocals and slow' only one; 'or' always goes on."""
        if not self.negation or not self.last_kind or self.link == "or":
            return bool(self.negation)
        return kind == self.last_kind and (kind in LISTED or self.link != "and")


LISTED = {"genre", "version", "years", "season"}


def _listen(tokens: list[str], found: dict[str, list[Effect]], heard: ParseState) -> list[str]:
    """Apply every known phrase to `heard`, longest first; returns the words that nothing was known about."""
    ear, unknown, at = Modifiers(), [], 0
    while at < len(tokens):
        if tokens[at] in found:
            _apply(found[tokens[at]], ear, heard)
            at += 1
            continue
        phrase, role = lexicon.longest(tokens, at)
        if role is not None:
            _turn(role, tokens[at], ear, heard)
        elif phrase not in lexicon.SILENT:
            unknown += [phrase] if len(phrase) > 2 else []
            _maybe_name(tokens, at, ear, heard)
        at += phrase.count(" ") + 1
    return unknown


def _turn(role: lexicon.Role, token: str, ear: Modifiers, heard: ParseState) -> None:
    match role.name:
        case "negation" | "mild":
            ear.rest()
            ear.negation = "plain" if role.name == "negation" else "mild"
        case "degree":
            ear.degree = role.value
        case "end":
            ear.rest()
        case "carry":
            ear.link = "or" if token in lexicon.ALTERNATIVES else "and"
        case "effects":
            _apply(list(role.effects), ear, heard)


def _apply(effects: list[Effect], ear: Modifiers, heard: ParseState) -> None:
    kind = effects[0].kind
    if ear.negation and not ear.still_denies(kind):
        ear.rest()
    for effect in effects[:1] if ear.negation else effects:
        heard.take(effect, negation=ear.negation, degree=ear.degree)
    ear.last_kind, ear.degree, ear.link = kind, 1.0, ""


def _maybe_name(tokens: list[str], at: int, ear: Modifiers, heard: ParseState) -> None:
    """An unknown word right after 'like', 'by' or a negation may begin an artist's name."""
    if at > 1 and tokens[at - 1] in {"the", "los", "die"}:
        at -= 1
    one, two = tokens[at - 1] if at else "", " ".join(tokens[max(0, at - 2) : at])
    relation = lexicon.RELATIONS.get(two) or lexicon.RELATIONS.get(one)
    if ear.negation and not ear.last_kind:
        relation = "not"
    if relation:
        end = next((i for i in range(at, len(tokens)) if tokens[i] in lexicon.stops()), len(tokens))
        spoken = tokens[at : min(end, at + 5)]
        guesses = tuple(" ".join(spoken[:size]) for size in range(len(spoken), 0, -1))
        heard.mentions.append(Mention(relation, guesses))
