"""What the MPM does, done in a real browser: without JavaScript, with the keyboard alone, and on a phone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import Served, Window, Windows
from tests.browser.pages import HOSTILE, PROGRAMME


def opened(page: Page, title: str) -> Locator:
    """The form of an act on the page of a pairing, unfolded as a person unfolds it."""
    act = page.locator("details.act", has=page.locator("summary", has_text=re.compile(f"^{title}$")))
    act.locator("summary").click()
    return act


def test_every_act_on_a_pairing_is_done_without_javascript(without_javascript: Window, served: Served) -> None:
    pairing = served.a_pair()
    page = without_javascript.go(f"/pairings/{pairing}")
    form = opened(page, "Waive a requirement")
    form.get_by_label("Requirement").select_option("workshop")
    form.get_by_label("Reason").fill("Trained elsewhere")
    form.get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The requirement was waived."

    form = opened(page, "Pause")
    form.get_by_label("Reason").fill("Leave")
    assert form.get_by_label("Paused on").input_value() == "2025-10-01"
    form.get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The pairing is paused."

    opened(page, "Resume").get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The pairing goes on."

    form = opened(page, "Close")
    form.get_by_label("Reason").select_option("no_time")
    form.get_by_label("Who asked for it").select_option("mentor")
    form.get_by_label("Note").fill("Alas")
    form.get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The pairing was closed."

    form = opened(page, "Acknowledge a flag")
    form.get_by_label("What you found").fill("They parted as friends")
    form.get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The flag was acknowledged."

    form = opened(page, "Review the early closing")
    form.get_by_label("What follows").select_option("rematch")
    form.get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The closing was reviewed."
    assert page.locator("details.act").count() == 0


def test_somebody_is_approved_and_another_declined_without_javascript(
    without_javascript: Window, served: Served
) -> None:
    ada, bo = (served.a_person("mentor", name, approved=False) for name in ("Ada Approved", "Bo Declined"))
    page = without_javascript.go(f"/programmes/{PROGRAMME}/acts")
    page.get_by_role("button", name="Approve Ada Approved").click()
    assert page.url.endswith(f"/participants/{ada}?done=approve")
    assert page.locator(".done").inner_text() == "They are approved."
    page = without_javascript.go(f"/programmes/{PROGRAMME}/acts")
    page.get_by_role("link", name="Decline Bo Declined").click()
    page.get_by_label("Reason").fill("No room")
    page.get_by_role("button", name="Decline").click()
    assert page.url.endswith(f"/participants/{bo}?done=decline")


def test_a_programme_is_opened_and_closed_to_new_pairings_without_javascript(without_javascript: Window) -> None:
    without_javascript.expect(409)
    page = without_javascript.go("/new-programme")
    values = {"Name": "Leaders 2026", "Id": "leaders-2026", "Purpose": "Grow", "Competencies": "Delegation\nStrategy"}
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Starts on").fill("2026-01-01")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Length").fill("6")
    page.get_by_role("button", name="Open the programme").click()
    assert page.url.endswith("/programmes/leaders-2026")
    page = without_javascript.go("/programmes/leaders-2026/acts")
    assert "6 months" in page.locator("main").inner_text()
    opened(page, "Close to new pairings").get_by_role("button").click()
    assert page.locator(".done").inner_text() == "The programme takes no new pairings."


def test_a_file_is_looked_at_and_then_taken_without_javascript(
    without_javascript: Window, served: Served, tmp_path: Path
) -> None:
    pairing = served.a_pair()
    waiver = served.fact(
        "pairing.waived", pairing, "2025-09-20T09:00:00Z", requirement="workshop", by="mpm", reason="x"
    )
    file = tmp_path / "facts.ndjson"
    file.write_text(json.dumps(waiver) + "\nno fact\n", encoding="utf-8")
    page = without_javascript.go("/import")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what it would do").click()
    table = page.get_by_role("region", name="What would not be accepted")
    (row,) = table.locator("tbody tr").all_inner_texts()
    assert row.split("\t") == ["2", "Invalid", "–", "–", "It is no JSON: Expecting value at character 1."]
    page.get_by_role("button", name="Take 2 facts in").click()
    assert "1 accepted, 1 invalid" in page.locator(".done").inner_text()


def test_what_waits_is_tried_again_without_javascript(without_javascript: Window, served: Served) -> None:
    pairing = served.a_pair()
    meeting = served.fact("pairing.meeting_held", pairing, "2025-09-20T09:00:00Z", held_on="2025-09-20", minutes=30)
    assert served.tell(meeting) == ["parked"]
    page = without_javascript.go(f"/programmes/{PROGRAMME}/inbox?source=urn:test&disposition=parked")
    page.get_by_role("button", name=re.compile("^Try again: fact")).first.click()
    assert page.locator(".done").inner_text() == "It still waits."
    page = without_javascript.go(f"/programmes/{PROGRAMME}/inbox")
    page.get_by_role("button", name="Try all that wait again").click()
    assert re.search(r"facts? (was|were) tried again", page.locator(".done").inner_text())


def test_a_pairing_is_paused_with_the_keyboard_alone(window: Window, served: Served) -> None:
    page = window.go(f"/pairings/{served.a_pair()}")
    window.tab_to("details.act:has(form[action$='/pause']) summary")
    page.keyboard.press("Enter")
    window.tab_to("form[action$='/pause'] textarea", most=6)
    page.keyboard.type("Leave")
    window.tab_to("form[action$='/pause'] button", most=6)
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=pause")
    assert page.locator(".done").inner_text() == "The pairing is paused."


def test_a_flag_is_acknowledged_from_where_it_is_shown(window: Window, served: Served) -> None:
    pairing = served.a_pair()
    meeting = served.fact("pairing.meeting_held", pairing, "2025-09-20T09:00:00Z", held_on="2025-09-20", minutes=30)
    assert served.tell(meeting) == ["parked"]
    page = window.go(f"/pairings/{pairing}")
    page.get_by_role("link", name="Acknowledge the flag blocked").click()
    assert page.get_by_label("Flag").input_value() == "blocked"
    page.get_by_label("What you found").fill("The workshop is next week")
    page.get_by_role("button", name="Acknowledge").click()
    assert page.locator(".done").inner_text() == "The flag was acknowledged."
    assert page.get_by_role("link", name="Acknowledge the flag blocked").count() == 0


def test_on_a_phone_a_refusal_is_told_beside_the_form_and_nothing_that_was_typed_is_lost(
    phone: Window, served: Served
) -> None:
    phone.expect(409, 422)
    page = phone.go(f"/pairings/{served.a_pair()}")
    form = opened(page, "Pause")
    form.get_by_label("Paused on").fill("2024-01-01")
    form.get_by_label("Reason").fill("Leave\nuntil spring")
    form.get_by_role("button").click()
    assert page.get_by_role("alert").inner_text() == "Paused on 2024-01-01 lies before the proposal of 2025-09-15."
    assert page.get_by_label("Reason").input_value() == "Leave\nuntil spring"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 380
    page.get_by_label("Paused on").fill("2025-10-01")
    page.get_by_role("button", name="Pause").click()
    assert page.locator(".done").inner_text() == "The pairing is paused."


def test_a_button_that_is_pressed_twice_does_it_once(window: Window, served: Served) -> None:
    pairing = served.a_pair()
    page = window.go(f"/pairings/{pairing}")
    form = opened(page, "Pause")
    form.get_by_label("Reason").fill("Leave")
    form.get_by_role("button").dblclick()
    page.wait_for_url("**?done=pause")
    # and once more, from the page before
    page.go_back()
    page.evaluate("document.querySelector(\"form[action$='/pause']\").requestSubmit()")
    page.wait_for_url("**?done=pause")
    recorded = [event.type for event in served.parts.store.read_stream(f"pairing-{pairing}")]
    assert recorded.count("PairingPaused") == 1


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_typed_is_shown_as_the_text_that_it_is(kind: str, windows: Windows, served: Served) -> None:
    text = HOSTILE[kind]
    pairing = served.a_pair(text, text)
    with windows.open("desktop") as window:
        page = window.go(f"/pairings/{pairing}")
        form = opened(page, "Waive a requirement")
        form.get_by_label("Requirement").select_option("workshop")
        form.get_by_label("Reason").fill(text)
        form.get_by_role("button").click()
        assert page.locator(".done").inner_text() == "The requirement was waived."
        assert text in (page.locator("main").text_content() or "")
        assert page.title() != "owned"
        assert page.locator("main script, main img").count() == 0
    with windows.open("phone") as window:
        page = window.go(f"/pairings/{pairing}")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 380
