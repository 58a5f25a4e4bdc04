"""The public pages in a real browser: accessible in both schemes and widths, and whole without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from curation.models import Vibe
from tests.curation.stocked import CALM, LOUD, stock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (390, 1280)]


@pytest.fixture
def site(live_server: Any) -> str:
    """The address of a running site with some music in it."""
    stock(1, 14, genres=["jazz"], features=CALM)
    stock(101, 14, genres=["pop"], features=LOUD, explicit=True)
    return str(live_server.url)


def make(page: Any, site: str, text: str = "calm jazz, no vocals") -> None:
    page.goto(site)
    page.get_by_label("How should it feel?").fill(text)
    page.get_by_role("button", name="Make the playlist").click()
    page.wait_for_url("**/v/*")


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_accessible(look: Any, axe: Any, site: str, scheme: str, width: int) -> None:
    page = look(scheme=scheme, width=width)

    page.goto(site)
    assert axe(page) == []
    page.get_by_role("button", name="Make the playlist").click()
    page.get_by_text("Write a few words first").wait_for()
    assert axe(page) == []
    make(page, site, "upbeat explicit pop, floofy, no metal")
    assert axe(page) == []
    page.goto(f"{site}/v/nothing")
    assert axe(page) == []


@pytest.mark.parametrize("text", ["angry", "calm happy", "sad calm", "happy party"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tone_keeps_its_contrast(look: Any, axe: Any, site: str, scheme: str, text: str) -> None:
    page = look(scheme=scheme)

    make(page, site, text)

    assert axe(page) == []


def test_the_whole_flow_works_without_scripts(look: Any, site: str) -> None:
    page = look(javascript=False)

    make(page, site)
    assert page.locator(".song").count() == 10
    page.get_by_role("button", name="happier").click()
    page.wait_for_url("**/v/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Calm jazz, no vocals, happier"
    page.goto(site)
    page.get_by_role("button", name="rainy sunday, no vocals").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Rainy sunday, no vocals"


def test_a_wish_is_taken_out_without_scripts(look: Any, site: str) -> None:
    page = look(javascript=False)
    make(page, site)
    first = page.url

    page.get_by_role("button", name="Make it again without: no vocals").click()

    page.wait_for_url(lambda url: "/v/" in url and url != first)
    chips = page.locator(".heard .chip").all_inner_texts()
    assert not any("no vocals" in chip for chip in chips)
    assert any("calm" in chip for chip in chips)


def test_a_wish_is_taken_out_with_the_keyboard(look: Any, axe: Any, site: str) -> None:
    page = look(width=390)
    make(page, site)
    first = page.url
    button = page.get_by_role("button", name="Make it again without: calm")
    size = button.bounding_box()

    button.focus()
    outline = button.evaluate("button => getComputedStyle(button).outlineStyle")
    page.keyboard.press("Enter")

    page.wait_for_url(lambda url: "/v/" in url and url != first)
    assert page.get_by_text("Left out on request: calm.").is_visible()
    assert axe(page) == []
    assert min(size["width"], size["height"]) >= 24  # WCAG 2.2: target size
    assert outline != "none"


def test_a_second_click_posts_nothing(look: Any, site: str) -> None:
    page = look()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto(site)
    page.get_by_label("How should it feel?").fill("jazz")
    place = page.get_by_role("button", name="Make the playlist").bounding_box()

    page.mouse.dblclick(place["x"] + 20, place["y"] + 20)

    page.wait_for_url("**/v/*")
    assert len(posts) == 1
    assert Vibe.objects.count() == 1


def test_the_page_says_at_once_that_it_is_busy(look: Any, site: str) -> None:
    page = look()
    page.goto(site)
    page.get_by_label("How should it feel?").fill("jazz")

    button = page.get_by_role("button", name="Make the playlist")
    state = button.evaluate(
        """button => {
            button.click();
            const status = button.form.querySelector("[role=status]");
            const skeleton = button.form.querySelector("[data-skeleton]");
            return [button.getAttribute("aria-disabled"), status.textContent, skeleton.hidden];
        }"""
    )

    assert state == ["true", "Choosing songs… this can take a few seconds.", False]
    page.wait_for_url("**/v/*")


def test_the_keyboard_is_enough(look: Any, site: str) -> None:
    page = look()
    page.goto(site)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("How should it feel?").focus()
    page.keyboard.type("calm jazz")
    page.keyboard.press("Enter")

    page.wait_for_url("**/v/*")
    assert page.locator(".song").count() == 10


def test_trouble_takes_the_focus_and_is_described(look: Any, site: str) -> None:
    page = look()
    page.goto(site)

    page.get_by_role("button", name="Make the playlist").click()

    page.get_by_text("Write a few words first").wait_for()
    box = page.get_by_label("How should it feel?")
    assert box.evaluate("box => box === document.activeElement")
    assert "vibe-error" in box.get_attribute("aria-describedby")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_sideways(look: Any, site: str, width: int) -> None:
    page = look(width=width)

    for text in ("calm jazz", "supercalifragilistic" * 12):
        make(page, site, text)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(site)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_breaks_the_content_policy_and_nothing_leaves_the_site(look: Any, site: str) -> None:
    page = look()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    make(page, site)

    assert page.logged == []
    assert all(address.startswith(site) for address in asked)


def test_reload_and_back_keep_what_was_made(look: Any, site: str) -> None:
    page = look()
    make(page, site)
    address, songs = page.url, page.locator(".song h3").all_inner_texts()

    page.reload()
    assert (page.url, page.locator(".song h3").all_inner_texts()) == (address, songs)
    page.go_back()
    page.go_forward()
    assert (page.url, page.locator(".song h3").all_inner_texts()) == (address, songs)


def test_the_counter_counts_and_the_link_can_be_copied(look: Any, site: str) -> None:
    page = look(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site)

    page.get_by_label("How should it feel?").fill("jazz")
    assert page.locator("[data-counter-for]").inner_text() == "4 / 300"
    make(page, site)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith(page.url.partition("/v/")[2])


def test_what_people_write_cannot_run(look: Any, site: str) -> None:
    page = look()

    make(page, site, '<img src=x onerror="window.owned=1"><script>window.owned=1</script> jazz')

    assert page.evaluate("window.owned") is None
    assert page.locator("main img[src=x]").count() == 0


def test_reduced_motion_stands_still(look: Any, site: str) -> None:
    page = look(reduced_motion="reduce")
    page.goto(site)

    moving = page.evaluate("document.getAnimations().length")
    page.evaluate("document.querySelector('[data-skeleton]').hidden = false")

    assert moving == page.evaluate("document.getAnimations().length") == 0
