"""The examples come out exactly as expected, in whatever way the facts came in."""

from __future__ import annotations

import json
import random
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventstore.pool import Pool
from tests.examples.whole import THEN, Whole, expected, log

NAMES = ("small", "corners", "year")


def in_order_of_time(facts: list[bytes]) -> list[bytes]:
    return sorted(facts, key=lambda fact: datetime.fromisoformat(json.loads(fact)["time"]))


# What the report gained since the examples were made; each part has tests of its own.
GAINED = {"survival"}


def figures(report: Any) -> Any:
    """A report without its instant, which a live one shows in the programme's time zone."""
    return {**report, "as_of": None}


def without_gains(report: Any) -> Any:
    """A report as it was when the examples were made."""
    assert report.keys() >= GAINED
    return {part: found for part, found in report.items() if part not in GAINED}


def assert_reported(whole: Whole, wanted: Any) -> None:
    for programme, report in wanted["reports"].items():
        assert figures(without_gains(whole.report(programme))) == figures(report)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_counted_recorded_and_reported_as_expected(name: str, pool: Pool) -> None:
    whole, wanted = Whole(pool), expected(name)
    assert whole.take(log(name)) == wanted["after_import"]
    whole.sweep()
    pairings = wanted.get("events", {})
    assert whole.shown_like(pairings, whole.zones()) == pairings
    for programme, report in wanted["reports"].items():
        live, then = whole.report(programme), whole.report_as_of(programme, THEN)
        assert without_gains(then) == report
        assert figures(live) == figures(then)


@pytest.mark.parametrize("name", ["small", "corners"])
def test_fact_by_fact_gives_the_same_as_one_file(name: str, pool: Pool) -> None:
    whole, wanted = Whole(pool), expected(name)
    assert whole.take(log(name), together=1) == wanted["after_import"]
    whole.sweep()
    assert whole.shown_like(wanted["events"], whole.zones()) == wanted["events"]
    assert_reported(whole, wanted)


def test_an_example_taken_twice_is_the_same_as_taken_once(pool: Pool) -> None:
    whole, wanted = Whole(pool), expected("small")
    whole.take(log("small"))
    assert set(whole.take(log("small"))) == {"duplicate"}
    whole.sweep()
    assert whole.shown_like(wanted["events"], whole.zones()) == wanted["events"]


def test_two_recorders_that_take_turns_on_one_database_see_each_others_work(pool: Pool) -> None:
    first, second, wanted = Whole(pool), Whole(pool), expected("corners")
    for index, fact in enumerate(log("corners")):
        (first, second)[index % 2].take([fact])
    first.sweep()
    assert first.shown_like(wanted["events"], first.zones()) == wanted["events"]


def test_batches_decided_while_the_one_before_is_committed_give_the_same(pool: Pool) -> None:
    whole, wanted, facts = Whole(pool), expected("corners"), log("corners")
    sizes = random.Random(7)
    batches: list[list[bytes]] = []
    while facts:
        size = sizes.randint(1, 12)
        batches.append(facts[:size])
        facts = facts[size:]
    other = Whole(pool)
    for number, _ in enumerate(whole.recorder.take_on(batches)):
        if number % 5 == 0:  # somebody else asks in between
            other.take(batches[number])
    whole.sweep()
    assert whole.shown_like(wanted["events"], whole.zones()) == wanted["events"]
    assert_reported(whole, wanted)


@pytest.mark.parametrize("every", [1, 17])
def test_a_log_in_order_of_time_is_the_same_swept_often_or_once(every: int, database_pair: tuple[Pool, Pool]) -> None:
    once, often = (Whole(pool) for pool in database_pair)
    facts = in_order_of_time(log("small"))
    once.take(facts)
    once.sweep()
    swept = datetime(2024, 12, 1, tzinfo=UTC)
    for fact in facts:
        time = datetime.fromisoformat(json.loads(fact)["time"])
        while swept + timedelta(days=every) < time:
            swept += timedelta(days=every)
            often.sweep(swept)
        often.take([fact])
    often.sweep()
    assert often.streams() == once.streams()


def test_a_report_as_of_the_end_of_a_month_is_the_one_made_on_that_day(database_pair: tuple[Pool, Pool]) -> None:
    later, then = (Whole(pool) for pool in database_pair)
    facts = in_order_of_time(log("small"))
    later.take(facts)
    later.sweep()
    for year, month in [(2025, month) for month in range(1, 13)] + [(2026, month) for month in range(1, 7)]:
        day = datetime(year, month, monthrange(year, month)[1], 22, tzinfo=UTC)
        arrived = [fact for fact in facts if datetime.fromisoformat(json.loads(fact)["time"]) <= day]
        then.take(arrived)
        then.sweep(day)
        made, asked = then.report("leaders-2025", day), later.report_as_of("leaders-2025", day)
        # what waits and what was refused is told as it stands now
        assert {**figures(made), "facts": None} == {**figures(asked), "facts": None}
