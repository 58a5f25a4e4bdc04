"""One call through the door, against a Spotify that answers from a script; the fault matrix by name."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest

from accounts.spotify import breaker, capabilities, errors, responses
from accounts.spotify.call import Asked, Call
from accounts.spotify.limiter import Turn
from tests.accounts.spotify.standins import LOST, NOW, REFUSED, Budgets, Script, answer, parts

ALBUM_ID = "4aawyAB9vmqN3uQ7FjRGTy"


def error(status, message, reason=None, **headers):
    body = {"error": {"status": status, "message": message, **({"reason": reason} if reason else {})}}
    return answer(status, body, **headers)


def read(script, using, endpoint=capabilities.ALBUM, about=(ALBUM_ID,), control=None):
    return Call(using, Asked(endpoint, script, responses.body, about, control)).run()


def create(script, using):
    return Call(using, Asked(capabilities.CREATE_PLAYLIST, script, responses.body)).run()


def replace_items(script, using, playlist_id=ALBUM_ID):
    return Call(using, Asked(capabilities.REPLACE_ITEMS, script, lambda _: None, (playlist_id,))).run()


# --- 429


def test_a_429_with_retry_after_of_a_second_is_waited_for_in_place():
    script, using = Script(error(429, "slow down", retry_after="1"), answer(200, {"ok": 1})), parts()

    assert read(script, using) == {"ok": 1}
    assert using.clock.slept[0] >= 1.0
    assert using.limiter.held == [1.0]


def test_a_429_of_half_a_minute_holds_everybody_and_sends_the_row_back():
    script, using = Script(error(429, "slow down", retry_after="30")), parts()

    with pytest.raises(errors.Blocked) as caught:
        read(script, using)

    assert caught.value.until == NOW + dt.timedelta(seconds=30)
    assert (using.limiter.held, using.clock.slept, script.asked) == ([30.0], [], 1)


def test_a_429_of_four_hours_means_not_one_request_until_it_is_over():
    script = Script(error(429, "Too many requests", retry_after="14400"), answer(200, {"ok": 1}))
    using = parts()
    for _ in range(20):
        with pytest.raises(errors.Blocked):
            read(script, using)
    using.clock.now += dt.timedelta(hours=3, minutes=59)
    with pytest.raises(errors.Blocked) as caught:
        read(script, using)

    assert (script.asked, using.clock.slept) == (1, [])
    assert caught.value.until == NOW + dt.timedelta(hours=4)
    using.clock.now = NOW + dt.timedelta(hours=4)
    assert read(script, using) == {"ok": 1}


def test_a_429_without_retry_after_backs_off_and_then_leaves_for_a_whole_window():
    script, using = Script(error(429, "slow down")), parts()

    with pytest.raises(errors.Blocked):
        read(script, using)

    assert script.asked == 6


def test_a_used_up_quota_blocks_its_bucket_with_its_own_words_and_leaves_the_others_open():
    script = Script(error(429, "Too many requests", "QUOTA_EXCEEDED", retry_after="48925"))
    using = parts()
    with pytest.raises(errors.Blocked, match="quota") as caught:
        read(script, using)

    assert (caught.value.bucket, caught.value.until) == ("catalogue", NOW + dt.timedelta(seconds=48_925))
    assert replace_items(Script(answer(200)), using) is None


def test_a_spent_budget_opens_the_circuit_of_its_bucket_alone_before_spotify_is_asked():
    script, using = Script(answer(200)), parts(budgets=Budgets(NOW + dt.timedelta(hours=5)))
    with pytest.raises(errors.Blocked, match="SPOTIFY_DAILY_CALLS") as caught:
        read(script, using)

    assert (caught.value.bucket, caught.value.until) == ("catalogue", NOW + dt.timedelta(hours=5))
    assert (script.asked, list(using.circuits.states)) == (0, ["catalogue"])


def test_a_429_on_a_create_was_not_executed_and_may_be_repeated():
    script = Script(error(429, "slow down", retry_after="1"), answer(201, {"id": "x"}))

    assert create(script, parts()) == {"id": "x"}


# --- 5xx, timeouts, resets


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_that_meets_a_5xx_is_repeated(status):
    script, using = Script(error(status, "oops"), answer(200, {"ok": 1})), parts()

    assert read(script, using) == {"ok": 1}
    assert script.asked == 2


def test_a_read_gives_up_after_six_attempts():
    script, using = Script(error(503, "oops")), parts()

    with pytest.raises(errors.Unavailable) as caught:
        read(script, using)

    assert (script.asked, caught.value.status) == (6, 503)
    assert max(using.clock.slept) <= 5.0


def test_a_5xx_on_a_create_is_ambiguous_and_never_repeated():
    script = Script(error(502, "oops"))

    with pytest.raises(errors.Ambiguous):
        create(script, parts())

    assert script.asked == 1


def test_a_lost_answer_on_a_create_is_ambiguous_and_never_repeated():
    script = Script(LOST)

    with pytest.raises(errors.Ambiguous):
        create(script, parts())

    assert script.asked == 1


def test_a_create_that_was_surely_not_sent_is_repeated():
    assert create(Script(REFUSED, answer(201, {"id": "x"})), parts()) == {"id": "x"}


def test_a_created_playlist_with_an_unreadable_answer_is_ambiguous():
    with pytest.raises(errors.Ambiguous):
        create(Script(answer(201, "<html>")), parts())


def test_replacing_items_is_repeated_and_then_ambiguous_with_the_status_for_the_bisect():
    script = Script(error(502, "Error while loading resource"))

    with pytest.raises(errors.Ambiguous) as caught:
        replace_items(script, parts())

    assert (script.asked, caught.value.status) == (3, 502)


def test_one_playlist_with_a_dead_track_does_not_open_the_circuit():
    using = parts()
    for _ in range(4):
        with pytest.raises(errors.Ambiguous):
            replace_items(Script(error(502, "oops")), using)

    assert replace_items(Script(answer(200)), using, "0" * 22) is None


def test_five_different_failures_in_a_row_open_the_circuit_for_ten_minutes():
    using = parts()
    for number in range(5):
        with pytest.raises((errors.Unavailable, errors.Blocked)):
            read(Script(error(500, "oops")), using, about=(str(number),))
    untouched = Script(answer(200))

    with pytest.raises(errors.Blocked):
        read(untouched, using)

    assert untouched.asked == 0
    using.clock.now += dt.timedelta(seconds=600)
    assert read(untouched, using) == {}
    assert using.circuits.states["catalogue"].state == breaker.CLOSED


def test_a_failed_probe_sends_one_request_and_blocks_again():
    using = parts()
    using.circuits.block("catalogue", seconds=600, reason="test", now=NOW)
    using.clock.now += dt.timedelta(seconds=600)
    script = Script(error(503, "oops"))

    with pytest.raises(errors.Blocked) as caught:
        read(script, using)

    assert script.asked == 1
    assert caught.value.until >= NOW + dt.timedelta(seconds=1200)


def test_a_write_that_may_have_happened_is_never_reported_as_blocked():
    using = parts()
    using.circuits.states["playlist_write"] = breaker.State(failures=4, last_target="other")

    with pytest.raises(errors.Ambiguous):
        replace_items(Script(error(503, "oops")), using)


# --- bodies


@pytest.mark.parametrize("text", ["<html>busy</html>", "", '{"id": "4aa', "[1, 2"])
def test_html_empty_and_half_bodies_are_repeated_and_then_a_bad_answer(text):
    script = Script(answer(200, text))

    with pytest.raises(errors.BadAnswer):
        read(script, parts())

    assert script.asked == 6


# --- 401


def test_an_expired_token_is_renewed_once_and_the_call_repeated_once():
    script, using = Script(error(401, "The access token expired"), answer(200, {"ok": 1})), parts()

    assert read(script, using) == {"ok": 1}
    assert script.tokens == ["token-0", "token-1"]
    assert using.tokens.renewals == ["token-0"]


def test_a_401_for_a_token_just_given_is_no_verdict_on_the_account():
    script, using = Script(error(401, "Invalid access token")), parts()

    with pytest.raises(errors.Unavailable):
        read(script, using)

    assert script.asked == 2


def test_a_401_on_a_create_was_not_executed():
    script = Script(error(401, "The access token expired"), answer(201, {"id": "x"}))

    assert create(script, parts()) == {"id": "x"}


# --- 403 and 404


@pytest.mark.parametrize(
    "message, reason",
    [
        ("Insufficient client scope", "scope"),
        ("User not registered in the Developer Dashboard", "allow_list"),
    ],
)
def test_a_403_says_why_and_is_never_repeated(message, reason):
    script = Script(error(403, message))

    with pytest.raises(errors.Forbidden) as caught:
        create(script, parts())

    assert (caught.value.reason, script.asked) == (reason, 1)


def test_a_lapsed_premium_blocks_the_app_for_an_hour():
    using = parts()

    with pytest.raises(errors.Blocked) as caught:
        read(Script(error(403, "Active premium subscription required for the owner of the app")), using)

    assert (caught.value.bucket, caught.value.until) == ("app", NOW + dt.timedelta(hours=1))


def test_audio_features_are_not_available_after_one_403():
    using = parts()
    script = Script(error(403, "Forbidden"))

    for _ in range(3):
        with pytest.raises(errors.CapabilityMissing):
            read(script, using, capabilities.AUDIO_FEATURES)

    assert script.asked == 1


def test_an_endpoint_that_refuses_twenty_ids_in_a_row_is_switched_off():
    using, script = parts(), Script(error(404, "Not found"))
    for number in range(19):
        with pytest.raises(errors.NotFound):
            read(script, using, about=(f"{number:022}",))

    with pytest.raises(errors.CapabilityMissing) as caught:
        read(script, using, about=("9" * 22,))

    assert caught.value.since == NOW
    with pytest.raises(errors.CapabilityMissing):
        read(script, using)
    assert script.asked == 20


def test_twenty_dead_links_are_no_dead_endpoint_while_a_good_id_still_works():
    using, control = parts(), Script(answer(200, {"ok": 1}))
    read(Script(answer(200, {"ok": 1})), using)

    for number in range(45):
        with pytest.raises(errors.NotFound):
            read(Script(error(404, "Not found")), using, about=(f"{number:022}",), control=control)

    assert control.asked == 2


def test_a_switched_off_endpoint_is_tried_again_after_a_day():
    using = parts()
    with pytest.raises(errors.CapabilityMissing):
        read(Script(error(403, "Forbidden")), using, capabilities.AUDIO_FEATURES)
    using.clock.now += dt.timedelta(days=1)

    assert read(Script(answer(200, {"ok": 1})), using, capabilities.AUDIO_FEATURES) == {"ok": 1}
    assert using.learned.records["audio_features"].available


def test_what_the_mode_lacks_is_never_asked_for():
    script = Script(answer(200))

    with pytest.raises(errors.CapabilityMissing):
        read(script, parts(mode="development"), capabilities.BATCH_ALBUMS)

    assert script.asked == 0


# --- standing in line


def test_a_turn_that_comes_soon_is_waited_for():
    using = parts()
    using.limiter.turns = [Turn(0.5, "pace"), Turn(0.25, "lane")]

    assert read(Script(answer(200, {"ok": 1})), using) == {"ok": 1}
    assert using.clock.slept == [0.5, 0.25]


def test_a_turn_that_comes_late_sends_the_row_back():
    using = parts()
    using.limiter.turns = [Turn(25.0, "hold")]
    script = Script(answer(200))

    with pytest.raises(errors.Blocked, match="pause"):
        read(script, using)

    assert (script.asked, using.clock.slept) == (0, [])


def test_every_request_is_counted_with_what_came_of_it():
    using = parts()
    read(Script(error(429, "slow down", retry_after="1"), error(500, "oops"), answer(200, {})), using)

    assert using.counter.calls == [("album", True, False), ("album", False, True), ("album", False, False)]


# --- the whole call


class Slow(Script):
    """Each answer takes so many seconds of the call's clock."""

    def __init__(self, using, seconds, *outcomes):
        super().__init__(*outcomes)
        self.using, self.seconds, self.left = using, seconds, []

    def __call__(self, spotify, *wanted):
        self.left.append(spotify._seconds_left)
        self.using.clock.now += dt.timedelta(seconds=self.seconds)
        return super().__call__(spotify, *wanted)


