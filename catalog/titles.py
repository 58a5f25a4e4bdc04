"""What a title tells of a track: which version it is, whether it is an interlude, for which season. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog import names

ORIGINAL, LIVE, REMIX, REMASTER, KARAOKE = "original", "live", "remix", "remaster", "karaoke"
SPED_UP, SLOWED, ACAPELLA, TRIBUTE, DEMO = "sped_up", "slowed", "acapella", "tribute", "demo"
CHRISTMAS, HALLOWEEN, NO_SEASON = "christmas", "halloween", "none"
SEASONS = (CHRISTMAS, HALLOWEEN)
# Above this length it is a piece of music, whatever it is called.
LONGEST_INTERLUDE_MS = 90_000


@dataclass(frozen=True, slots=True)
class Told:
    """What the title says, with the little that artists, album and length add."""

    version: str
    is_interlude: bool
    season: str


def told(title: str, *, artists: Iterable[str] = (), album: str = "", duration_ms: int) -> Told:
    """All that a title tells, as the columns of `tracks` have it."""
    return Told(
        version=version(title, artists, album),
        is_interlude=is_interlude(title, duration_ms),
        season=season(title, album),
    )


# --- versions


def version(title: str, artists: Iterable[str] = (), album: str = "") -> str:
    """Which version it is, from what the title says after its name, and from who sings.

    Only brackets and what follows a dash count: "Live and Let Die" is no live recording, "Imagine - Live" is.
    """
    plain = names.bare(title)
    found = [name for mark in marks(title) if (name := version_of(mark))]
    found += [name for artist in artists for name in _sung_by(artist)]
    found += [KARAOKE] if _is_karaoke_album(album) else []
    found += [name for name, pattern in _WHOLE if pattern.search(plain)]
    return min(found, key=VERSIONS.index, default=ORIGINAL)


# The tracks of an album ask about the same artists and the same album.
@functools.lru_cache(maxsize=4096)
def _sung_by(artist: str) -> list[str]:
    singer = names.bare(artist)
    return [name for name, pattern in _SINGERS if pattern.search(singer)]


@functools.lru_cache(maxsize=4096)
def _is_karaoke_album(album: str) -> bool:
    return any(version_of(mark) == KARAOKE for mark in marks(album))


def version_of(mark: str) -> str:
    """The version that one mark of a title names; empty where it names none."""
    return next((name for name, pattern in _VERSIONS if pattern.search(mark)), "")


def marks(title: str) -> list[str]:
    """What stands in brackets or after a dash, bare, cut at semicolons and slashes; without the guests."""
    head, *tails = _DASH.split(_without_brackets(title))
    parts = [*_bracketed(title), *tails, *([head] if tails and _IS_LABEL.fullmatch(head.strip()) else [])]
    cut = [piece for part in parts for piece in pieces(part)]
    return [piece for piece in cut if not _GUEST.match(piece)]


def pieces(mark: str) -> list[str]:
    """What a mark says, one thing at a time: "Live; Remastered 2010" says two."""
    return [piece.strip() for piece in _CUT.split(mark) if piece.strip()]


def _bracketed(title: str) -> Iterator[str]:
    """The contents of all brackets, the inner ones first; one that is never closed runs to the end."""
    left = names.bare(title)
    while found := _BRACKET.search(left):
        yield found[1]
        left = left[: found.start()] + " " + left[found.end() :]


def _without_brackets(title: str) -> str:
    left = names.bare(title)
    while found := _BRACKET.search(left):
        left = left[: found.start()] + " " + left[found.end() :]
    return left


_BRACKET = re.compile(r"[(\[{【]([^()\[\]{}【】]*)(?:[)\]}】]|$)")
_DASH = re.compile(r"\s[-–—|~]+\s")
_CUT = re.compile(r"[;/,]")
_GUEST = re.compile(r"(feat|ft|featuring|with|w|prod|produced|con|avec|mit)\b")
_IS_LABEL = re.compile(r"karaoke|nightcore|sped up")

_KARAOKE = re.compile(
    r"\b(karaoke|backing (track|version|vocals?)|sing[- ]?along|off vocal|(demonstration|demo|"
    r"teaching) vocals?|"
    r"performance track|in the style of|(as )?made (famous|popular) by|(as )?originally (performed|"
    r"recorded|sung) by)\b"
    r"|^playback$|караоке|カラオケ|노래방|가라오케|伴奏"
)
_TRIBUTE = re.compile(
    r"\btribute (to|version|band|mix)\b|\btribute$|\bhomage to\b|\bhomenaje a\b|\bomaggio a\b"
)
_SPED_UP = re.compile(r"\b(sped|spedup|speed(ed)?[- ]?up|nightcore|fast(er)? version)\b|^sped[- ]?up")
_SLOWED = re.compile(
    r"\b(slowed|daycore|slow(ed)? ?(\+|&|and|n|x) ?reverb(ed)?|(chopped|chopd) ?(&|and|n|'n'?|n'|"
    r"-n-) ?s[ck]rewed)\b"
)
_ACAPELLA = re.compile(r"\b(a[- ]?cc?app?ella|a[- ]capp?ella|vocals? only)\b")
_REMIX = re.compile(
    r"\b(re-?mix(ed|es)?|rmx|re-?work(ed)?|re-?fix|bootleg|mash-?up|vip|flip|"
    r"(club|dub|vip|extended|dance|house|techno|festival|12\"?|12''|12 inch) (mix|edit|dub))\b|"
    r"^dub( version)?$"
)
# "Live" by itself, with a year, or as a performance; "I can't live" and "live your life" are neither.
_LIVE = re.compile(
    r"^(recorded |performed |acoustic |bonus |exclusive |\d{4} |radio \d |full band )*live( acoustic)?"
    r"($| ?[-:@'\"“]| \d{2,4}\b| (at|from|version|session|sessions|recording|performance|acoustic|edit|"
    r"mix|take|medley|"
    r"remaster(ed)?|bonus|video|album|ep|concert|broadcast|with|w|by|unplugged|studio|tour|and unplugged|"
    r"in(?! (the moment|me|my|your|our|this|that|a|love|fear|peace|harmony|sin|hope|color|colour)\b)|"
    r"on(?! (and|forever|through|the edge|my|your|love|in)\b)(?= \w)|(for|@) (bbc|mtv|kexp|npr|spotify|vevo)|"
    r"\w+ (sessions?|version)|lounge))"
    r"|\blive (at|from|version|sessions?|recording|performance|lounge|acoustic|on (mtv|kexp|bbc|the bbc))\b"
    r"|^(?!.*\b(can't|cant|cannot|can|to|i|you|we|they|he|she|it|long|me|us|people|wanna|gonna|will|"
    r"won't|could|would|"
    r"should|must|and|or|who|don't|not|never|just|let's) live$).* live( bonus( track)?)?$|\blive duet\b"
    r"|\b(unplugged|en vivo|ao vivo|en directo|en concert|dal vivo|in concert|concert version|"
    r"en concierto|im konzert|na zywo|"
    r"canli|ライブ|ライヴ|라이브|концерт\w*)\b"
)
_DEMO = re.compile(
    r"^demos?$|\bdemo$|\bdemo (version|take|recording|mix|tape|session|edit|remaster(ed)?|\d{4}|\d+)\b"
)
_REMASTER = re.compile(r"\bre-?master(ed|ing|isiert|izado|izada|ise|isee)?\b|\bremasterizad[oa]\b")
# In this order: a slowed remix is first of all slowed, a remastered live recording live.
_VERSIONS = (
    (KARAOKE, _KARAOKE), (TRIBUTE, _TRIBUTE), (SPED_UP, _SPED_UP), (SLOWED, _SLOWED), (ACAPELLA, _ACAPELLA),
    (REMIX, _REMIX), (LIVE, _LIVE), (DEMO, _DEMO), (REMASTER, _REMASTER),
)  # fmt: skip
VERSIONS = tuple(name for name, _ in _VERSIONS)
# Titles that need no bracket to say it.
_WHOLE = (
    (KARAOKE, re.compile(r"\b(karaoke version|made (famous|popular) by|originally performed by)\b")),
    (SPED_UP, re.compile(r"\S\s+sped[- ]up( version)?$")),
    (REMIX, re.compile(r"\S\s+re-?mix$")),
    (SLOWED, re.compile(r"\bslowed ?(\+|&|and|n|x) ?reverb(ed)?\b")),
)
_SINGERS = (
    (KARAOKE, re.compile(r"\bkaraoke\b(?! (rejects|from))|\bsing along\b|\bbacking tracks?\b")),
    (TRIBUTE, re.compile(r"\btributes?( (band|to|all[- ]?stars|kings|crew|team|players|masters)\b|$)")),
    (SPED_UP, re.compile(r"^(nightcore|sped up|speed up)( |$)|\bnightcore\b")),
    (SLOWED, re.compile(r"^slowed( |$)|\bslowed (audio|songs|music|down)\b")),
)


# --- interludes


def is_interlude(title: str, duration_ms: int) -> bool:
    """Whether it is called an intro, skit, interlude or outro, and is too short to be more than that."""
    if not 0 < duration_ms < LONGEST_INTERLUDE_MS:
        return False
    plain = names.bare(title)
    is_called_one = bool(_INTERLUDE.search(plain)) and not _NO_INTERLUDE.search(plain)
    return is_called_one or _is_all_of_it(title)


def _is_all_of_it(title: str) -> bool:
    """Words that name an interlude only where they are all that is said: a prelude by Chopin is music."""
    return any(_PRELUDE.fullmatch(part) for part in [names.words(title), *marks(title)])


_INTERLUDE = re.compile(
    r"\b(intro|outro|interlude|skits?|intermission|interludio|interludium|interlude|intermede|entracte|"
    r"zwischenspiel|вступление|интро|аутро|скит|интерлюдия|voice ?mail|answering machine|phone call)\b"
    r"|イントロ|インタールード|인트로|아웃트로|스킷"
)
_NO_INTERLUDE = re.compile(r"\b(no|without|w/o|with|short|long|piano|string|extended) (the )?(intro|outro)\b")
_PRELUDE = re.compile(
    r"(the )?(prelude|introduction|introduccion|introducao|einleitung|prologue?|epilogue?|opening|"
    r"closing|credits|"
    r"dialogue|announcements?|applause|tuning( up)?|spoken( word)?|segue|commentary)( \d+| [ivx]+)?"
)


# --- seasons


def season(title: str, album: str = "") -> str:
    """The season that a title, else its album, belongs to; "none" where neither names one."""
    return _season_of(title) or _season_of(album) or NO_SEASON


@functools.lru_cache(maxsize=4096)
def _season_of(text: str) -> str:
    plain = names.bare(text).replace("’", "'")
    if _HALLOWEEN.search(plain):
        return HALLOWEEN
    return CHRISTMAS if _CHRISTMAS.search(plain) or _NOEL.search(names.folded(text)) else ""


_HALLOWEEN = re.compile(
    r"\b(hallowe'?en|monster mash|trick[- ]or[- ]treat(ing)?|spooky,? scary skeletons?|"
    r"nightmare before christmas|"
    r"all hallows'? eve)\b|ハロウィン|할로윈|хэллоуин|хеллоуин|万圣节|萬聖節"
)
# With its accent it is Christmas; without, it is most often somebody's name.
_NOEL = re.compile(r"\bnoëls?\b(?! (gallagher|coward|harrison))")
# Words of the season in the languages that catalogues are full of, then songs that do not name it.
_CHRISTMAS = re.compile(
    r"\b(christmas(?!,? mr)\w*|x-?mas|navidad\w*|naviden[ao]s?|villancicos?|aguinaldos?|weihnacht\w*|"
    r"kerst(mis|fees|lied\w*|tijd)?|"
    r"natale|(feliz|de|no|do|neste|noite de|e) natal|joulu\w*|god jul|glaedelig jul|gledelig jul|"
    r"gleðileg jol|"
    r"jul(en|etid|esang\w*|aften|natt?|ekveld|sanger|bord|klappar|tomte\w*)|nadal|kaleda|koled[ay]|"
    r"boze narodzenie|"
    r"vanoce|vanocni|karacsony\w*|craciun\w*|bozic\w*|noeller|yilbasi|chrismukkah|nollaig|nadolig|"
    r"(joyeux|papa|pere|petit|premier|vive|the first|first|sing we now of) noel|nowell|"
    r"santa claus|santa baby|santa,? (tell|bring|can|please|won't|stop|don't|knows|is coming|looked)|"
    r"(dear|hey|hello|saw|here comes|secret|little|with|thank you|ho ho) santa(?! (monica|fe|ana|maria|"
    r"cruz|barbara|"
    r"lucia|rosa|clara|catalina|teresa|marta|tierra|esmeralda)\b)(?=$|\W)|father christmas|"
    r"old saint nick|st\.? nicholas|"
    r"jingle bells?|jingle bell rock|silent night|silver bells|o holy night|oh,? holy night|"
    r"winter wonderland|"
    r"let it snow|frosty the snow ?man|rudolph,? the red|holly[, ]+jolly|deck the halls?|hark!?,? the herald|"
    r"away in a manger|o come,? all ye faithful|o come,? o come|adeste fideles|god rest ye|"
    r"little drummer boy|"
    r"sleigh (ride|bells)|mistletoe|carol of the bells|most wonderful time of the year|home for the holidays|"
    r"happy holidays?|chestnuts roasting|mele kalikimaka|fairytale of new york|we three kings|coventry carol|"
    r"in the bleak mid-?winter|came upon a? ?midnight clear|what child is this|little town of bethlehem|"
    r"good king wenceslas|ding dong,? merrily|the holly and the ivy|snoopy vs\.? the red baron|"
    r"you're a mean one|"
    r"stille nacht|o tannenbaum|oh tannenbaum|leise rieselt|ihr kinderlein|alle jahre wieder|"
    r"kling,? glockchen|"
    r"o du frohliche|noche de paz|burrito sabanero|campana sobre campana|los peces en el rio|"
    r"noite feliz|bate o sino|"
    r"douce nuit|mon beau sapin|vive le vent|minuit,? chretiens?|tu scendi dalle stelle|bianco natal)\b"
    r"|рождеств\w*|クリスマス|크리스마스|聖誕|圣诞"
)
