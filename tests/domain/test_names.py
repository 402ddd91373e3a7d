"""Whether a text names somebody, whatever the script, the case and the tricks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import holds_any, words

NAMED = [
    ("Kim Park", "kim listened"),
    ("Kim Park", "thanks to KIM's patience"),
    ("Zoë Çelik", "ZOË helped"),
    ("Zoe\u0308 Costa", "Zoë helped"),
    ("Anne-Marie O'Neil", "Marie is great"),
    ("Anne-Marie O'Neil", "ask O’Neil"),
    ("İbrahim Işık", "ibrahim was there"),
    ("İbrahim Işık", "IŞIK was there"),
    ("Weiß Groß", "WEISS said so"),
    ("Νίκος", "ΝΊΚΟΣ came"),
    ("Anna Berg", "A\u200bnna is kind"),
    ("Anna Berg", "An\u00adna is kind"),
    ("Anna Berg", "\uff21\uff4e\uff4e\uff41 is kind"),
    ("Anna Berg", "_anna_ is kind"),
    ("किरण", "किरण ने सुना"),
    ("王芳", "王芳帮助了我"),
    ("สมชาย", "ขอบคุณสมชายมาก"),
    ("Анна", "спасибо, анна!"),
]
NOT_NAMED = [
    ("Kim Park", "kimono parking"),
    ("Ann", "Anna"),
    ("Zoë", "Zoëtrope"),
    ("किरण", "किरणें अच्छी हैं"),
    ("Kim Park", ""),
    ("", "anything"),
    ("- . '", "a - b"),
]


@pytest.mark.parametrize(("name", "text"), NAMED)
def test_a_word_of_the_name_is_found(name: str, text: str) -> None:
    assert holds_any(text, words(name))


@pytest.mark.parametrize(("name", "text"), NOT_NAMED)
def test_what_only_looks_like_a_name_is_let_through(name: str, text: str) -> None:
    assert not holds_any(text, words(name))


@given(st.text(), st.text(alphabet=st.characters(categories=["L"]), min_size=1), st.text())
def test_a_name_between_spaces_is_always_found(before: str, name: str, after: str) -> None:
    assert holds_any(f"{before} {name} {after}", words(name))
