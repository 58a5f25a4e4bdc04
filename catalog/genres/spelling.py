"""One spelling for every way of writing a genre: "Hip-Hop" and "hip hop music" are one key. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100  # letters of a key; it lives in an index
_APOSTROPHES = "'’‘`´ʼ"
# rock 'n' roll, drum'n'bass: the n is an "and", not a letter with ornaments.
_N = re.compile(rf"[{_APOSTROPHES}]n[{_APOSTROPHES}]|[{_APOSTROPHES}]n\b|\bn[{_APOSTROPHES}]")
_SILENT = str.maketrans("", "", _APOSTROPHES)
_BETWEEN = re.compile(r"[^\w&+]+|_+")
_MUSIC = re.compile(r"(?: music)+\Z")


def key(label: str) -> str:
    """The label as it compares: no case, accents, apostrophes; hyphens are spaces, "&" and "'n'" are "and",
    and a trailing "music" says nothing. "" for a label without any letter.
    """
    plain = _N.sub(" n ", _without_accents(label[: 4 * LONGEST].casefold())).translate(_SILENT)
    words = _BETWEEN.sub(" ", plain.replace("&", " and ").replace("+", " and ")).split()
    inner = ["and" if word == "n" else word for word in words[1:-1]]
    folded = " ".join([*words[:1], *inner, *words[1:][-1:]])
    return _MUSIC.sub("", folded[:LONGEST].rstrip())


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    # Casefolded again: decomposing can bring capitals back (the ligatures and fractions of NFKD).
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
