"""Puts invented names and titles together: artists, albums, tracks, labels and users, from dice handed in."""

from random import Random

from sandbox import words

ROMAN = ("I", "II", "III", "IV", "V")
KEYS = (
    "C Major",
    "D Minor",
    "E-Flat Major",
    "F Minor",
    "G Major",
    "A Minor",
    "B-Flat Major",
    "C-Sharp Minor",
)
VENUES = (
    "the Alder Bay Pavilion",
    "Halden Hall",
    "Kestrel Road Studios",
    "the Redwharf Sessions",
    "Ostra Arena",
)


def artist(people: str, rng: Random) -> str:
    """The name of an act of this kind of people (see genres.Genre.people)."""
    pick = rng.choice
    patterns = {
        "solo": (person, person, lambda r: pick(words.FIRST), _adjective_noun),
        "band": (
            _the_nouns,
            _adjective_noun,
            _two_nouns,
            lambda r: f"{pick(words.NOUN)} {pick(words.PLACE)}",
        ),
        "dark": (
            _adjective_noun,
            _the_nouns,
            lambda r: f"{surname(r)}",
            lambda r: f"{pick(words.NOUN)} of {surname(r)}",
        ),
        "rap": (
            lambda r: f"Young {pick(words.FIRST)}",
            lambda r: f"MC {surname(r)}",
            lambda r: f"{pick(words.FIRST)} {pick(words.NOUN)}",
        ),
        "dj": (
            lambda r: f"DJ {surname(r)}",
            _two_nouns,
            lambda r: f"{pick(words.ADJECTIVE)} {pick(('Unit', 'System', 'Theory'))}",
            surname,
        ),
        "jazz": (person, lambda r: f"{person(r)} {pick(('Trio', 'Quartet', 'Quintet'))}"),
        "classical": (
            person,
            person,
            lambda r: f"{pick(words.PLACE)} {pick(('Chamber Orchestra', 'Philharmonic', 'String Quartet'))}",
        ),
        "still": (_two_nouns, lambda r: f"{pick(words.ADJECTIVE)} {pick(words.PLACE)}", person),
        "folk": (person, person, lambda r: f"{pick(words.PLACE)} String Band", _the_nouns),
        "soul": (person, lambda r: f"{person(r)} & the {plural(pick(words.NOUN))}"),
        "latin": (person, person, lambda r: f"Los {surname(r)}", lambda r: f"Orquesta {surname(r)}"),
    }
    return pick(patterns[people])(rng)


def person(rng: Random) -> str:
    return f"{rng.choice(words.FIRST)} {surname(rng)}"


def surname(rng: Random) -> str:
    return rng.choice(words.SURNAME_START) + rng.choice(words.SURNAME_END)


def title(mood: str, rng: Random) -> str:
    """The title of a track in this mood (see words.MOODS)."""
    word = rng.choice(words.MOODS[mood])
    if mood == "classical":
        return _opus(word, rng)
    if mood == "latin":
        return _latin(word, rng)
    patterns = (
        lambda: f"{rng.choice(words.ADJECTIVE)} {word}",
        lambda: f"{word} and {rng.choice(words.NOUN)}",
        lambda: f"{rng.choice(words.NOUN)} of {word}",
        lambda: f"{word} in {rng.choice(words.PLACE)}",
        lambda: f"{word} for {rng.choice(words.FIRST)}",
        lambda: f"No More {word}",
        lambda: f"{rng.choice(words.ADJECTIVE)} {rng.choice(words.NOUN)}",
        lambda: f"After the {word}",
        lambda: word,
    )
    return rng.choice(patterns)()


def album(mood: str, rng: Random) -> str:
    """An album's title: a track's kind of title, or two words that stand alone."""
    if mood == "classical":
        return f"{plural(rng.choice(words.MOODS[mood]))}, Vol. {rng.randint(1, 4)}"
    patterns = (
        lambda: title(mood, rng),
        lambda: f"The {_adjective_noun(rng)}",
        lambda: _two_nouns(rng),
        lambda: f"{rng.choice(words.PLACE)}",
        lambda: f"{plural(rng.choice(words.NOUN))} & {plural(rng.choice(words.NOUN))}",
    )
    return rng.choice(patterns)()


def label(rng: Random) -> str:
    return f"{rng.choice(words.LABEL)} {rng.choice(words.LABEL_KIND)}"


def plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _opus(word: str, rng: Random) -> str:
    movement = rng.choice(("Adagio", "Allegro", "Andante", "Largo", "Lento"))
    return f"{word} No. {rng.randint(1, 12)} in {rng.choice(KEYS)}: {rng.choice(ROMAN)}. {movement}"


def _latin(word: str, rng: Random) -> str:
    other = rng.choice(words.MOODS["latin"])
    return rng.choice(
        (word, f"{word} de {other}", f"Mi {word}", f"{word} y {other}", f"Otra {word}", f"Sin {word}")
    )


def _adjective_noun(rng: Random) -> str:
    return f"{rng.choice(words.ADJECTIVE)} {rng.choice(words.NOUN)}"


def _the_nouns(rng: Random) -> str:
    return f"The {rng.choice(words.ADJECTIVE)} {plural(rng.choice(words.NOUN))}"


def _two_nouns(rng: Random) -> str:
    return f"{rng.choice(words.NOUN)} {rng.choice(words.NOUN)}"
