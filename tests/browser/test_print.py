"""The report on paper: all that it tells, nothing to press, black on white, and no drawing or row cut in two."""

from __future__ import annotations

import io

import pypdf
import pytest

from tests.browser.conftest import Window
from tests.browser.pages import PROGRAMME

CONTROLS = "nav, form, button, input, select, details, .skip"
TELLS = "h1, h2, table, svg[role=img]"


@pytest.mark.parametrize("audience", ["mpm", "management"])
def test_a_printed_report_tells_all_that_the_page_does_and_has_nothing_to_press(window: Window, audience: str) -> None:
    page = window.go(f"/programmes/{PROGRAMME}/report?audience={audience}")
    page.emulate_media(color_scheme="dark")
    on_screen = page.locator(f"main :is({TELLS}) >> visible=true").count()
    assert page.locator("main svg[role=img] >> visible=true").count()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(f":is({CONTROLS}) >> visible=true").count() == 0
    assert page.locator(f"main :is({TELLS}) >> visible=true").count() == on_screen
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    for whole in ("main tr", "main .drawing"):
        breaks = page.locator(whole).evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")
        assert set(breaks) == {"avoid"}, whole

    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in printed.pages} == {(595, 842)}
    text = " ".join(sheet.extract_text() for sheet in printed.pages)
    for heading in page.locator("main h2 >> visible=true").all_inner_texts():
        assert "".join(heading.split()).casefold() in "".join(text.split()).casefold(), heading
