"""The way in for facts: the envelope, time, and what makes two facts the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.facts import (
    Fact,
    GoalProgressed,
    Invalid,
    NoJson,
    content,
    decode,
    parse,
    stream_of,
)
from tests.domain.judging import EVENT, NOW, complaints, judged


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


def test_a_batch_is_parsed_whole_and_each_fact_in_it_judged_by_itself() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    batch = parse(json.dumps([EVENT, EVENT | {"more": deep}, 5, EVENT]).encode())
    assert isinstance(batch, list)
    assert [type(judged(one)) for one in batch] == [Fact, Invalid, Invalid, Fact]
    with pytest.raises(NoJson, match="is no JSON"):
        parse(b"[{]")


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
