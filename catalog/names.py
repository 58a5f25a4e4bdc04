"""When two names are the same: without case in policies, without accents and signs in sentences. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Whom Spotify leaves without a name is called this; it is nobody's name.
NOBODY = "Unknown artist"

_NO_WORD = re.compile(r"[\W_]+")
_TONOS, _DOT = "\u0301", "\u0307"
_KANA = "\u3099\u309a"  # the marks that make another syllable of a Japanese one
_GREEK = range(0x370, 0x400)
# Letters that Unicode does not take apart into a plain one and an accent.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"})
# Signs that stand for a letter or a word: A$AP Rocky, P!nk, Simon & Garfunkel, Florence + The Machine.
_SPOKEN_SIGNS = (
    (re.compile(r"\$(?=\w)"), "s"),
    (re.compile(r"(?<=\w)!(?=\w)"), "i"),
    (re.compile(r"[&+]"), " and "),
)


def folded(text: str) -> str:
    """The same for names that differ in nothing but case, or in how Unicode spells them.

    Turkish: I, İ, ı and i are one, since nobody can tell in which language a capital was written. Greek:
    capitals carry no tonos and know one sigma.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text).casefold().replace("ı", "i").replace(f"i{_DOT}", "i")
    plain = unicodedata.normalize("NFD", plain)
    kept = [letter for at, letter in enumerate(plain) if letter != _TONOS or not _is_greek(plain, at)]
    return unicodedata.normalize("NFC", "".join(kept))


def bare(text: str) -> str:
    """Folded, without accents: what remains of a name on a keyboard that has none."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", folded(text))
    kept = "".join(letter for letter in plain if letter in _KANA or not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept.casefold().translate(_STROKES))


def words(text: str) -> str:
    """The words of a name, bare and without punctuation, one space between two."""
    plain = bare(text)
    for sign, spoken in _SPOKEN_SIGNS:
        plain = sign.sub(spoken, plain)
    if plain.isascii():
        return _NO_WORD.sub(" ", plain).strip()
    return " ".join("".join(letter if _is_spoken(letter) else " " for letter in plain).split())


def key(text: str) -> str:
    """The same for names that sound alike however they are typed: AC/DC, ac dc and acdc."""
    return words(text).replace(" ", "") or folded(text).strip()


def known(artists: Iterable[str]) -> list[str]:
    """The names that are some; an artist without one is unknown, and not called alike with others."""
    return [folded(name) for name in artists if name and name != NOBODY]


def _is_greek(plain: str, at: int) -> bool:
    """Whether the accent at this place sits on a Greek letter."""
    letter = next((one for one in reversed(plain[:at]) if not unicodedata.combining(one)), "")
    return bool(letter) and ord(letter) in _GREEK


def _is_spoken(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")
