"""How a song's length and an interpreter's name are written on a page."""

from __future__ import annotations

from django import template

from curation.vibes import describe

register = template.Library()
NAMES = {"gemini": "Gemini", "offline": "the offline interpreter"}


@register.filter
def clock(milliseconds: int) -> str:
    return describe.length(milliseconds)


@register.filter
def interpreter_name(interpreter: str) -> str:
    return NAMES.get(interpreter, interpreter)
