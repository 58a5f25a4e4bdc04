"""Tell which Spotify album a line of text means, or say why it means none. Pure; nothing is ever fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from accounts.spotify import ids

LONGEST = 2000
KINDS = {
    "track": "a track", "playlist": "a playlist", "artist": "an artist", "user": "a person's profile",
    "prerelease": "an album that is not out yet", "show": "a podcast", "episode": "a podcast episode",
    "local": "a file on somebody's own device", "audiobook": "an audiobook", "chapter": "a chapter",
    "concert": "a concert", "collection": "somebody's own library", "genre": "a genre page",
    "section": "a browse page", "search": "a search", "station": "a radio station",
}  # fmt: skip

_HOSTS = {"open.spotify.com", "play.spotify.com"}
_SHORT_HOSTS = {"spotify.link", "spotify.app.link", "link.tospotify.com"}
# What mail, chat, spreadsheets and editors leave around a link.
_INVISIBLE = " \t\r\n\f\v\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_AROUND = _INVISIBLE + "\"'`<>()[]{}*,;.|“”„‘’«»"
_MARKDOWN = re.compile(r"\A\[[^\]]*\]\(([^()]*)\)\Z")
_URL = re.compile(
    r"\A(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<authority>[^/?#]*)(?P<rest>.*)\Z", re.IGNORECASE | re.DOTALL
)
_LANGUAGE = re.compile(r"\Aintl-[a-z]{2,3}(?:-[a-z]{2,4})?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedLink:
    """What a line means; `reason`, for people, is set unless it is ok. Only intake says "blocked"."""

    verdict: Literal["ok", "wrong_type", "short_link", "invalid", "blocked"]
    kind: str = ""
    spotify_id: str | None = None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        return self.verdict == "ok"


NOT_A_LINK = ParsedLink(
    "invalid", reason="This is not a Spotify album link; it looks like https://open.spotify.com/album/…"
)
EMPTY = ParsedLink("invalid", reason="The line is empty.")
TOO_LONG = ParsedLink("invalid", reason="The line is too long for an album link; put one link on a line.")
SHORT_LINK = ParsedLink(
    "short_link",
    reason="This is a short link; open it in a browser and paste the long address that you land on.",
)
NOT_SPOTIFY = ParsedLink(
    "invalid", reason="The link does not lead to open.spotify.com; paste the album's Spotify link."
)
HAS_LOGIN = ParsedLink(
    "invalid", reason="The link carries a login before its host (…@…); paste the album's plain link."
)
NO_ALBUM = ParsedLink(
    "invalid", reason="The link names no album: after /album/ comes an id of 22 letters and digits."
)


def parse(line: str) -> ParsedLink:
    """The album that `line` (a link, a URI or a bare id, with anything that was pasted around it) means."""
    if len(line) > LONGEST:
        return TOO_LONG
    text = _unwrapped(line)
    if not text:
        return EMPTY
    if ids.is_id(text):
        return _album(text)
    if text[:10].lower() == "spotify://":
        return _from_path(text[10:])
    if text[:8].lower() == "spotify:":
        return _from_uri(text[8:])
    return _from_url(text)


def _unwrapped(line: str) -> str:
    text = line.strip(_AROUND)
    # The strip takes the brackets of a Markdown link too; only a whole "[text](link)" has both of them.
    whole = _MARKDOWN.match(line.strip())
    return whole.group(1).strip(_AROUND) if whole else text


def _from_url(text: str) -> ParsedLink:
    found = _URL.match(text)
    if found is None or (found["scheme"] or "https").lower() not in {"http", "https"}:
        return NOT_A_LINK
    if "@" in found["authority"]:
        return HAS_LOGIN
    host = re.sub(r":(?:443|80)?\Z", "", found["authority"].lower())
    if host in _SHORT_HOSTS:
        return SHORT_LINK
    if host == "embed.spotify.com":
        return _from_embed(found["rest"])
    if host in _HOSTS:
        return _from_path(found["rest"])
    return NOT_SPOTIFY if found["scheme"] or "." in host else NOT_A_LINK


def _from_embed(rest: str) -> ParsedLink:
    query = rest.partition("?")[2].partition("#")[0]
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        uri = unquote(value)
        if name == "uri" and uri[:8].lower() == "spotify:":
            return _from_uri(uri[8:])
    return NOT_A_LINK


def _from_path(rest: str) -> ParsedLink:
    path = unquote(re.split(r"[?#]", rest, maxsplit=1)[0])
    parts = [part for part in (part.strip(_AROUND) for part in path.split("/")) if part]
    while parts and (parts[0].lower() == "embed" or _LANGUAGE.match(parts[0])):
        parts = parts[1:]
    if not parts:
        return NO_ALBUM
    if parts[0].lower() == "s":
        return SHORT_LINK
    if parts[0].lower() == "album" and len(parts) == 1:
        return NO_ALBUM
    return _named(parts)


def _from_uri(rest: str) -> ParsedLink:
    parts = [part.strip(_AROUND) for part in re.split(r"[?#]", rest, maxsplit=1)[0].split(":")]
    return _named(parts)


def _named(parts: list[str]) -> ParsedLink:
    """`parts` are a kind and its id, as in ["album", "4aaw…"] or ["user", "foo", "playlist", "3cEY…"]."""
    kind = parts[0].lower()
    if kind == "user" and len(parts) > 3 and parts[2].lower() == "playlist":
        return _wrong("playlist", parts[3])
    spotify_id = parts[1] if len(parts) > 1 else ""
    if kind == "album":
        return _album(spotify_id)
    if kind in KINDS:
        return _wrong(kind, spotify_id)
    return NOT_A_LINK


def _album(spotify_id: str) -> ParsedLink:
    if ids.is_id(spotify_id):
        return ParsedLink("ok", "album", spotify_id)
    reason = (
        f"“{spotify_id[:40]}” is not an album id: ids are 22 letters and digits; copy the link once more."
    )
    return ParsedLink("invalid", "album", reason=reason if spotify_id else NO_ALBUM.reason)


def _wrong(kind: str, spotify_id: str) -> ParsedLink:
    advice = (
        "open it, go to its album and paste that link" if kind == "track" else "paste the links of albums"
    )
    reason = f"This is {KINDS[kind]}, not an album; {advice}."
    return ParsedLink("wrong_type", kind, spotify_id if ids.is_id(spotify_id) else None, reason)
