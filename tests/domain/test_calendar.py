"""Section 4: dates and instants in a programme's zone, where clocks change at midnight and days go missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from domain import events
from domain.calendar import add_months, date_of, start_of
from tests.domain.story import READY, a_pair_in, day, given, instant, opened, proposed, sweep

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Etc/GMT+12",
    "America/St_Johns",
)


@pytest.mark.parametrize(
    ("zone", "on", "begins"),
    [
        ("UTC", "2025-01-01", "2025-01-01T00:00+00:00"),
        ("Etc/GMT+12", "2025-01-01", "2025-01-01T12:00+00:00"),
        ("Pacific/Kiritimati", "2025-01-01", "2024-12-31T10:00+00:00"),
        ("Asia/Kathmandu", "2025-01-01", "2024-12-31T18:15+00:00"),
        # Clocks went forward at midnight: the date begins at 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00+00:00"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00+00:00"),
        ("Asia/Beirut", "2025-03-30", "2025-03-29T22:00+00:00"),
        # Clocks went back at midnight or at one: the date begins the first time that it is 00:00.
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00+00:00"),
        ("America/Havana", "2024-11-03", "2024-11-03T04:00+00:00"),
        ("Asia/Beirut", "2024-10-27", "2024-10-26T22:00+00:00"),
        # Samoa had no 2011-12-30: it begins where the next date does.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00+00:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00+00:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00+00:00"),
    ],
)
def test_a_date_begins_at_its_first_instant_in_the_zone(zone: str, on: str, begins: str) -> None:
    assert start_of(day(on), zone) == instant(begins)


@pytest.mark.parametrize("zone", ZONES)
@hypothesis_given(on=st.dates(date(1980, 1, 1), date(2037, 12, 31)))
def test_the_start_of_a_date_is_on_it_and_the_instant_before_is_not(zone: str, on: date) -> None:
    begins = start_of(on, zone)
    assert begins.tzinfo is UTC
    assert date_of(begins, zone) >= on
    assert date_of(begins - timedelta(microseconds=1), zone) < on
    if (zone, on) != ("Pacific/Apia", date(2011, 12, 30)):
        assert date_of(begins, zone) == on


@pytest.mark.parametrize("zone", ZONES)
@hypothesis_given(on=st.dates(date(1980, 1, 1), date(2037, 12, 30)))
def test_dates_begin_one_after_the_other(zone: str, on: date) -> None:
    assert start_of(on, zone) <= start_of(on + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("zone", "on"), [("UTC", "2025-03-10"), ("Asia/Tokyo", "2025-03-11"), ("Etc/GMT+12", "2025-03-10")]
)
def test_the_date_of_an_instant_is_its_date_in_the_zone(zone: str, on: str) -> None:
    assert date_of(datetime(2025, 3, 10, 20, tzinfo=UTC), zone) == day(on)


@pytest.mark.parametrize(
    ("on", "months", "later"),
    [
        ("2025-01-15", 1, "2025-02-15"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-08-31", 1, "2025-09-30"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-11-30", 1, "2025-12-30"),
        ("2025-03-31", 0, "2025-03-31"),
    ],
)
def test_adding_months_keeps_the_day_or_takes_the_month_s_last(on: str, months: int, later: str) -> None:
    assert add_months(day(on), months) == day(later)


def test_a_deadline_is_missed_when_the_next_date_begins_in_the_programme_s_zone() -> None:
    story = given(a_pair_in("goals", zone="Pacific/Kiritimati"))
    story.when(sweep("2025-01-21T09:59:59+00:00")).then()  # proposed at noon UTC: the 7th on the island
    story.when(sweep("2025-01-21T10:00+00:00")).then(
        events.DeadlineMissed("goals", day("2025-01-21")), at="2025-01-21T10:00+00:00"
    )


def test_a_term_that_ends_on_a_date_without_midnight_ends_at_its_first_instant() -> None:
    story = given(opened(zone="Africa/Cairo"), READY, proposed(ends_on="2025-04-25"))
    story.when(sweep("2025-04-24T21:59:59+00:00"))
    assert story.pairing().step == "goals"
    story.when(sweep("2025-04-24T22:00+00:00"))
    assert story.pairing().step == "closed_early"
    assert {one.at for one in story.last.recorded} == {instant("2025-04-24T22:00+00:00")}
