"""Facts that are read at once are the facts that the core reads, to the last value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts
from domain.facts import Fact
from pairway.reading import at_once, read
from tests.domain.field_rules import RULES, WHOLE
from tests.domain.judging import NOW
from tests.domain.test_facts_fields import with_value
from tests.domain.test_facts_hostile import json_values

LOGS = sorted((Path(__file__).parents[1] / "examples" / "logs").glob("*.ndjson"))
KINDS = sorted(WHOLE)


def event(kind: str, data: object, **attributes: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "source": "urn:test",
        "id": "1",
        "type": "mentoring." + kind,
        "subject": "s-1",
        "time": "2026-06-01T10:00:00.25+02:00",
        "datacontenttype": "application/json",
        "data": data,
        **attributes,
    }


def spelt(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def same(raw: bytes) -> None:
    # by their text too, since 1 is True and 4.0 is 4
    assert repr(read(raw, NOW)) == repr(facts.decode(raw, NOW))


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_a_log_is_read_as_the_core_reads_it_and_nearly_all_of_it_at_once(log: Path) -> None:
    lines = log.read_bytes().splitlines()
    for raw in lines:
        same(raw)
    right = [raw for raw in lines if isinstance(facts.decode(raw, NOW), Fact)]
    assert sum(at_once(raw, NOW) is not None for raw in right) > 0.9 * len(right)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_fact_of_each_type_is_read_at_once(kind: str) -> None:
    raw = spelt(event(kind, WHOLE[kind], traceparent="00-abc-def-01"))
    assert at_once(raw, NOW) == facts.decode(raw, NOW)


@pytest.mark.parametrize(("kind", "path", "fits", "does_not"), RULES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_rule_of_a_field_is_the_same(
    kind: str, path: str, fits: tuple[object, ...], does_not: tuple[object, ...]
) -> None:
    for value in (*fits, *does_not):
        same(spelt(event(kind, with_value(kind, path, value))))


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_left_out_or_null_is_the_same(kind: str) -> None:
    for name in WHOLE[kind]:
        same(spelt(event(kind, {field: value for field, value in WHOLE[kind].items() if field != name})))
        same(spelt(event(kind, WHOLE[kind] | {name: None})))


@given(st.sampled_from(KINDS), st.data())
def test_whatever_stands_in_a_field_is_the_same(kind: str, drawn: st.DataObject) -> None:
    name = drawn.draw(st.sampled_from([*WHOLE[kind], "unknown"]))
    same(spelt(event(kind, WHOLE[kind] | {name: drawn.draw(json_values)})))


@given(st.sampled_from([*event("", {}), "data_base64", "dataschema", "tracestate", "traceparent", "x"]), json_values)
def test_whatever_stands_in_an_attribute_is_the_same(name: str, value: object) -> None:
    same(spelt(event("programme.closed", {"by": "mpm"}) | {name: value}))


@given(st.sampled_from(KINDS), st.data())
def test_a_fact_damaged_on_the_way_is_the_same(kind: str, drawn: st.DataObject) -> None:
    raw = spelt(event(kind, WHOLE[kind]))
    place = drawn.draw(st.integers(0, len(raw) - 1))
    same(raw[:place] + drawn.draw(st.binary(max_size=4)) + raw[place + drawn.draw(st.integers(0, 4)) :])


@pytest.mark.parametrize(
    "text",
    [
        r"\u0000",
        r"\ud800",
        r"\u00e4",
        "é",
        " ",
        "\u2003",
        "\x1c",
        "\x00",
        "\x7f",
        r"\n",
        r"\/",
        "x" * 9_999,
        "x" * 10_001,
        "é" * 501,
    ],
)
def test_a_text_that_is_strange_is_the_same(text: str) -> None:
    for raw in (spelt(event("programme.closed", {"by": "TEXT"})), spelt(event("programme.closed", {}, source="TEXT"))):
        same(raw.replace(b"TEXT", text.encode()))


@pytest.mark.parametrize(
    "time",
    [
        "2026-06-01T10:00:00Z",
        "2026-06-01t10:00:00z",
        "2026-06-01 10:00:00Z",
        "2026-06-01T10:00:00.1234567Z",
        "2026-06-01T10:00:00+0200",
        "2026-06-01T10:00:00",
        "2025-12-31T23:59:60Z",
        "1899-06-01T10:00:00Z",
        "2026-06-31T10:00:00Z",
        "2099-06-01T10:00:00Z",
    ],
)
def test_a_time_is_the_same_however_it_is_spelt(time: str) -> None:
    same(spelt(event("programme.closed", {"by": "mpm"}, time=time)))


@pytest.mark.parametrize("size", [65_536, 65_537])
def test_the_largest_fact_is_the_same(size: int) -> None:
    raw = spelt(event("pairing.goals_agreed", WHOLE["pairing.goals_agreed"]))
    same(raw + b" " * (size - len(raw)))
    same(raw[:-1] + b',"x":"' + b"x" * (size - len(raw) - 7) + b'"}')


def test_a_name_that_comes_twice_counts_as_it_was_said_last() -> None:
    raw: Any = spelt(event("programme.closed", {"by": "mpm"}))
    same(raw.replace(b'"by": "mpm"', b'"by": 5, "by": "mpm"'))
    same(raw.replace(b'"by": "mpm"', b'"by": "mpm", "by": "hr"'))
    for first in (b"5", b"null", b"1" * 5_000, b"[" * 990 + b"]" * 990, b"[" * 996 + b"]" * 996):
        same(raw.replace(b'"data"', b'"data": ' + first + b', "data"'))
    same(raw.replace(b"mpm", b'data", "data": "'))


@pytest.mark.parametrize("inner", [b"[" * 100 + b"]" * 100, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[" * 60_000])
def test_a_fact_nested_too_deep_is_the_same(inner: bytes) -> None:
    raw = spelt(event("programme.closed", {"by": "mpm"}))
    same(raw.replace(b'"mpm"', inner))
    same(raw.replace(b'{"by": "mpm"}', inner))
    same(raw[:-1] + b', "x": ' + inner + b"}")
