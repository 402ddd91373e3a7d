"""Pages that move by themselves, and pages that are read without JavaScript, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from api.app import app
from pairway.serving import Server, listening, needs_of
from tests.browser.conftest import Served, Window
from tests.browser.pages import PAIRING, PROGRAMME


def paused(served: Served, pairing: str) -> None:
    told = served.fact(
        "pairing.paused", pairing, "2025-09-20T09:00:00+02:00", paused_on="2025-09-20", reason="parental leave"
    )
    assert served.tell(told) == ["accepted"]


def test_an_open_pairing_moves_as_soon_as_something_is_recorded(served: Served, window: Window) -> None:
    pairing = served.a_pair()
    page = window.go(f"/pairings/{pairing}")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator(".head .chip")).to_have_text("On track")
    heading = page.locator("h1").inner_text()
    paused(served, pairing)
    expect(page.locator(".head .chip")).to_have_text("Paused")
    assert page.locator("h1").inner_text() == heading


def test_an_open_overview_counts_on(served: Served, window: Window) -> None:
    page = window.go(f"/programmes/{PROGRAMME}")
    expect(page.locator("#live")).to_have_text("Live")
    paused_ones = page.locator(".legend a", has_text="Paused").locator("b")
    before = int(paused_ones.inner_text())
    pairing = served.a_pair()
    paused(served, pairing)
    expect(paused_ones).to_have_text(str(before + 1))


def test_nobody_who_fills_in_a_form_is_interrupted(served: Served, window: Window) -> None:
    pairing = served.a_pair()
    page = window.go(f"/pairings/{pairing}")
    expect(page.locator("#live")).to_have_text("Live")
    page.locator("summary", has_text="Close").click()
    note = page.locator("details[open] textarea").first
    note.fill("They will go on by themselves")
    beside = page.context.new_page()
    beside.goto(page.url)
    paused(served, pairing)
    expect(beside.locator(".head .chip")).to_have_text("Paused")
    beside.close()
    expect(note).to_have_value("They will go on by themselves")
    expect(page.locator(".head .chip")).to_have_text("On track")


def test_what_was_opened_and_where_one_was_stays_when_a_page_moves(served: Served, window: Window) -> None:
    pairing = served.a_pair()
    page = window.go(f"/pairings/{pairing}")
    expect(page.locator("#live")).to_have_text("Live")
    page.locator("summary", has_text="Pause").click()
    paused(served, pairing)
    expect(page.locator(".head .chip")).to_have_text("Paused")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_what_is_open_stays_open_and_no_other_when_something_appears_above_it(served: Served, window: Window) -> None:
    pairing = served.a_pair()
    page = window.go(f"/pairings/{pairing}")
    expect(page.locator("#live")).to_have_text("Live")
    page.locator("summary", has_text="Pause").click()
    meeting = served.fact("pairing.meeting_held", pairing, "2025-09-20T09:00:00Z", held_on="2025-09-20", minutes=30)
    assert served.tell(meeting) == ["parked"]
    expect(page.locator("summary", has_text="Acknowledge a flag")).to_be_visible()
    assert page.locator("details[open] > summary").all_inner_texts() == ["Pause"]
    assert page.evaluate("document.activeElement.innerText") == "Pause"


@pytest.mark.parametrize("path", [f"/programmes/{PROGRAMME}", f"/programmes/{PROGRAMME}/board", f"/pairings/{PAIRING}"])
def test_whatever_unfolds_on_a_page_that_moves_has_a_name_of_its_own(path: str, window: Window) -> None:
    page = window.go(path)
    expect(page.locator("main[data-live]")).to_have_count(1)
    names = page.locator("details").evaluate_all("all => all.map(it => it.id)")
    assert names
    assert "" not in names
    assert len(set(names)) == len(names)


def test_a_page_goes_on_after_a_restart_of_the_service(served: Served, window: Window) -> None:
    pairing = served.a_pair()
    with serving(served, 0) as port:
        window.page.goto(f"http://127.0.0.1:{port}/pairings/{pairing}")
        expect(window.page.locator("#live")).to_have_text("Live")
    expect(window.page.locator("#live")).to_have_text("Waiting for the service")
    paused(served, pairing)
    with serving(served, port):
        expect(window.page.locator(".head .chip")).to_have_text("Paused")
        expect(window.page.locator("#live")).to_have_text("Live")
        window.page.goto("about:blank")
    # a browser tells of every attempt while nobody listened, and of nothing else
    assert [fault for fault in window.faults.found if "ERR_" not in fault] == []
    window.faults.found.clear()


@contextmanager
def serving(served: Served, port: int) -> Iterator[int]:
    """Another process of the same service, as far as a browser can tell."""
    opened = listening("127.0.0.1", port)
    port = opened.getsockname()[1]
    server = Server(app(needs_of(served.parts)))
    thread = threading.Thread(target=server.run, args=([opened],))
    thread.start()
    try:
        yield port
    finally:
        server.stop()
        thread.join()
        opened.close()


def test_without_javascript_every_figure_still_leads_to_its_pairings(without_javascript: Window) -> None:
    page = without_javascript.go(f"/programmes/{PROGRAMME}")
    page.locator(".funnel tbody tr", has_text="Goals").locator("td a").last.click()
    assert "behind=done" in page.url
    expect(page.locator(".without")).to_contain_text("Completed Goals")
    page.locator(".without").click()
    assert page.url.endswith("/board")


def test_a_day_of_the_past_is_chosen_without_javascript(served: Served, without_javascript: Window) -> None:
    pairing = served.a_pair()
    paused(served, pairing)
    page = without_javascript.go(f"/pairings/{pairing}")
    expect(page.locator(".head .chip")).to_have_text("Paused")
    page.locator("input[name=as_of]").fill("2025-09-16")
    page.locator(".ask button").click()
    expect(page.locator(".note")).to_contain_text("16 Sep 2025")
    expect(page.locator(".head .chip")).not_to_have_text("Paused")
