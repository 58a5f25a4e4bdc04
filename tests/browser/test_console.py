"""The operator console in a real browser: accessible, no wider than the screen, and its dialogs work."""

from __future__ import annotations

import datetime as dt
from base64 import b32decode
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from catalog.models import Batch
from curation.models import CurationPolicy
from playlists.models import Pause, Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import canary, runs
from playlists.rotation import snapshots
from tests.playlists import worlds
from tests.vibe_project import rows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (390, 1280)]


@pytest.fixture
def console(live_server: Any, look: Any) -> Any:
    """console(scheme="dark", width=390) -> a signed-in superuser's page, with a row of everything."""
    rows.make()
    boss = User.objects.create_superuser("boss", password="boss-password")

    def open_page(**options: Any) -> Any:
        client = Client()
        client.force_login(boss)
        page = look(**options)
        page.context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": live_server.url,
                }
            ]
        )
        page.base = live_server.url
        return page

    return open_page


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_front_page_is_accessible_and_fits_the_screen(console, axe, scheme, width):
    page = console(scheme=scheme, width=width)

    page.goto(f"{page.base}/admin/")
    page.get_by_role("heading", name="Tonight").wait_for()

    assert overflow(page) == 0
    assert axe(page) == []
    assert page.logged == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_our_own_pages_are_accessible_and_fit_a_phone(console, axe, scheme):
    page = console(scheme=scheme, width=390)
    ours = [
        "/admin/catalog/batch/add/",
        "/admin/playlists/managerplan/health/",
        f"/admin/catalog/batch/{Batch.objects.get().pk}/change/",
        f"/admin/playlists/playlist/{Playlist.objects.get().pk}/change/",
        f"/admin/playlists/playlist/{Playlist.objects.get().pk}/days/?track={rows.TRACK}",
        f"/admin/playlists/snapshot/{Snapshot.objects.get().pk}/change/",
        "/admin/playlists/managerplan/what-if/",
        "/admin/logins/",
    ]

    for path in ours:
        page.goto(page.base + path)
        page.locator(".vibe-panel").first.wait_for()

        assert overflow(page) == 0, path
        assert [found for found in axe(page) if "vibe-" in found] == [], path
        assert page.logged == [], path


