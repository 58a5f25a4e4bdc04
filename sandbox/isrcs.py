"""Recording codes (ISRC) that can be read back: country, registrant, year, and the place."""

import string

COUNTRY = "XV"  # a code that ISO leaves to private use, so no real label is imitated
_DIGITS = string.digits + string.ascii_uppercase
_ALBUMS_PER_REGISTRANT, _TRACKS = 500, 200
_FIRST_REGISTRANT = 10 * 36 * 36  # A00, so that the registrant begins with a letter


def code(album: int, index: int, *, year: int) -> str:
    """The 12-character code of the recording that came first at this place."""
    registrant, within = divmod(album, _ALBUMS_PER_REGISTRANT)
    return f"{COUNTRY}{_base36(registrant + _FIRST_REGISTRANT)}{year % 100:02}{within * _TRACKS + index:05}"


def place(isrc: str) -> tuple[int, int] | None:
    """(album number, track index) of a code made here, None for any other text."""
    isrc = isrc.upper()
    if len(isrc) != 12 or not isrc.startswith(COUNTRY) or not (isrc[5:].isascii() and isrc[5:].isdigit()):
        return None
    if any(letter not in _DIGITS for letter in isrc[2:5]):
        return None
    within, index = divmod(int(isrc[7:]), _TRACKS)
    return (int(isrc[2:5], 36) - _FIRST_REGISTRANT) * _ALBUMS_PER_REGISTRANT + within, index


def _base36(value: int) -> str:
    return _DIGITS[value // 1296] + _DIGITS[value // 36 % 36] + _DIGITS[value % 36]
