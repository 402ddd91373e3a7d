"""The board in a real browser: with a keyboard, on a phone, where its filters are folded, and on a wide screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Kind, Served, Window, Windows
from tests.browser.pages import PROGRAMME

BOARD = f"/programmes/{PROGRAMME}/board"


def test_the_board_is_asked_with_a_keyboard_and_its_answer_is_a_link(served: Served, window: Window) -> None:
    served.a_pair("Quentin Únique")
    page = window.go(f"/programmes/{PROGRAMME}/board")
    window.tab_to("input[name=q]")
    page.keyboard.type("quentin unique")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board?q=quentin+unique")
    expect(page.locator(".board tbody tr")).to_have_count(1)
    window.tab_to(".board tbody a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Quentin Únique")


def test_on_a_phone_the_pairings_are_seen_at_once_and_the_filters_unfold(phone: Window) -> None:
    page = phone.go(BOARD)
    first = page.locator(".board tbody tr").first.bounding_box()
    assert first is not None
    assert first["y"] + first["height"] < 500
    health = page.locator("select[name=health]")
    expect(health).to_be_hidden()
    page.locator("summary", has_text="Filters").tap()
    health.select_option("at_risk")
    page.get_by_role("button", name="Show").tap()
    page.wait_for_url("**/board?health=at_risk")
    expect(page.locator(".without")).to_contain_text("At risk")
    expect(health).to_be_hidden()


@pytest.mark.parametrize("kind", ["desktop", "without JavaScript"])
def test_on_a_wide_screen_every_filter_is_there_and_nothing_to_unfold(kind: Kind, windows: Windows) -> None:
    with windows.open(kind) as window:
        page = window.go(BOARD)
        for name in ("health", "step", "flag", "state", "department", "group", "sort", "order"):
            expect(page.locator(f"select[name={name}]")).to_be_visible()
        expect(page.locator("summary")).to_be_hidden()
        window.tab_to("select[name=health]")
        page.locator("select[name=health]").select_option("at_risk")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**/board?health=at_risk")
