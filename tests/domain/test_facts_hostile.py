"""The way in for facts: bytes that are broken, too many, too strange or meant to harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import (
    Fact,
    Invalid,
    MeetingHeld,
    content,
    decode,
)
from tests.domain.judging import EVENT, MEETING, NOW, bytes_of, complaints, judged


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"not json",
        b"{",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        bytes_of(EVENT)[:-1],
        bytes_of(EVENT) + b"{}",
        bytes_of(EVENT).replace(b"40", b"NaN"),
        bytes_of(EVENT).replace(b"40", b"-Infinity"),
        bytes_of(EVENT).replace(b"40", b"9" * 5000),
        bytes_of(EVENT).replace(b"g1", b"g\t1"),
        b"[" * 30_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
        bytes_of(EVENT).replace(b"40", b"[" * 70 + b"]" * 70),
    ],
)
def test_what_cannot_be_read_as_a_json_is_invalid_as_a_whole(raw: bytes) -> None:
    outcome = decode(raw, NOW)
    assert list(complaints(outcome)) == [""]
    assert len(complaints(outcome)[""]) < 120
    assert outcome == Invalid(outcome.errors if isinstance(outcome, Invalid) else ())


@pytest.mark.parametrize("value", [None, 5, "fact", [], [EVENT], True])
def test_what_is_no_object_is_no_fact(value: object) -> None:
    assert list(complaints(judged(value))) == [""]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"a\x00b", "NUL"),
        (b"a\\u0000b", "NUL"),
        (b"a\\ud800b", "surrogate"),
        (b"a\\udfffb", "surrogate"),
        (b"a\xffb", "UTF-8"),
        (b"a\xc3", "UTF-8"),
        (b"\xed\xa0\x80", "UTF-8"),
    ],
)
@pytest.mark.parametrize("where", [b"NOTES", b"urn:portal", b"portal-1"])
def test_a_text_that_cannot_be_kept_is_named_with_its_field(bad: bytes, why: str, where: bytes) -> None:
    raw = bytes_of(MEETING)
    outcome = decode(raw.replace(where, bad), NOW)
    field = {b"NOTES": "data.notes", b"urn:portal": "source", b"portal-1": "id"}[where]
    wrong = complaints(outcome)
    assert list(wrong) == [field]
    assert why in wrong[field]
    assert isinstance(outcome, Invalid)
    assert outcome.subject == "pair-1"
    if field != "data.notes":
        assert getattr(outcome, field) is None


def test_a_text_that_cannot_be_kept_is_named_in_unknown_fields_and_names_too() -> None:
    more = {"more": [{"x": ["fine", "a\0b"]}], "a\0b": 1}
    wrong = complaints(judged(EVENT | {"data": EVENT["data"] | more}))
    assert list(wrong) == ["data.more[0].x[1]", "data.a\\u0000b"]


def test_escapes_that_make_whole_characters_are_fine() -> None:
    raw = bytes_of(MEETING).replace(b"NOTES", b"\\u00e9 \\ud83d\\ude00 \\\\u0000 \\n")
    fact = decode(raw, NOW)
    assert isinstance(fact, Fact)
    assert isinstance(fact.data, MeetingHeld)
    assert fact.data.notes == "é 😀 \\u0000 \n"


def test_a_fact_of_64_kib_is_taken_and_one_byte_more_is_not() -> None:
    filler = 65_536 - len(bytes_of(EVENT | {"filler": ""}))
    assert isinstance(decode(bytes_of(EVENT | {"filler": "x" * filler}) + b"\n", NOW), Fact)
    larger = decode(bytes_of(EVENT | {"filler": "x" * (filler + 1)}), NOW)
    assert complaints(larger) == {"": "is longer than 65,536 bytes, the most that a fact may be"}
    assert isinstance(larger, Invalid)
    assert (larger.source, larger.id, larger.stream) == ("urn:portal", "portal-1", "pairing-pair-1")
    assert list(complaints(judged(EVENT | {"filler": "x" * 70_000}))) == [""]
    assert list(complaints(decode(b"x" * 70_000, NOW))) == [""]
    assert list(complaints(decode(b"[" * 2_000_000, NOW))) == [""]


def test_a_flood_of_errors_is_cut_short() -> None:
    outcome = judged(MEETING | {"data": MEETING["data"] | {"topics": [1] * 5_000}})
    assert isinstance(outcome, Invalid)
    assert len(outcome.errors) == 101
    assert outcome.errors[-1].reason == "and 4,900 more errors"


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 20_000,
        "\x1b[2J\x1b[31m",
        "a\r\nlevel=error msg=forged",
        "\u202egnp.exe",
        "'; drop table event; --",
    ],
)
def test_an_error_never_repeats_hostile_text_whole(hostile: str) -> None:
    events = [
        EVENT | {"type": hostile, "subject": hostile, "time": hostile, "specversion": hostile},
        EVENT | {"data": {"goal": hostile, "percent": hostile}},
        EVENT | {"type": "mentoring.participant.assessed", "data": {"ratings": {hostile: hostile}}},
        EVENT | {"type": "mentoring.programme.opened", "data": {"policy": {hostile: 1}, "timezone": hostile}},
    ]
    for event in events:
        for field, reason in complaints(judged(event)).items():
            assert field.isprintable()
            assert reason.isprintable()
            assert len(field) < 120
            assert len(reason) < 800


def test_an_error_never_repeats_what_a_person_wrote() -> None:
    secret = "They said that " * 1_000
    evaluation = EVENT | {
        "type": "mentoring.pairing.evaluation_given",
        "data": {"by": "mentor", "satisfaction": 4, "recommend": True, "why": secret},
    }
    wrong = complaints(judged(evaluation))
    assert wrong == {"data.why": "must be at most 10,000 characters long, not 15,000"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange_to_be_judged(raw: bytes) -> None:
    assert isinstance(decode(raw, NOW), Invalid)


@given(json_values)
def test_no_json_is_too_strange_to_be_judged(value: object) -> None:
    assert isinstance(judged(value), Invalid)
    assert isinstance(content(value), bytes)


@given(st.sampled_from(sorted(MEETING)), json_values, st.sampled_from([EVENT, MEETING]))
def test_no_attribute_is_too_strange_to_be_judged(name: str, value: object, event: dict[str, Any]) -> None:
    raw = bytes_of(event | {name: value})
    outcome = decode(raw, NOW)
    assert isinstance(outcome, Fact) or outcome.errors
    if b"NaN" not in raw and b"Infinity" not in raw:
        assert content(json.loads(raw)) == content(event | {name: value})


@given(st.sampled_from(["held_on", "minutes", "mode", "topics", "agenda", "notes", "actions"]), json_values)
def test_no_field_is_too_strange_to_be_judged(name: str, value: object) -> None:
    outcome = judged(MEETING | {"data": MEETING["data"] | {name: value}})
    assert isinstance(outcome, Fact) or outcome.errors


@given(st.integers(0, len(bytes_of(MEETING)) - 1), st.binary(max_size=4))
def test_a_fact_damaged_on_the_way_is_judged(place: int, bits: bytes) -> None:
    raw = bytes_of(MEETING)
    outcome = decode(raw[:place] + bits + raw[place + 1 :], NOW)
    assert isinstance(outcome, Fact) or outcome.errors


def test_a_fact_is_judged_however_deep_or_broken_it_is() -> None:
    deep = bytes_of(EVENT | {"more": "DEEP"}).replace(b'"DEEP"', b"[" * 500 + b"]" * 500)
    assert complaints(decode(deep, NOW)) == {"": "is nested too deep; at most 64 levels"}
    half = judged(MEETING | {"data": MEETING["data"] | {"notes": "a\ud800"}})
    assert complaints(half) == {"data.notes": "holds half a character (lone surrogate)"}


def test_many_short_lists_are_not_deep() -> None:
    wide = EVENT | {"more": [[n] for n in range(100)]}
    assert isinstance(judged(wide), Fact)
