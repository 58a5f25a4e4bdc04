"""Wikidata over HTTP: what its rows mean, and what becomes of each way in which it fails."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from catalog.genres import wikidata
from catalog.genres.provider import Absent, Found, GenresError, NoGenre
from sandbox import artist_genres
from sandbox import wikidata as played

NOW = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
A, B, C = "4Z8W4fKeB5YxbusRsdQVPb", "6vWDO969PvNqNYHIOW5v0m", "0TnOYISbd1XYRBk9myaseg"
ENTITY = "http://www.wikidata.org/entity/"
TRACE = "SPARQL-QUERY: queryStr=\nSELECT ...\njava.util.concurrent.TimeoutException\n"
pytestmark = pytest.mark.sandbox(albums=300)


@pytest.fixture
def ask(sandbox, vendor):
    def lookup(artist_ids, agent=None):
        options = {} if agent is None else {"agent": agent}
        asked = dict.fromkeys(artist_ids, "")
        return wikidata.lookup(sandbox.wikidata_url, vendor("Wikidata", 0.0, **options), NOW, asked)

    return lookup


def row(sid, item="Q1", **said):
    """A row of the result; g=Q.., gl=.., lang=.., mbid=.., origin=.., citizen=..."""
    built = {"sid": {"type": "literal", "value": sid}, "item": {"type": "uri", "value": ENTITY + item}}
    for name in ("mbid", "origin", "citizen"):
        if name in said:
            built[name] = {"type": "literal", "value": said[name]}
    if "g" in said:
        uri = said["g"] if "://" in said["g"] else ENTITY + said["g"]
        built["g"] = {"type": "uri", "value": uri}
    if "gl" in said:
        built["gl"] = {"type": "literal", "xml:lang": said.get("lang", "en"), "value": said["gl"]}
    return built


def read(*rows, of=(A,)):
    return wikidata.read({"head": {"vars": []}, "results": {"bindings": list(rows)}}, of)


def calls(sandbox):
    return [call for call in sandbox.calls if "/wikidata/" in call.path]


# --- what rows mean


def test_the_real_body_reads_as_two_artists_with_genres():
    rows = [
        row(A, "Q44190", mbid="a74b1b7f-71a5-4011-9441-d0b5e4122711", g="Q11366", gl="alternative rock"),
        row(A, "Q44190", mbid="a74b1b7f-71a5-4011-9441-d0b5e4122711", g="Q11399", gl="rock music"),
        row(B, "Q36153", g="Q37073", gl="pop music"),
        row(B, "Q36153", g="Q45981"),
    ]

    answers = read(*rows, of=(A, B, C))

    assert answers[A] == Found(
        ("alternative rock", "rock music"), qid="Q44190", mbid="a74b1b7f-71a5-4011-9441-d0b5e4122711"
    )
    assert answers[B] == Found(("pop music", "r&b"), qid="Q36153")
    assert answers[C] == Absent()


def test_a_row_without_a_genre_is_no_genre_and_no_row_is_absent():
    assert read(row(A, "Q7", origin="DE"), of=(A, B)) == {A: NoGenre(qid="Q7", country="DE"), B: Absent()}


def test_a_genre_that_is_an_unknown_value_is_no_genre():
    genid = "http://www.wikidata.org/.well-known/genid/2f1c5a0d9b7e4c3f"

    assert read(row(A, g=genid)) == {A: NoGenre(qid="Q1")}


def test_several_items_of_one_spotify_id_are_one_artist():
    answers = read(row(A, "Q20", g="Q11399", gl="rock music"), row(A, "Q3", g="Q37073", gl="pop music"))

    assert answers[A] == Found(("pop music", "rock music"), qid="Q3")


def test_a_label_in_the_language_mul_stands_where_english_is_missing():
    answers = read(
        row(A, g="Q5", gl="J-Pop", lang="mul"),
        row(A, g="Q6", gl="chanson", lang="mul"),
        row(A, g="Q5", gl="J-pop"),
    )

    assert answers[A].genres == ("chanson", "J-pop")
    assert read(row(A, g="Q5", gl="J-pop"), row(A, g="Q5", gl="J-Pop", lang="mul"))[A].genres == ("J-pop",)


def test_the_query_asks_for_labels_in_mul_as_well(sandbox, ask, with_items):
    in_mul = {
        artist_id: {
            label for item in items for label, language, _ in item.genres if label and language == "mul"
        }
        for artist_id, items in with_items.items()
    }
    wanted = [artist_id for artist_id, labels in in_mul.items() if labels][:20]

    answers = ask(wanted)

    assert wanted
    assert all(in_mul[artist_id] <= set(answers[artist_id].genres) for artist_id in wanted)


def test_a_genre_without_any_label_is_known_by_its_number_or_not_at_all():
    assert read(row(A, g="Q45981"))[A].genres == ("r&b",)
    assert read(row(A, g="Q99999999999")) == {A: NoGenre(qid="Q1")}


def test_where_a_band_is_from_comes_before_whose_citizens_it_has_and_two_countries_are_none():
    assert read(row(A, origin="SE", citizen="US"))[A].country == "SE"
    assert read(row(A, citizen="US"), row(A, citizen="JM"))[A].country == ""


def test_rows_about_somebody_else_are_left_out():
    assert read(row(B, g="Q11399", gl="rock music"), of=(A,)) == {A: Absent()}


@pytest.mark.parametrize(
    "body",
    [
        [], None, {}, {"results": []}, {"results": {"bindings": {}}}, {"results": {"bindings": [None]}},
        {"results": {"bindings": [{"item": {"value": ENTITY + "Q1"}}]}},
        {"results": {"bindings": [{"sid": {"value": A}, "item": {"value": "Q1"}}]}},
        {"results": {"bindings": [{"sid": {"value": [A]}, "item": {"value": ENTITY + "Q1"}}]}},
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_makes_nobody_absent(body):
    with pytest.raises(GenresError) as caught:
        wikidata.read(body, [A])

    assert not caught.value.permanent


@pytest.mark.parametrize("bad", ['x" } ?s ?p ?o . { "', "short", "é" * 22, ""])
def test_only_a_spotify_id_gets_into_the_query(bad):
    with pytest.raises(ValueError, match="not a Spotify artist id"):
        wikidata.query([A, bad])

    assert re.findall(r'"(\w{22})"', wikidata.query([A, B])) == [A, B]


# --- over HTTP


def test_the_answer_of_the_played_service_is_what_it_knows(sandbox, ask, artists, with_items):
    wanted = [artist.spotify_id for artist in artists][:100]

    answers = ask(wanted)

    assert set(answers) == set(wanted)
    assert {each for each in wanted if answers[each] != Absent()} == set(with_items) & set(wanted)
    assert len(calls(sandbox)) == 1
    for artist_id in set(with_items) & set(wanted):
        assert answers[artist_id].qid in {item.qid for item in with_items[artist_id]}


def test_at_our_own_pace_wikidata_does_not_refuse_us(sandbox, vendor, artists):
    wanted = dict.fromkeys([artist.spotify_id for artist in artists][:100], "")
    one = vendor("Wikidata", wikidata.GAP_SECONDS)

    for _ in range(80):
        wikidata.lookup(sandbox.wikidata_url, one, NOW, wanted)

    assert [call.status for call in calls(sandbox)] == [200] * 80


def test_what_cannot_be_a_spotify_id_is_absent_and_not_asked(sandbox, ask):
    assert ask(["local:file", ""]) == {"local:file": Absent(), "": Absent()}
    assert calls(sandbox) == []


def test_a_timeout_that_arrives_as_200_with_half_a_json_halves_the_batch(sandbox, ask, artists):
    wanted = [artist.spotify_id for artist in artists][:60]
    before = ask(wanted)
    sandbox.faults.add("status", path="/wikidata/", status=200, text=played.TIMEOUT, times=2)

    assert ask(wanted) == before
    assert len(calls(sandbox)) == 1 + 1 + 1 + 2 + 1  # whole, whole, half, two quarters, the other half


def test_a_trace_after_a_whole_json_is_a_timeout_too(sandbox, ask, artists):
    wanted = [artist.spotify_id for artist in artists][:20]
    sandbox.faults.add(
        "status", path="/wikidata/", status=200, text='{"head":{},"results":{"bindings":[]}}' + TRACE
    )

    assert any(answer != Absent() for answer in ask(wanted).values())


def test_a_timeout_that_is_a_500_with_a_trace_halves_the_batch(sandbox, ask, artists, waits):
    wanted = [artist.spotify_id for artist in artists][:20]
    sandbox.faults.add("status", path="/wikidata/", status=500, text=TRACE)

    ask(wanted)

    assert len(calls(sandbox)) == 3
    assert waits == []


def test_a_service_that_is_too_slow_for_ten_artists_is_left_alone(sandbox, ask, artists):
    sandbox.faults.add("status", path="/wikidata/", status=200, text=played.TIMEOUT, times=0)

    with pytest.raises(GenresError, match="too slow: it ran out of time") as caught:
        ask([artist.spotify_id for artist in artists][:100])

    assert (caught.value.seconds, caught.value.permanent) == (600, False)
    assert len(calls(sandbox)) == 5  # 100, 50, 25, 12, 6


def test_a_cut_body_is_never_taken_for_few_artists(sandbox, ask, artists):
    sandbox.faults.add("truncate", path="/wikidata/", at=200, times=0)

    with pytest.raises(GenresError):
        ask([artist.spotify_id for artist in artists][:10])


def test_an_html_429_that_names_few_seconds_is_waited_for(sandbox, ask, artists, waits):
    text = "<pre>    Too Many Requests - Please retry in 3 seconds.</pre>"
    sandbox.faults.add("status", path="/wikidata/", status=429, text=text, headers={"Retry-After": "3"})
    sandbox.faults.add("status", path="/wikidata/", status=429, text=text)

    assert ask([artists[0].spotify_id])
    assert waits == [3, 3]


def test_a_429_that_names_many_seconds_ends_the_call_and_says_how_long(sandbox, ask, artists):
    sandbox.faults.add("throttle", path="/wikidata/", retry_after=900, text="<html>no</html>")

    with pytest.raises(GenresError, match="asks for a pause") as caught:
        ask([artists[0].spotify_id])

    assert (caught.value.seconds, caught.value.permanent) == (900, False)
    assert len(calls(sandbox)) == 1


def test_a_429_about_the_user_agent_policy_without_a_time_is_no_reason_to_ask_on(sandbox, ask, artists):
    sandbox.faults.add("throttle", path="/wikidata/", retry_after=None, text="<!DOCTYPE html>...", times=0)

    with pytest.raises(GenresError) as caught:
        ask([artists[0].spotify_id])

    assert caught.value.seconds >= 60
    assert len(calls(sandbox)) == 1


def test_a_ban_lasts_until_the_moment_it_names(sandbox, ask, artists):
    text = "<title>Error 403 You have been banned until 2026-12-02T03:00:00.612Z, please respect</title>"
    sandbox.faults.add("status", path="/wikidata/", status=403, text=text, headers={"Retry-After": "seconds"})

    with pytest.raises(GenresError, match=r"bans us until 2026-12-02T03:00:00\.612Z") as caught:
        ask([artists[0].spotify_id])

    assert not caught.value.permanent
    assert caught.value.seconds == pytest.approx(23 * 3600, abs=1)


def test_a_refused_user_agent_needs_a_person(sandbox, ask, artists):
    with pytest.raises(GenresError, match="OPERATOR_CONTACT") as caught:
        ask([artists[0].spotify_id], agent="python-requests/2.32")

    assert caught.value.permanent
    assert len(calls(sandbox)) == 1


def test_ids_that_vanish_from_a_good_answer_are_absent(sandbox, ask, artists, with_items):
    wanted = [artist.spotify_id for artist in artists][:50]
    unknown = [artist_id for artist_id in wanted if artist_id not in with_items]

    answers = ask([*wanted, "7" * 21 + "1"])

    assert unknown
    assert all(answers[artist_id] == Absent() for artist_id in [*unknown, "7" * 21 + "1"])


def test_a_query_that_is_refused_as_such_needs_a_person(sandbox, vendor):
    elsewhere = vendor("Wikidata")

    with pytest.raises(GenresError, match="WIKIDATA_SPARQL_URL") as caught:
        wikidata.lookup(f"{sandbox.url}/nowhere", elsewhere, NOW, {A: ""})

    assert caught.value.permanent


@pytest.mark.parametrize("fault", ["cut", "status"])
def test_a_stumble_is_tried_again(sandbox, ask, artists, fault, waits):
    sandbox.faults.add(fault, path="/wikidata/", status=502)

    assert ask([artists[0].spotify_id])
    assert waits == [1]


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_service_that_drips_is_cut_off(sandbox, ask, artists, monkeypatch, part):
    monkeypatch.setattr(wikidata, "SECONDS", 0.2)
    sandbox.faults.add("drip", path="/wikidata/", seconds=0.05, key=part, times=0)

    with pytest.raises(GenresError, match="TooLate"):
        ask([artists[0].spotify_id])


def test_a_service_that_floods_is_cut_off(sandbox, ask, artists):
    sandbox.faults.add("flood", path="/wikidata/", at=9_000_000, times=0)

    with pytest.raises(GenresError, match="TooLarge"):
        ask([artists[0].spotify_id])


def test_one_lookup_ends_in_time_whatever_happens(sandbox, ask, artists, monkeypatch, waits):
    monkeypatch.setattr(wikidata, "SECONDS_ALTOGETHER", 5.0)
    sandbox.faults.add("status", path="/wikidata/", status=503, times=0)

    with pytest.raises(GenresError):
        ask([artists[0].spotify_id])

    assert sum(waits) < 5


def test_artists_with_genres_are_mostly_known_and_the_famous_more(artists, sandbox):
    catalogue = sandbox.world.catalogue
    has = {each.number: any(item.genres for item in artist_genres.items(catalogue, each)) for each in artists}
    ranked = sorted(artists, key=lambda each: -each.fame)
    half = len(ranked) // 2

    famous, obscure = (sum(has[each.number] for each in part) for part in (ranked[:half], ranked[half:]))

    assert 0.45 < sum(has.values()) / len(has) < 0.8
    assert famous > 1.2 * obscure
