"""What a playlist is called and described as on Spotify, and how to know one of ours again (pure)."""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata

from accounts import plurals

NAME_LIMIT = 100
DESCRIPTION_LIMIT = 300
DEFAULT_THEME = "Mix"
_MARKER = re.compile(r"\bvibe:(\d+)\.(\d+)\b")
# Joined to what stands before them: a cut must not end between the two.
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e"}


def name(*, theme_tag: str, global_index: int, date: dt.date) -> str:
    """`Vibe • {ThemeTag} • #{GlobalIndex:000} • {YYYY-MM-DD}`, at most 100 UTF-16 units; only the theme is
    ever cut."""
    tail = f" • #{global_index:03} • {date.isoformat()}"
    room = NAME_LIMIT - length("Vibe • ") - length(tail)
    return f"Vibe • {cut(plain(theme_tag) or DEFAULT_THEME, room)}{tail}"


def description(*, policy: str, date: dt.date, count: int, gap_days: int, marker: str) -> str:
    """One line for people, then the marker, at most 300 UTF-16 units; only the policy's name is ever cut."""
    day = f"{date:%A} {date.day} {date:%B} {date.year}"
    head, tail = (
        f"{plurals.counted(count, 'track')} chosen by ",
        f", the list of {day}. No track returns within {plurals.counted(gap_days, 'day')}. {marker}",
    )
    room = DESCRIPTION_LIMIT - length(head) - length(tail)
    return head + cut(plain(policy) or "our rules", room) + tail


def marker(copy_id: int, epoch: int) -> str:
    return f"vibe:{copy_id}.{epoch}"


def bears_marker(description: str, wanted: str) -> bool:
    """Whether a description as Spotify gives it back (HTML-escaped) carries exactly this marker."""
    return any(found.group() == wanted for found in _MARKER.finditer(html.unescape(description or "")))


def bears_any_marker(description: str) -> bool:
    return bool(_MARKER.search(html.unescape(description or "")))


def is_named_for(given: str, *, theme_tag: str, global_index: int) -> bool:
    """Whether a name is this playlist's on any day: the date in it changes, theme and index do not."""
    stem = name(theme_tag=theme_tag, global_index=global_index, date=dt.date(2000, 1, 1))[
        : -len("2000-01-01")
    ]
    dated = re.fullmatch(r"(.*)\d{4}-\d{2}-\d{2}", given or "", re.DOTALL)
    return dated is not None and dated.group(1) == stem


def plain(text: str) -> str:
    """One line without control characters; runs of white space become one space."""
    kept = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text)
    return " ".join(kept.split())


def cut(text: str, room: int) -> str:
    """The text in at most `room` UTF-16 units, ending in … where cut and never inside a joined character."""
    if length(text) <= room:
        return text
    kept = text
    while kept and length(kept) > room - 1:
        kept = _without_last(kept)
    return kept.rstrip() + "…" if room > 0 else ""


def _without_last(text: str) -> str:
    last, text = text[-1], text[:-1]
    while text and (_joins(last) or text[-1] == "\u200d"):
        last, text = text[-1], text[:-1]
    return text


def _joins(char: str) -> bool:
    return char in _JOINERS or bool(unicodedata.combining(char)) or "\U0001f3fb" <= char <= "\U0001f3ff"


def length(text: str) -> int:
    """Length as Spotify's clients count it: UTF-16 units, so an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