def faults(axe: Any, page: Any) -> list[str]:
    """What axe finds, without Unfold's own link back to the site."""
    return [found for found in axe(page) if "'.gap-2'" not in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_second_factor_is_set_up_on_a_page_that_everybody_can_use(console, axe, scheme, settings):
    settings.CONSOLE_REQUIRE_OTP = True
    page = console(scheme=scheme, width=390)

    page.goto(f"{page.base}/admin/playlists/pause/")
    key = b32decode(page.locator("#secret").inner_text().replace(" ", ""))
    assert page.get_by_alt_text("QR code").evaluate("image => image.naturalWidth") > 100
    assert (overflow(page), faults(axe, page), page.logged) == (0, [], [])
    page.get_by_label("Code").fill(f"{totp(key):06}")
    page.get_by_role("button", name="Set it up").click()
    page.get_by_label("Recovery codes").wait_for()
    assert (overflow(page), faults(axe, page), page.logged) == (0, [], [])
    page.get_by_role("link", name="go on").click()

    page.wait_for_url("**/admin/playlists/pause/")


def test_links_are_validated_and_queued_by_hand(console):
    page = console()

    page.goto(f"{page.base}/admin/catalog/batch/add/")
    page.get_by_label("Album links").fill(f"{rows.ALBUM}\nspotify:album:0ETFjACtuP2ADo6LFhL6HN\nnonsense")
    page.get_by_role("button", name="Validate").click()
    page.get_by_text("3 lines checked, nothing written").wait_for()
    page.get_by_label("Label").fill("By hand")
    page.get_by_role("button", name="Queue", exact=True).click()
    page.wait_for_url("**/batch/*/change/")

    assert "3 lines came in: 1 new album, 1 duplicate, 1 rejected." in page.content()
    assert Batch.objects.get(label="By hand").submitted_by == "boss"


def test_the_red_switch_asks_for_a_reason_in_its_dialog(console):
    page = console()
    page.goto(f"{page.base}/admin/playlists/pause/")

    page.get_by_text("Pause the network").click()
    dialog = page.locator("#dialog")
    dialog.get_by_text("Nothing is written to Spotify").wait_for()
    dialog.get_by_role("button", name="Pause").click()
    dialog.get_by_text("This field is required.").wait_for()
    dialog.locator("textarea").fill("Spotify has trouble.")
    dialog.get_by_role("button", name="Pause").click()
    page.get_by_text("The network is paused by boss").wait_for()

    assert Pause.objects.latest("pk").reason == "Spotify has trouble."
    assert page.logged == []
    page.goto(f"{page.base}/admin/")
    assert page.get_by_role("alert").filter(has_text="The network is paused by boss").is_visible()


def test_a_stage_is_rung_for_from_its_menu(console):
    page = console()
    page.goto(f"{page.base}/admin/playlists/stagerun/")

    page.get_by_text("Run a stage now").click()
    page.get_by_text("Enrich", exact=True).last.click()
    page.locator("#dialog").get_by_text("1 track lacks audio features.").wait_for()
    page.locator("#dialog").get_by_role("button", name="Run now").click()

    page.get_by_text("Enqueued enrich: a worker takes it up.").wait_for()


def test_the_doctor_speaks_beside_a_policy(console):
    page = console()

    page.goto(
        f"{page.base}/admin/curation/curationpolicy/{CurationPolicy.objects.get(name='Jazz').pk}/change/"
    )

    page.get_by_role("heading", name="The doctor says").wait_for()
    assert page.logged == []


@pytest.fixture
def two_days(settings):
    """A playlist with a list of ten yesterday and another one today."""
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    worlds.tracks(40)
    made, now = worlds.playlist(global_index=77), timezone.now()
    for back in (1, 0):
        snapshots.build(now.date() - dt.timedelta(days=back), playlist_id=made.pk, now=now)
    return made


def test_a_day_is_looked_at_compared_and_brought_back(console, two_days):
    page = console()
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    page.goto(f"{page.base}/admin/playlists/playlist/{two_days.pk}/change/")

    page.get_by_role("link", name="Time machine").click()
    page.get_by_text("10 came, 10 went, 0 moved, 0 stayed").wait_for()
    page.get_by_role("link", name=str(yesterday)).first.click()
    page.get_by_role("button", name="Bring this list back").click()
    dialog = page.locator("#dialog")
    dialog.get_by_text("10 tracks come and 10 go").wait_for()
    dialog.locator("textarea").fill("People liked it.")
    dialog.get_by_role("button", name="Bring back").click()

    page.get_by_text(f"The list of {yesterday} is today's again").wait_for()
    assert Snapshot.objects.get(restored_from=yesterday).reason.endswith("People liked it.")
    assert page.logged == []


@pytest.mark.parametrize("answer", ["Go on", "Stop"])
def test_what_the_guard_asks_is_answered_on_the_console(console, settings, axe, answer):
    page = console()
    settings.SYNC_CANARY_ABOVE = 0
    now = timezone.now()
    StageRun.objects.all().delete()
    PlaylistCopy.objects.update(status="pending")
    runs.note(runs.begin("sync", now.date(), trigger="test", now=now), **canary.before(now))
    PlaylistCopy.objects.update(status="error")
    canary.check(now)

    page.goto(f"{page.base}/admin/")
    page.get_by_role("link", name="Answer").click()
    page.get_by_role("heading", name="What is asked").wait_for()
    assert [found for found in axe(page) if "vibe-" in found] == []
    page.locator("a[hx-get]").filter(has_text=answer).click()
    dialog = page.locator("#dialog")
    if answer == "Stop":
        dialog.locator("textarea").fill("Wrong policy.")
    dialog.get_by_role("button", name=answer).click()

    page.get_by_text("The sync goes on." if answer == "Go on" else "The sync is stopped").wait_for()
    assert (canary.under_way() is None) is (answer == "Stop")
