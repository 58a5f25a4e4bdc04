"""Numbers with their nouns as people read them: "1 copy", "2,000 copies". Pure."""

from __future__ import annotations

import re


def counted(number: int, noun: str) -> str:
    """The number and its noun; of several words the last one takes the plural."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    if re.search(r"[^aeiou]y\Z", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(?:s|x|ch|sh)\Z", noun) else f"{noun}s"


def verb(number: int, one: str, many: str) -> str:
    """The form of a verb, or of any other word, that agrees with the number."""
    return one if number == 1 else many
