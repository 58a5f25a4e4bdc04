"""The doctor says in one sentence what a policy can keep up, and the commands tell it."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Track
from curation.diagnosis import doctor, refusals
from curation.policy import language, revisions
from tests.curation import catalogue
from tests.curation.catalogue import NOW, TODAY, document

pytestmark = pytest.mark.django_db


def examine(body, *, playlists=1, count=20, gap_days=3):
    return doctor.examine(
        language.parse(body), playlists=playlists, today=TODAY, count=count, gap_days=gap_days
    )


def test_a_sound_policy_is_told_how_long_its_tracks_can_rest():
    catalogue.fill(200)

    found = examine(document())

    assert found.is_sound
    assert "200 of 200 tracks match" in found.sentence
    assert "nothing to change" in found.sentence
    assert found.figures["longest_gap"] == 10


def test_a_shortage_is_named_with_what_to_change():
    catalogue.fill(200)

    found = examine(document(rotation={"repeat_gap_days": 30}))

    assert not found.is_sound
    assert "needs 600" in found.sentence
    assert "the longest rest that can be kept is 10 days" in found.sentence
    assert "ask for 10 days of rest" in found.sentence


def test_too_many_playlists_are_told_how_many_can_be_kept():
    catalogue.fill(200)

    found = examine(document(), playlists=9)

    assert found.figures["most_playlists"] == 3
    assert "give it 3 instead of 9" in found.sentence


def test_caps_that_leave_too_few_are_named():
    catalogue.fill(100, per_album=50)

    found = examine(document(limits={"per_artist": 2, "per_album": None}))

    assert "not even one day can be filled (4 of 20 places, with at most 2 per artist)" in found.sentence


def test_the_rule_that_keeps_most_out_is_named_and_so_are_tracks_without_features():
    catalogue.fill(200)
    wide = {"field": "duration_s", "op": "gt", "value": 1}
    narrow = {"field": "energy", "op": "gt", "value": 0.97}

    found = examine(document(where={"all": [wide, narrow]}))

    assert "widen “energy is above 0.97”" in found.sentence
    assert '"missing": "include" would add 50' in found.sentence
    assert [rule["rule"] for rule in found.figures["rules"]] == [
        "length in seconds is above 1",
        "energy is above 0.97",
    ]


def test_an_examination_reads_the_catalogue_once(django_assert_num_queries):
    catalogue.fill(20)
    new = {"name": "new", "share": 0.5, "where": {"field": "release_year", "op": "gt", "value": 2019}}
    rule = {"field": "energy", "op": "gt", "value": 0.5}

    with django_assert_num_queries(1):
        examine(document(where=rule, fallback_where=rule, blend=[new], relax=[{"path": "where"}]))


def test_figures_are_those_of_the_tracks_one_by_one():
    catalogue.fill(200)
    rules = [{"field": "energy", "op": "gt", "value": 0.5}, {"field": "genre", "op": "eq", "value": "pop"}]

    found = examine(document(where={"all": rules})).figures

    tracks = list(Track.objects.select_related("album"))
    loud = {track.pk for track in tracks if track.energy is not None and track.energy > 0.5}
    pop = {track.pk for track in tracks if "pop" in track.album.genres}
    unknown = {track.pk for track in tracks if track.energy is None}
    assert (found["catalogue"], found["matched"]) == (200, len(loud & pop))
    assert [rule["passes"] for rule in found["rules"]] == [len(loud), len(pop)]
    assert [rule["would_add"] for rule in found["rules"]] == [len(pop - loud), len(loud - pop)]
    assert found["lost_to_unknown"] == len(pop & unknown)
    assert found["unknown"] == {"energy": len(pop & unknown)}
    assert found["artists"] == len({track.artist_ids[0] for track in tracks if track.pk in loud & pop})


def test_blocked_tracks_do_not_match():
    tracks = catalogue.fill(50)

    assert examine(document(block={"tracks": [tracks[0].spotify_id]})).figures["matched"] == 49


def test_the_ceiling_per_artist_stands_in_the_figures():
    catalogue.fill(250, per_album=50)

    found = examine(document(limits={"per_artist": 4, "per_album": None}), gap_days=13)

    assert (found.figures["most_in_one_day"], found.figures["per_artist"]) == (20, 4)
    assert "the longest rest that can be kept is 12 days" in found.sentence


def test_a_pool_that_its_tracks_can_not_fill_is_named():
    catalogue.fill(200)
    pop = {"name": "pop", "share": 0.9, "where": {"field": "genre", "op": "eq", "value": "pop"}}

    found = examine(document(blend=[pop]), gap_days=10)

    assert not found.is_sound
    assert found.figures["pools"][0]["places"] == 18
    assert "its pool “pop” has" in found.sentence
    assert "lower its share" in found.sentence


def test_a_policy_that_gives_way_is_told_by_which_steps_it_stays_full():
    catalogue.fill(200)
    steps = [{"path": "limits.per_album", "to": 3}, {"path": "rotation.repeat_gap_days", "to": 8}]

    found = examine(document(rotation={"repeat_gap_days": 30}, relax=steps))

    assert not found.is_sound
    assert found.figures["kept_by"] == ["at most 3 per album", "a rest of 8 days instead"]
    assert "until then it stays full by giving way (at most 3 per album, then a rest of 8" in found.sentence


def test_steps_that_do_not_make_up_for_the_shortage_are_no_comfort():
    catalogue.fill(200)
    body = document(rotation={"repeat_gap_days": 30}, relax=[{"path": "rotation.repeat_gap_days", "to": 29}])

    found = examine(body)

    assert found.figures["kept_by"] is None
    assert "its relax steps do not make up for it" in found.sentence


def test_the_wider_condition_of_the_step_where_is_counted_too():
    catalogue.fill(200)
    narrow, wide = ({"field": "energy", "op": "gt", "value": value} for value in (0.97, 0.1))

    found = examine(document(where=narrow, fallback_where=wide, relax=[{"path": "where"}]))

    assert found.figures["kept_by"] == ["the fallback condition instead of the first"]


def test_more_conditions_than_one_word_of_the_mask_holds_are_counted():
    catalogue.fill(50)
    rules = [{"field": "duration_s", "op": "gt", "value": value} for value in range(70)]

    assert examine(document(where={"all": rules})).figures["matched"] == 50


def test_refusals_are_counted_by_rule_and_by_rule_alone():
    catalogue.fill(200)
    rules = [{"field": "popularity", "op": "gt", "value": 50}, {"field": "energy", "op": "gt", "value": 0.5}]

    refused = doctor.refused(language.parse(document(where={"all": rules})), today=TODAY)

    figures = examine(document(where={"all": rules})).figures["rules"]
    assert [one["refused"] for one in refused] == [200 - rule["passes"] for rule in figures]
    assert [one["alone"] for one in refused] == [rule["would_add"] for rule in figures]


@pytest.mark.parametrize(("playlists", "code"), [(1, 0), (40, 3)])
def test_the_command_exits_by_what_it_found(playlists, code, settings, everything):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 20, 3
    catalogue.fill(200)
    out = io.StringIO()

    try:
        call_command("policy_doctor", "Everything", "--json", playlists=playlists, stdout=out)
        found = 0
    except SystemExit as exit_:
        found = exit_.code

    assert found == code
    answer = json.loads(out.getvalue())
    assert answer[0]["policy"] == "Everything"
    assert answer[0]["sound"] is (code == 0)


def test_the_command_names_a_policy_that_is_not_there():
    with pytest.raises(CommandError, match="no policy named"):
        call_command("policy_doctor", "Nobody")


def test_the_sleep_example_names_its_shortage_before_anything_runs():
    catalogue.fill(200)
    sleep = next(one for one in revisions.examples() if one["theme_tag"] == "Sleep")
    revisions.save(sleep["name"], sleep["policy"], author="ada", now=NOW)
    out = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("policy_doctor", sleep["name"], stdout=out)

    assert "needs 1,500" in out.getvalue()
    assert "widen" in out.getvalue()


# --- validate_policy and policy_schema


def validate(path) -> tuple[int, dict]:
    out = io.StringIO()
    try:
        call_command("validate_policy", str(path), stdout=out)
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    return code, json.loads(out.getvalue())


def test_a_valid_document_is_told_its_digest(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps(document()))

    code, answer = validate(tmp_path / "p.json")

    assert (code, answer["valid"]) == (0, True)
    assert answer["digest"] == language.digest(language.parse(document()))


@pytest.mark.parametrize("text", ["{", '{"schema": "vibe.policy/1", "typo": 1}', "[]"])
def test_an_invalid_document_exits_one_with_its_mistakes(tmp_path, text):
    (tmp_path / "p.json").write_text(text)

    code, answer = validate(tmp_path / "p.json")

    assert (code, answer["valid"], len(answer["errors"])) == (1, False, 1)


@pytest.mark.parametrize(
    "member, path",
    [
        ('"where": {"field": "explicit", "op": "eq", "value": false}, "where": {"all": []}', "where"),
        ('"limits": {"per_artist": 1, "per_artist": 9}', "limits.per_artist"),
        ('"block": {"tracks": [], "artists": [], "tracks": []}', "block.tracks"),
        ('"score": {"jitter": NaN}', "score.jitter"),
        ('"where": {"field": "artist", "op": "eq", "value": "\\ud800"}', "where.value"),
    ],
)
def test_a_rule_that_a_reader_of_json_would_lose_is_a_mistake_at_its_path(tmp_path, member, path):
    (tmp_path / "p.json").write_text(f'{{"schema": "vibe.policy/1", {member}}}')

    code, answer = validate(tmp_path / "p.json")

    assert (code, answer["valid"], [error["path"] for error in answer["errors"]]) == (1, False, [path])


def test_standard_input_is_read_where_the_file_is_a_dash(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(document())))

    assert validate("-")[0] == 0


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(CommandError) as caught:
        call_command("validate_policy", str(tmp_path / "none.json"))

    assert caught.value.returncode == 2


def test_the_schema_is_printed_as_json():
    out = io.StringIO()

    call_command("policy_schema", stdout=out)

    assert json.loads(out.getvalue())["$id"] == "urn:vibe:policy:1"


# --- why a track is not there


def test_the_first_rule_that_refuses_a_track_is_named():
    tracks = catalogue.fill(5)
    rules = {
        "all": [
            {"field": "duration_s", "op": "gt", "value": 10},
            {"field": "popularity", "op": "gt", "value": 100},
            {"field": "energy", "op": "gt", "value": 2},
        ]
    }

    def refusal(body, **more):
        return refusals.first(language.parse(body), tracks[0].pk, today=TODAY, gap_days=3, **more)

    assert refusal(document()) == ""
    assert refusal(document(where=rules)) == "Not met: popularity is above 100."
    assert "blocks" in refusal(document(block={"tracks": [tracks[0].spotify_id]}))
    assert "rests 3 days" in refusal(document(), last_used=TODAY - dt.timedelta(days=2))
    assert refusal(document(), last_used=TODAY - dt.timedelta(days=3)) == ""


def test_a_track_that_can_not_be_played_is_refused_by_nothing_else():
    tracks = catalogue.fill(2, is_playable=False)

    assert "not playable" in refusals.first(language.parse(document()), tracks[0].pk, today=TODAY, gap_days=3)
    assert "no such track" in refusals.first(language.parse(document()), 0, today=TODAY, gap_days=3)
