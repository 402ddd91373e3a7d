"""Dates and instants in a programme's time zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def date_of(instant: datetime, zone: str) -> date:
    """The calendar date of an instant in the zone."""
    return instant.astimezone(zone_named(zone)).date()


@lru_cache(maxsize=16384)
def start_of(day: date, zone: str) -> datetime:
    """The first instant of a date in the zone, in UTC: 00:00, or where the clocks skip that, what comes first."""
    tz = zone_named(zone)
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a wall clock, before it gets its zone
    start = midnight.replace(tzinfo=tz).astimezone(UTC)
    if start.astimezone(tz).replace(tzinfo=None) == midnight:
        return start
    # 00:00 does not exist on that date: find the minute at which the date begins.
    before, after = start - 2 * DAY, start + 2 * DAY
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(tz).date() < day:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@lru_cache(maxsize=16384)
def add_months(day: date, months: int) -> date:
    """The same day some months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)
