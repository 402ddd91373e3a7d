"""Every page that people look at: on a phone, in the dark, without JavaScript, with a keyboard, and as axe sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

import pytest
from playwright.sync_api import expect
from starlette.routing import BaseRoute, Match, Route

from api.app import app
from pairway.serving import needs_of
from tests.browser.conftest import PHONE, Served, Window, Windows, faults_of
from tests.browser.pages import PAGES, Listed

Look = Callable[["Listed"], "Looked"]
every_page = pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.name)


@dataclass(frozen=True)
class Looked:
    """What was found when a page was looked at, in the one visit that all tests of it share."""

    titles: tuple[str, int]
    axe_by_day: list[str]
    axe_in_the_dark: list[str]
    ground_in_the_dark: str
    width: int
    wide: list[str]
    unreached: str | None
    untabbable: int
    askew: list[str]
    said: list[str]
    said_without_javascript: list[str]
    complaints: list[str]


@pytest.fixture(scope="session")
def look(windows: Windows) -> Callable[[Listed], Looked]:
    """Looks at a page, the first time that it is asked to."""

    @cache
    def at(listed: Listed) -> Looked:
        with windows.open("without JavaScript") as window:
            said_without = window.go(listed.path).locator("main").inner_text().split()
        with windows.open("examined") as window:
            page = window.go(listed.path)
            said = page.locator("main").inner_text().split()
            titles = page.title(), page.locator("h1").count()
            by_day = faults_of(page)
            askew = page.evaluate(ASKEW)
            unreached, untabbable = _by_keyboard(window)
            page.emulate_media(color_scheme="dark")
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            # the dark changes colours and nothing else
            in_the_dark = faults_of(page, "color-contrast")
            page.set_viewport_size(PHONE)
            width, wide = page.evaluate(WIDE)
            complaints, window.faults.found = window.faults.found, []
        return Looked(
            titles,
            by_day,
            in_the_dark,
            ground,
            width,
            wide,
            unreached,
            untabbable,
            askew,
            said,
            said_without,
            complaints,
        )

    return at


# What reaches beyond the screen, but for what is meant to be scrolled.
WIDE = """() => [document.scrollingElement.scrollWidth, [...document.querySelectorAll('body *')]
    .filter(it => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest('.scroll, svg'))
    .slice(0, 5).map(it => it.outerHTML.slice(0, 150))]"""
# Tables of which the heads do not stand over what they head.
ASKEW = """() => [...document.querySelectorAll('table')]
    .filter(it => it.tHead && it.tBodies.length && it.checkVisibility())
    .filter(it => ['left', 'right'].some(side => Math.abs(
        it.tHead.getBoundingClientRect()[side] - it.tBodies[0].getBoundingClientRect()[side]) > 1))
    .map(it => it.outerHTML.slice(0, 150))"""
PRESSED = "main :is(a, button, input:not([type=hidden]), select, textarea, summary, [tabindex])"
BY_MOUSE = "a:not([href]), [onclick], :is(div, span)[role=button], [tabindex]:not([tabindex='0'], [tabindex='-1'])"


def _by_keyboard(window: Window) -> tuple[str | None, int]:
    """What is not reached in the order of the page, and how much only a mouse can press."""
    page = window.page
    try:
        window.tab_to("a.skip", most=1)
        page.keyboard.press("Enter")
        # the browser goes there with its next frame, which a busy machine draws late
        expect(page.locator("main")).to_be_focused()
        window.tab_to(PRESSED, most=3)
    except pytest.fail.Exception as unreached:
        return str(unreached), 0
    return None, page.locator(BY_MOUSE).count()


@every_page
def test_axe_finds_no_fault_by_day_nor_in_the_dark(listed: Listed, look: Look) -> None:
    looked = look(listed)
    assert looked.axe_by_day == []
    ground = [int(part) for part in looked.ground_in_the_dark[4:-1].split(",")]
    assert sum(ground) < 200, f"the ground in the dark is {ground}"
    assert looked.axe_in_the_dark == []


@every_page
def test_a_page_says_nothing_to_the_console_and_has_one_heading(listed: Listed, look: Look) -> None:
    title, headings = look(listed).titles
    assert title not in ("", "owned")
    assert headings == 1
    assert look(listed).complaints == []


@every_page
def test_the_heads_of_a_table_stand_over_its_columns(listed: Listed, look: Look) -> None:
    assert look(listed).askew == []


@every_page
def test_a_page_fits_a_screen_of_380_pixels(listed: Listed, look: Look) -> None:
    looked = look(listed)
    assert looked.width <= PHONE["width"], looked.wide


@every_page
def test_a_page_says_the_same_without_javascript(listed: Listed, look: Look) -> None:
    looked = look(listed)
    assert len(looked.said_without_javascript) > 10
    without = set(looked.said_without_javascript)
    assert [word for word in looked.said if word.isalpha() and word not in without] == []


@every_page
def test_whatever_can_be_pressed_is_reached_with_the_keyboard(listed: Listed, look: Look) -> None:
    looked = look(listed)
    assert looked.unreached is None
    assert looked.untabbable == 0


def test_every_page_that_the_service_has_is_looked_at(served: Served) -> None:
    pages = [route for route in _routes(app(needs_of(served.parts)).routes) if _is_page(route)]
    assert len(pages) > 10
    unseen = [route.path for route in pages if not any(_matches(route, listed.path) for listed in PAGES)]
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


# What a browser is given that is no page: files, streams, and ways to other pages.
NO_PAGES = ("/", "/live", "/programmes/{programme}/board.csv")


def _routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Each by itself: what is included from a router stands in one of its own."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _routes(included.routes)


def _is_page(route: BaseRoute) -> TypeGuard[Route]:
    made_by = getattr(getattr(route, "endpoint", None), "__module__", "")
    is_read = "GET" in (getattr(route, "methods", None) or ())
    return made_by.startswith("api.pages.") and is_read and getattr(route, "path", "") not in NO_PAGES


def _matches(route: BaseRoute, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "headers": []}
    return route.matches(scope)[0] is Match.FULL
