"""Conditions over a real catalogue: what each operator finds, and what becomes of unknown values."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import names
from catalog.genres import artist_rows
from catalog.genres.provider import Found
from catalog.ingest import mapping
from catalog.models import Album, Track
from curation.engine import candidates
from curation.policy import condition_sql, fields, language
from tests.curation import catalogue
from tests.curation.catalogue import TODAY

pytestmark = pytest.mark.django_db


def found(expr, *, block=None, usage=None) -> set[str]:
    """Names of the tracks a condition holds for."""
    body = catalogue.document(where=expr, **({"block": block} if block else {}))
    questions, (bits,) = candidates.ask([language.parse(body)], today=TODAY)
    ids = [item.track_id for item in candidates.select(questions, usage=usage) if item.mask & bits.where]
    return set(Track.objects.filter(pk__in=ids).values_list("name", flat=True))


def leaf(field, op, value, **more):
    return {"field": field, "op": op, "value": value, **more}


def test_every_measure_of_the_language_is_a_column():
    measures = {name for name, field in fields.FIELDS.items() if field.is_audio} - {"mode_major"} | {"mode"}

    assert measures <= {column.name for column in Track._meta.get_fields()}


@pytest.fixture
def songs():
    """A known pop song, one whose album says nothing, and a live jazz take of 1999 (year only)."""
    pop = catalogue.album(1, genres=["pop", "dance pop"], tags=["summer"], label="Big Label",
                          release_date="2026-11-20",
                          released_on=dt.date(2026, 11, 20))  # fmt: skip
    bare = catalogue.album(2, release_date="", release_date_precision="", released_on=None, label=None)
    jazz = catalogue.album(3, genres=["Jazz"], release_date="1999", release_date_precision="year",
                           released_on=dt.date(1999, 1, 1), label="Blue")  # fmt: skip
    audio = {
        "energy": 0.8,
        "danceability": 0.6,
        "valence": 0.9,
        "tempo": 120.0,
        "mode": 1,
        "key": 0,
        "loudness": -5.0,
    }
    return Track.objects.bulk_create(
        [
            catalogue.track(1, pop, name="pop", features=audio, popularity=70, artist_names=["Ada", "Bob"],
                            artist_ids=["A" * 22, "b" * 22], isrc="USABC2600001"),
            catalogue.track(2, bare, name="bare", explicit=True),
            catalogue.track(3, jazz, name="jazz", features={**audio, "energy": 0.2, "mode": 0}, popularity=10,
                            version="live", artist_names=["Cleo"], duration_ms=600_000),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        (leaf("genre", "eq", "POP"), {"pop"}),
        (leaf("genre", "eq", "jazz"), {"jazz"}),
        (leaf("genre", "contains", "dance"), {"pop"}),
        (leaf("genre", "not_in", ["pop"]), {"jazz"}),
        (leaf("genre", "ne", "pop", missing="include"), {"jazz", "bare"}),
        (leaf("tag", "in", ["summer", "winter"]), {"pop"}),
        (leaf("label", "starts_with", "big"), {"pop"}),
        (leaf("label", "ne", "Blue"), {"pop"}),
        (leaf("label", "ne", "Blue", missing="include"), {"pop", "bare"}),
        (leaf("artist", "eq", "bob"), {"pop"}),
        (leaf("artist_id", "in", ["b" * 22]), {"pop"}),
        (leaf("artist_id", "in", ["B" * 22]), set()),
        (leaf("title", "contains", "AR"), {"bare"}),
        (leaf("isrc", "starts_with", "us"), {"pop"}),
        (leaf("version", "not_in", ["live", "remix"]), {"pop", "bare"}),
        (leaf("album_type", "eq", "album"), {"pop", "bare", "jazz"}),
        (leaf("popularity", "gte", 50), {"pop"}),
        (leaf("popularity", "lt", 50, missing="include"), {"jazz", "bare"}),
        (leaf("popularity", "between", [10, 70]), {"pop", "jazz"}),
        (leaf("popularity", "in", [10, 11]), {"jazz"}),
        (leaf("popularity", "ne", 10), {"pop"}),
        (leaf("duration_s", "gt", 599.9), {"jazz"}),
        (leaf("release_year", "eq", 1999), {"jazz"}),
        (leaf("age_days", "lte", 5), {"pop"}),
        (leaf("energy", "gt", 0.5), {"pop"}),
        (leaf("tempo", "eq", 120), {"pop", "jazz"}),
        (leaf("explicit", "eq", True), {"bare"}),
        (leaf("mode_major", "eq", False), {"jazz"}),
        (leaf("mode_major", "eq", True, missing="include"), {"pop", "bare"}),
        (leaf("release_date", "before", "2000"), {"jazz"}),
        (leaf("release_date", "before", "1999-06-01"), set()),
        (leaf("release_date", "after", "1998-12-31"), {"pop", "jazz"}),
        (leaf("release_date", "between", ["1999-03", "1999-04"]), {"jazz"}),
        (leaf("release_date", "within_days", 5), {"pop"}),
        (leaf("release_date", "within_days", 4), set()),
        (leaf("release_date", "older_than_days", 4), {"pop", "jazz"}),
        (leaf("added_at", "within_days", 0), {"pop", "bare", "jazz"}),
        ({"all": []}, {"pop", "bare", "jazz"}),
        ({"all": [leaf("energy", "gt", 0.1), leaf("popularity", "lt", 50)]}, {"jazz"}),
        ({"any": [leaf("energy", "gt", 0.5), leaf("explicit", "eq", True)]}, {"pop", "bare"}),
    ],
)
def test_an_operator_finds_what_it_says(songs, expr, names):
    assert found(expr) == names


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ({"not": leaf("energy", "gt", 0.5)}, {"jazz"}),
        ({"not": leaf("energy", "gt", 0.5, missing="include")}, {"jazz", "bare"}),
        ({"not": {"any": [leaf("energy", "gt", 0.5), leaf("genre", "eq", "rock")]}}, {"jazz"}),
        ({"not": {"not": leaf("energy", "gt", 0.5)}}, {"pop"}),
        (
            {"not": {"all": [leaf("genre", "eq", "pop", missing="include"), leaf("energy", "gt", 0.5)]}},
            {"jazz", "bare"},
        ),
    ],
)
def test_missing_decides_unknown_values_under_not_as_well(songs, expr, names):
    assert found(expr) == names


# --- names and dates that are written otherwise than they are asked for

NAMES = [
    ("İbrahim Tatlıses", ["İbrahim Tatlıses", "İBRAHİM TATLISES", "ibrahim tatlıses"]),
    ("Γιώργος Νταλάρας", ["Γιώργος Νταλάρας", "ΓΙΩΡΓΟΣ ΝΤΑΛΑΡΑΣ", "γιώργοσ νταλάρασ"]),
    ("Beyonc\u00e9", ["Beyonc\u00e9", "Beyonce\u0301", "BEYONC\u00c9"]),
    ("Bjo\u0308rk", ["Bj\u00f6rk", "bj\u00f6rk"]),
]


@pytest.mark.parametrize(("name", "asked"), NAMES)
@pytest.mark.parametrize("field", ["artist", "title", "album", "label", "genre", "tag"])
@pytest.mark.parametrize("op", ["eq", "in", "contains", "starts_with"])
def test_a_name_matches_itself_in_any_case_and_unicode_form(field, op, name, asked):
    own = {"name": name, "label": name, "genres": [name], "tags": [name]}
    catalogue.track(1, catalogue.album(1, **own), name=name, artist_names=[name, "Somebody"]).save()

    for one in asked:
        assert found(leaf(field, op, [one] if op == "in" else one)) == {name}
    assert found(leaf(field, "ne", name)) == set()


def test_accents_make_another_name_in_a_policy():
    catalogue.track(1, catalogue.album(1), name="one", artist_names=["Beyonc\u00e9"]).save()

    assert found(leaf("artist", "eq", "Beyonce")) == set()


def test_an_artist_without_a_name_is_unknown_and_nobodys_namesake():
    catalogue.track(1, catalogue.album(1), name="one", artist_names=["Unknown artist"]).save()

    assert found(leaf("artist", "eq", "Unknown artist")) == set()
    assert found(leaf("artist", "ne", "ABBA")) == set()
    assert found(leaf("artist", "ne", "ABBA", missing="include")) == {"one"}


GENRES = [
    ("rock", "Alternative Rock", True),
    ("Alt-Rock", "alternative rock", True),
    ("hip hop", "Hip-Hop", True),
    ("pop", "dance pop", True),
    ("hop", "trip hop", False),
    ("hip hop", "trip hop", False),
    ("alternative rock", "rock", False),
]


@pytest.mark.parametrize(("asked", "told", "is_found"), GENRES)
def test_a_genre_finds_itself_and_all_below_it_in_any_spelling(asked, told, is_found):
    catalogue.track(1, catalogue.album(1, genres=[told]), name="song").save()
    catalogue.track(2, catalogue.album(2), name="unknown").save()
    song = {"song"}

    for op, value in (("eq", asked), ("in", ["polka", asked])):
        assert found(leaf("genre", op, value)) == (song if is_found else set())
        assert found({"not": leaf("genre", op, value)}) == (set() if is_found else song)
    for op, value in (("ne", asked), ("not_in", ["polka", asked])):
        assert found(leaf("genre", op, value)) == (set() if is_found else song)
        assert "unknown" in found(leaf("genre", op, value, missing="include"))


def test_a_genre_may_be_its_artists_and_the_album_says_none():
    catalogue.track(1, catalogue.album(1), name="song").save()
    artist_rows.complete()
    artist_rows.record("wikidata", {catalogue.spotify_id("ar", 1): Found(("Alt-Rock",))}, now=catalogue.NOW)

    assert found(leaf("genre", "eq", "rock")) == {"song"}
    assert found(leaf("genre", "contains", "alt rock")) == {"song"}
    assert found(leaf("genre", "starts_with", "alt-")) == {"song"}
    assert found(leaf("genre", "ne", "rock", missing="include")) == set()


def test_what_has_no_letters_is_no_genre_of_anybody():
    catalogue.track(1, catalogue.album(1, genres=["pop"]), name="song").save()

    assert found(leaf("genre", "in", ["!!!", "-"])) == set()
    assert found(leaf("genre", "ne", "!!!")) == {"song"}


ON_DATES = [
    leaf("release_date", "before", "2000"),
    leaf("release_date", "after", "0001"),
    leaf("release_date", "between", ["0001", "2026"]),
    leaf("release_date", "within_days", 40_000),
    leaf("release_date", "older_than_days", 1),
    leaf("release_year", "lt", 2000),
    leaf("release_year", "ne", 2000),
    leaf("age_days", "gt", 1),
]


@pytest.mark.parametrize("text", ["0000", "0000-00-00", "1999-13", "1999-02-30", "99", ""])
@pytest.mark.parametrize("asked", ON_DATES, ids=lambda asked: f"{asked['field']} {asked['op']}")
def test_a_release_date_that_is_no_date_is_unknown_to_every_operator(text, asked):
    undated = catalogue.album(1, release_date=text, released_on=mapping.first_day(text))
    catalogue.track(1, undated, name="undated").save()

    assert found(asked) == set()
    assert found({"not": asked}) == set()
    assert found({**asked, "missing": "include"}) == {"undated"}


# --- membership is looked up in a set, and answers as a look at every value would

_SOME = [*"abcdefghijkl", "it's", 'say "so"', "back\\slash", "{curly}", "a,b", "50%", "NULL", "ß"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.sampled_from(_SOME), min_size=1, max_size=30),
    held=st.lists(st.lists(st.sampled_from(_SOME), max_size=3), min_size=1, max_size=6),
    negated=st.booleans(),
)
def test_membership_answers_as_one_test_a_value_would(db, values, held, negated):
    Track.objects.all().delete()
    home = catalogue.album(len(Album.objects.all()) + 1)
    made = [catalogue.track(n, home, name=str(n), artist_names=names_) for n, names_ in enumerate(held)]
    Track.objects.bulk_create(made)

    answer = found(leaf("artist", "not_in" if negated else "in", values))

    known = {str(n): set(map(names.folded, own)) for n, own in enumerate(held) if own}
    wanted = set(map(names.folded, values))
    assert answer == {n for n, own in known.items() if bool(own & wanted) is not negated}


def test_a_set_of_values_is_one_parameter_however_many_there_are():
    for field in ("artist", "artist_id", "genre", "tag", "title", "album_id", "label"):
        values = [f"{n:022d}" for n in range(500)]
        asked = language.parse(catalogue.document(where=leaf(field, "in", values))).where
        assert len(condition_sql.sql(asked, today=TODAY).params) == 1


def test_a_test_that_several_policies_share_is_answered_once():
    shared = leaf("artist", "in", [f"Artist {n}" for n in range(300)])
    bodies = [
        catalogue.document(where={"all": [shared, leaf("popularity", "gte", n)]}) for n in range(30)
    ] + [catalogue.document(where={"not": {**shared, "missing": "include"}})]

    questions, _ = candidates.ask([language.parse(body) for body in bodies], today=TODAY)

    assert candidates.answered(questions).text.count("jsonb ?|") == 1


# --- what titles tell


def test_versions_interludes_and_seasons_are_fields_as_others():
    home = catalogue.album(1)
    Track.objects.bulk_create(
        [
            catalogue.track(1, home, name="plain"),
            catalogue.track(2, home, name="fast", version="sped_up"),
            catalogue.track(3, home, name="intro", is_interlude=True),
            catalogue.track(4, home, name="bells", season="christmas"),
            catalogue.track(5, home, name="unread", is_interlude=None, season=None),
        ]
    )

    assert found(leaf("version", "in", ["sped_up", "slowed"])) == {"fast"}
    assert found(leaf("is_interlude", "eq", True)) == {"intro"}
    assert found(leaf("is_interlude", "eq", False)) == {"plain", "fast", "bells"}
    assert found(leaf("season", "eq", "christmas")) == {"bells"}
    assert found(leaf("season", "ne", "christmas")) == {"plain", "fast", "intro"}
    assert found(leaf("season", "eq", "none")) == {"plain", "fast", "intro"}
    assert found(leaf("season", "not_in", ["christmas"], missing="include")) == {
        "plain", "fast", "intro", "unread"
    }  # fmt: skip


def test_blocked_tracks_artists_and_albums_never_match(songs):
    assert found({"all": []}, block={"tracks": [songs[1].spotify_id]}) == {"pop", "jazz"}
    assert found({"all": []}, block={"artists": ["b" * 22]}) == {"bare", "jazz"}
    assert found({"all": []}, block={"albums": [songs[2].album.spotify_id]}) == {"pop", "bare"}


def test_days_since_used_reads_the_usage_that_is_handed_in(songs):
    usage = {songs[0].pk: TODAY - dt.timedelta(days=4), songs[1].pk: TODAY - dt.timedelta(days=9)}

    assert found(leaf("days_since_used", "lt", 5), usage=usage) == {"pop"}
    assert found(leaf("days_since_used", "gte", 5, missing="include"), usage=usage) == {"bare", "jazz"}


def test_a_text_is_never_code(songs):
    assert found(leaf("title", "contains", "'; DROP TABLE tracks; --")) == set()
    assert found(leaf("title", "contains", "%")) == set()


_VALUES = {
    "eq": {"text": "pop", "number": 1, "bool": True}, "ne": {"text": "pop", "number": 1},
    "in": {"text": ["pop"], "number": [1, 2.5]}, "not_in": {"text": ["pop"]}, "contains": {"text": "p"},
    "starts_with": {"text": "p"}, "lt": {"number": 1}, "lte": {"number": 1}, "gt": {"number": 0.5},
    "gte": {"number": 1},
    "between": {"number": [0, 1], "date": ["1999", "2005-05-05"]}, "before": {"date": "2001-02"},
    "after": {"date": "2001-02-03"}, "within_days": {"date": 30}, "older_than_days": {"date": 40_000},
}  # fmt: skip
_EVERY = [
    (f.name, op, _VALUES[op][f.kind]) for f in fields.FIELDS.values() for op in fields.OPERATORS[f.kind]
]


def test_a_condition_and_its_opposite_split_the_known_tracks_for_every_field_and_operator(songs):
    """In one query: with unknown values left out, x and not x never meet; let in, they cover everything."""
    parts = []
    for field, op, value in _EVERY:
        plain, lenient = leaf(field, op, value), leaf(field, op, value, missing="include")
        parts += [
            {"all": [plain, {"not": plain}]},
            {"not": {"any": [lenient, {"not": lenient}]}},
        ]
    policies = [language.parse(catalogue.document(where=part)) for part in parts]
    questions, bits = candidates.ask(policies, today=TODAY)

    items = candidates.select(questions, usage={songs[0].pk: TODAY})

    never = [bits[n].where for n in range(0, len(bits), 2)]
    assert all(not item.mask & mask for item in items for mask in never)


_leaves = st.sampled_from(_EVERY).flatmap(
    lambda one: st.builds(lambda m: leaf(*one, missing=m), st.sampled_from(["exclude", "include"]))
)
_trees = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expr=_trees)
def test_any_expression_compiles_to_sql_that_runs(songs, expr):
    assert found(expr, usage={songs[0].pk: TODAY}) <= {"pop", "bare", "jazz"}
