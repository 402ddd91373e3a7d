"""Every page that people look at: on a phone, in the dark, without JavaScript, with a keyboard, and as axe sees it."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Match

from api.app import app
from pairway.serving import needs_of
from tests.browser.conftest import PHONE, Served, Window, Windows, faults_of
from tests.browser.pages import PAGES, Listed

every_page = pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.name)


@every_page
def test_axe_finds_no_fault_by_day_nor_in_the_dark(listed: Listed, examined: Window) -> None:
    page = examined.go(listed.path)
    assert page.locator("h1").count() == 1
    assert page.title() not in ("", "owned")
    assert faults_of(page) == []
    page.emulate_media(color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in ground[4:-1].split(",")) < 200, f"the ground is {ground}"
    assert faults_of(page) == []


@every_page
def test_a_page_fits_a_screen_of_380_pixels(listed: Listed, phone: Window) -> None:
    page = phone.go(listed.path)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(it => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest('.scroll, svg'))
            .slice(0, 5).map(it => it.outerHTML.slice(0, 150))"""
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"], wide


@every_page
def test_a_page_says_the_same_without_javascript(listed: Listed, window: Window, without_javascript: Window) -> None:
    with_it = window.go(listed.path).locator("main")
    without = without_javascript.go(listed.path).locator("main")
    said, said_without = with_it.inner_text().split(), without.inner_text().split()
    assert len(said_without) > 10
    missing = [word for word in set(said) - set(said_without) if word.isalpha()]
    assert missing == []


@every_page
def test_whatever_can_be_pressed_is_reached_with_the_keyboard(listed: Listed, window: Window) -> None:
    page = window.go(listed.path)
    window.tab_to("a.skip", most=1)
    page.keyboard.press("Enter")
    window.tab_to("main :is(a, button, input, select, summary)", most=3)
    # the order of the page is the order of the keys: nothing asks to come first
    assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0
    assert page.locator("a:not([href]), [onclick], div[role=button], span[role=button]").count() == 0


def test_every_page_that_the_service_has_is_looked_at(served: Served) -> None:
    unseen = [
        route.path  # type: ignore[attr-defined]
        for route in app(needs_of(served.parts)).routes
        if _is_page(route) and not any(_matches(route, listed.path) for listed in PAGES)
    ]
    assert unseen == []


def test_a_fault_of_a_page_would_be_found(windows: Windows) -> None:
    def complain() -> None:
        with windows.open("desktop") as window:
            window.go("/programmes").evaluate("console.error('nothing like it')")

    with pytest.raises(AssertionError, match="nothing like it"):
        complain()


def test_axe_would_find_a_fault(examined: Window) -> None:
    page = examined.go("/programmes")
    page.locator("h1").evaluate("it => { it.style.color = '#ddd'; it.style.background = '#eee' }")
    assert any(fault.startswith("color-contrast") for fault in faults_of(page))


# What a browser is given that is no page: files, and ways to other pages.
NO_PAGES = ("/",)


def _is_page(route: BaseRoute) -> bool:
    shown = getattr(route, "response_class", None)
    made = getattr(shown, "value", shown)
    is_page = made is HTMLResponse and "GET" in (getattr(route, "methods", None) or ())
    return is_page and getattr(route, "path", "") not in NO_PAGES


def _matches(route: BaseRoute, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "headers": []}
    return route.matches(scope)[0] is Match.FULL
