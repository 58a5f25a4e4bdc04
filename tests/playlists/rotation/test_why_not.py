"""Why a track is not in a list: the first rule that refuses it, asked of the domain and by command."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Track
from playlists.models import HistoryEntry
from playlists.rotation import snapshots, why_not
from tests.playlists import worlds
from tests.playlists.worlds import NOW, TODAY

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3


def test_a_track_in_the_list_has_a_place_and_a_reason():
    worlds.tracks(10)
    playlist = worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    first = HistoryEntry.objects.get(position=1).track

    assert why_not.sentence(playlist, first, on=TODAY).startswith("It is in the list, at place 1: ")


def test_a_track_that_another_playlist_used_rests_where_the_network_counts():
    worlds.tracks(10)
    busy = worlds.playlist()
    snapshots.build(TODAY, playlist_id=busy.pk, now=NOW)
    track = HistoryEntry.objects.get(position=1).track
    alone = worlds.policy("Alone", {**worlds.ANYTHING, "rotation": {"scope": "playlist"}})

    assert why_not.sentence(worlds.playlist(), track, on=TOMORROW) == (
        "The track was used a day away and rests 3 days."
    )
    assert why_not.sentence(worlds.playlist(rules=alone), track, on=TOMORROW) == why_not.NOTHING


def test_the_scope_of_a_theme_counts_the_theme_alone():
    worlds.tracks(10)
    calm = worlds.playlist(theme_tag="Calm")
    snapshots.build(TODAY, playlist_id=calm.pk, now=NOW)
    track = HistoryEntry.objects.get(position=1).track
    themed = worlds.policy("Themed", {**worlds.ANYTHING, "rotation": {"scope": "theme"}})

    near = why_not.sentence(worlds.playlist(theme_tag="Calm", rules=themed), track, on=TOMORROW)
    far = why_not.sentence(worlds.playlist(theme_tag="Loud", rules=themed), track, on=TOMORROW)

    assert "rests 3 days" in near
    assert far == why_not.NOTHING


def test_the_command_names_the_rule(capsys):
    track = worlds.tracks(3)[0]
    where = {"field": "duration_s", "op": "gt", "value": 900}
    worlds.playlist(rules=worlds.policy("Epics", {**worlds.ANYTHING, "where": where}), global_index=7)

    call_command("why_not", "#7", track.spotify_id, "--date", str(TODAY), "--json")

    assert json.loads(capsys.readouterr().out)["sentence"] == "Not met: length in seconds is above 900."


def test_a_pin_stands_above_every_rule_but_a_block():
    track = worlds.tracks(3)[0]
    body = {
        **worlds.ANYTHING,
        "where": {"field": "duration_s", "op": "gt", "value": 900},
        "pin": [{"track": track.spotify_id, "position": 1, "end": str(TODAY)}],
    }
    blocked = worlds.policy("Blocked", {**body, "block": {"artists": track.artist_ids}})
    pinned = worlds.playlist(rules=worlds.policy("Pinned", body))

    assert why_not.sentence(pinned, track, on=TODAY) == why_not.NOTHING
    assert why_not.sentence(pinned, track, on=TOMORROW).startswith("Not met")
    assert "blocks" in why_not.sentence(worlds.playlist(rules=blocked), track, on=TODAY)


def test_a_track_that_is_not_in_the_catalogue_is_wrong_usage():
    worlds.playlist(global_index=1)

    with pytest.raises(CommandError) as stop:
        call_command("why_not", "#1", "0" * 22)

    assert stop.value.returncode == 2
    assert not Track.objects.exists()


LOUD = {"field": "energy", "op": "gte", "value": 0.6}
BRIGHT = {"field": "valence", "op": "gt", "value": 0.5}
LONG = {"field": "duration_s", "op": "gt", "value": 900}
SOME_LENGTH = {"field": "duration_s", "op": "gt", "value": 1}


@pytest.mark.parametrize(
    "where, unknown, asked",
    [
        (LOUD, "energy is", "energy is at least 0.6"),
        ({"not": LOUD}, "energy is", "not (energy is at least 0.6)"),
        ({"any": [BRIGHT, LONG]}, "valence is", "valence is above 0.5 or length in seconds is above 900"),
        ({"any": [LOUD, BRIGHT]}, "energy and valence are", "energy is at least 0.6 or valence is above 0.5"),
        # Whatever the unknown energy is, the other half fails.
        ({"not": {"any": [LOUD, SOME_LENGTH]}}, "",
         "not (energy is at least 0.6 or length in seconds is above 1)"),
        (LONG, "", "length in seconds is above 900"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_known_is_called_unknown_and_not_unmet(
    where, unknown, asked, django_assert_num_queries
):
    track = worlds.tracks(1)[0]
    playlist = worlds.playlist(rules=worlds.policy("Asking", {**worlds.ANYTHING, "where": where}))

    with django_assert_num_queries(4):
        sentence = why_not.sentence(playlist, track, on=TODAY)

    if unknown:
        assert sentence.startswith(
            f"Unknown: the track's {unknown} not known, and the policy asks that {asked}."
        )
        assert "let the rule include unknown values" in sentence
    else:
        assert sentence == f"Not met: {asked}."