def test_a_read_from_a_spotify_that_drips_ends_within_a_minute_as_unavailable():
    using = parts()
    script = Slow(using, 19, LOST)

    with pytest.raises(errors.Unavailable):
        read(script, using)

    assert using.clock.now - NOW <= dt.timedelta(seconds=80)
    assert script.asked < 6
    assert script.left == sorted(script.left, reverse=True)  # each attempt has what the others left


def test_a_write_to_a_spotify_that_drips_ends_within_a_minute_as_ambiguous():
    using = parts()

    with pytest.raises(errors.Ambiguous):
        replace_items(Slow(using, 29, LOST), using)

    assert using.clock.now - NOW <= dt.timedelta(seconds=90)


def test_short_pauses_that_never_end_send_the_row_back_within_a_minute():
    using = parts()
    script = Slow(using, 12, error(429, "slow down", retry_after="4"))

    with pytest.raises(errors.Blocked):
        read(script, using)

    assert using.clock.now - NOW <= dt.timedelta(seconds=72)


# --- how many at once


def test_the_lease_is_given_back_whatever_the_call_comes_to():
    for script in (Script(answer(200, {})), Script(error(404, "gone")), Script(LOST)):
        using = parts()
        using.limiter.turns = [Turn(0.0, lease="mine")]

        with contextlib.suppress(errors.SpotifyError):
            read(script, using)

        assert using.limiter.given_back[0] == "mine"


def test_asking_about_another_id_does_not_wait_for_its_own_lease():
    """The turn of a refused call is over before a second request stands in line."""
    using, held = parts(), []
    using.limiter.turns = [Turn(0.0, lease=str(number)) for number in range(50)]
    ids = [f"{number:022}" for number in range(21)]
    read(Script(answer(200, {})), using, about=("good",))

    def control(spotify, wanted):
        held.append(len(using.limiter.given_back))
        return answer(200, {})

    for wanted in ids[:20]:
        with pytest.raises(errors.NotFound):
            read(Script(error(404, "gone")), using, about=(wanted,), control=control)

    assert held == [21]
