"""The way in for facts: the envelope, time, hostile bytes, and what makes two facts the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import (
    Fact,
    GoalProgressed,
    Invalid,
    MeetingHeld,
    NoJson,
    content,
    decode,
    parse,
    stream_of,
)

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "source": "urn:portal",
    "id": "portal-1",
    "type": "mentoring.pairing.goal_progressed",
    "subject": "pair-1",
    "time": "2026-06-01T10:00:00+02:00",
    "datacontenttype": "application/json",
    "data": {"goal": "g1", "percent": 40},
}
MEETING: dict[str, Any] = EVENT | {
    "type": "mentoring.pairing.meeting_held",
    "data": {"held_on": "2026-06-01", "minutes": 60, "notes": "NOTES"},
}


def bytes_of(event: object) -> bytes:
    return json.dumps(event).encode()


def judged(event: object) -> Fact | Invalid:
    return decode(bytes_of(event), NOW)


def complaints(outcome: Fact | Invalid) -> dict[str, str]:
    assert isinstance(outcome, Invalid), "this should not have been taken"
    assert outcome.errors
    return {error.field: error.reason for error in outcome.errors}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in EVENT.items() if key != name}


def test_a_fact_is_read_with_its_time_in_utc_and_its_stream() -> None:
    fact = judged(EVENT)
    assert fact == Fact(
        source="urn:portal",
        id="portal-1",
        type="mentoring.pairing.goal_progressed",
        subject="pair-1",
        time=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
        data=GoalProgressed("g1", 40),
        correlation=None,
    )
    assert isinstance(fact, Fact)
    assert fact.stream == "pairing-pair-1"
    assert fact.time.tzinfo is UTC


def test_white_space_and_a_byte_order_mark_around_a_fact_change_nothing() -> None:
    plain = judged(EVENT)
    assert decode(b"\xef\xbb\xbf  " + json.dumps(EVENT, indent=4).encode() + b"\r\n", NOW) == plain


# The attributes


@pytest.mark.parametrize("name", ["specversion", "source", "id", "type", "subject", "time", "data"])
@pytest.mark.parametrize("gone", [True, False])
def test_an_attribute_that_is_not_there_is_named(name: str, gone: bool) -> None:
    wrong = complaints(judged(without(name) if gone else EVENT | {name: None}))
    assert list(wrong) == [name]
    if gone:
        assert wrong[name] == "is missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("source", ""),
        ("source", "  "),
        ("source", 5),
        ("source", "x" * 1001),
        ("source", "ä" * 501),
        ("id", ""),
        ("id", {}),
        ("id", "x" * 1001),
        ("type", "mentoring.pairing.eloped"),
        ("type", ["mentoring.pairing.closed"]),
        ("type", {}),
        ("subject", ""),
        ("subject", "../etc/passwd"),
        ("subject", "x" * 65),
        ("subject", 5),
        ("time", ""),
        ("time", 1750000000),
        ("datacontenttype", "text/plain"),
        ("datacontenttype", 5),
        ("data_base64", "e30="),
        ("data", []),
        ("data", "{}"),
        ("data", 5),
    ],
)
def test_an_attribute_that_does_not_fit_is_named(name: str, value: object) -> None:
    event = EVENT | {name: value}
    if name == "data_base64":
        del event["data"]
    assert list(complaints(judged(event))) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "x" * 1000),
        ("source", "ä" * 500),
        ("id", "Ω"),
        ("datacontenttype", None),
        ("datacontenttype", "application/json; charset=utf-8"),
        ("datacontenttype", "application/vnd.example+json"),
        ("dataschema", 5),
        ("data_base64", None),
    ],
)
def test_an_attribute_that_fits_is_taken(name: str, value: object) -> None:
    assert isinstance(judged(EVENT | {name: value}), Fact)


def test_an_invalid_fact_keeps_as_much_of_its_name_as_can_be_told() -> None:
    outcome = judged(EVENT | {"data": {}, "subject": "a b", "source": "x" * 2000})
    assert isinstance(outcome, Invalid)
    assert (outcome.source, outcome.id, outcome.type, outcome.subject, outcome.stream) == (
        None, "portal-1", "mentoring.pairing.goal_progressed", None, None,
    )  # fmt: skip
    named = judged(EVENT | {"data": {}})
    assert isinstance(named, Invalid)
    assert named.stream == "pairing-pair-1" == stream_of(named.type, named.subject)


def test_a_trace_is_kept_as_the_correlation_and_never_costs_the_fact() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for given_, kept in (
        (trace, trace),
        ("a\nb", None),
        ("", None),
        (5, None),
        ("x" * 257, None),
        (None, None),
    ):
        fact = judged(EVENT | {"traceparent": given_})
        assert isinstance(fact, Fact)
        assert fact.correlation == kept


# Time


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-06-01T10:00:00Z", "2026-06-01T10:00:00"),
        ("2026-06-01t10:00:00z", "2026-06-01T10:00:00"),
        ("2026-06-01T10:00:00-00:00", "2026-06-01T10:00:00"),
        ("2026-06-01T00:00:00+23:59", "2026-05-31T00:01:00"),
        ("2026-06-01T10:00:00.5Z", "2026-06-01T10:00:00.500000"),
        ("2026-06-01T10:00:00.123Z", "2026-06-01T10:00:00.123000"),
        ("2026-06-01T10:00:00.1234569999999999Z", "2026-06-01T10:00:00.123456"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999"),
        ("2017-01-01T00:59:60.7+01:00", "2016-12-31T23:59:59.999999"),
        ("1900-01-01T00:00:00+23:59", "1899-12-31T00:01:00"),
    ],
)
def test_an_instant_is_read_as_rfc_3339_says(told: str, meant: str) -> None:
    fact = judged(EVENT | {"time": told})
    assert isinstance(fact, Fact)
    assert fact.time == datetime.fromisoformat(meant + "+00:00")


@pytest.mark.parametrize(
    "told",
    [
        "2026-06-01T10:00:00",
        "2026-06-01",
        "2026-06-01T10:00Z",
        "2026-06-01 10:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-06-01T10:60:00Z",
        "2026-06-01T10:00:61Z",
        "2026-06-01T10:00:60Z",
        "2026-02-29T10:00:00Z",
        "2026-06-01T10:00:00.Z",
        "2026-06-01T10:00:00,5Z",
        "2026-06-01T10:00:00+24:00",
        "2026-06-01T10:00:00+0200",
        "2026-06-01T10:00:00+02:00:30",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "20260601T100000Z",
        "2026-W23-1T10:00:00Z",
        "٢٠٢٦-06-01T10:00:00Z",
        "2026-06-01T10:00:00Z\n",
        "now",
    ],
)
def test_what_is_no_instant_is_named(told: str) -> None:
    assert list(complaints(judged(EVENT | {"time": told}))) == ["time"]


def test_a_fact_may_run_five_minutes_ahead_of_the_clock_and_no_more() -> None:
    edge = NOW + timedelta(minutes=5)
    assert isinstance(judged(EVENT | {"time": edge.isoformat()}), Fact)
    wrong = complaints(judged(EVENT | {"time": (edge + timedelta(microseconds=1)).isoformat()}))
    assert wrong == {"time": "is more than five minutes ahead of the service's clock"}


# Hostile bytes


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


def test_a_batch_is_parsed_whole_and_each_fact_in_it_judged_by_itself() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    batch = parse(json.dumps([EVENT, EVENT | {"more": deep}, 5, EVENT]).encode())
    assert isinstance(batch, list)
    assert [type(judged(one)) for one in batch] == [Fact, Invalid, Invalid, Fact]
    with pytest.raises(NoJson, match="is no JSON"):
        parse(b"[{]")


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


# The same fact again


def test_two_spellings_of_the_same_json_are_the_same_content() -> None:
    again = json.loads(json.dumps(EVENT, sort_keys=True).replace("40", "4.0e1"))
    assert content(again) == content(EVENT)
    assert content(EVENT | {"source": "urn:other", "more": 1}) == content(EVENT)
    assert content(EVENT | {"data": {"goal": "g1", "percent": 40, "x": [1.0, {"y": -0.0, "z": 1e20}]}}) == content(
        EVENT | {"data": {"x": [1, {"z": 10**20, "y": 0}], "percent": 40.0, "goal": "g1"}}
    )


@pytest.mark.parametrize(
    "other",
    [
        {"type": "mentoring.pairing.resumed"},
        {"subject": "pair-2"},
        {"time": "2026-06-01T08:00:00Z"},
        {"data": {"goal": "g1", "percent": 41}},
        {"data": {"goal": "g1", "percent": "40"}},
        {"data": {"goal": "g1", "percent": 40, "more": None}},
        {"data": {"goal": "g1", "percent": True}},
        {"data": {"goal": "g1", "percent": 40.5}},
    ],
)
def test_other_content_under_the_same_name_is_other_content(other: dict[str, Any]) -> None:
    assert content(EVENT | other) != content(EVENT)


def test_a_fact_is_judged_however_deep_or_broken_it_is() -> None:
    deep = bytes_of(EVENT | {"more": "DEEP"}).replace(b'"DEEP"', b"[" * 500 + b"]" * 500)
    assert complaints(decode(deep, NOW)) == {"": "is nested too deep; at most 64 levels"}
    half = judged(MEETING | {"data": MEETING["data"] | {"notes": "a\ud800"}})
    assert complaints(half) == {"data.notes": "holds half a character (lone surrogate)"}


def test_many_short_lists_are_not_deep() -> None:
    wide = EVENT | {"more": [[n] for n in range(100)]}
    assert isinstance(judged(wide), Fact)
