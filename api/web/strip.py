"""A pairing's meetings over its year: where each lies on a line from its proposal to its end, in percent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from api.web.words import day, words
from domain import events
from domain.calendar import add_months


class Point(NamedTuple):
    """Something on a day: held, missed (a meeting) or late (a deadline)."""

    kind: str
    x: float
    on: date
    says: str


class Stretch(NamedTuple):
    """A pause."""

    x: float
    width: float
    says: str


class Strip(NamedTuple):
    """The line: what lies on it, its months, and today where that is on it."""

    points: list[Point]
    pauses: list[Stretch]
    months: list[tuple[float, str]]
    today: float | None
    says: str


def strip(told: Iterable[events.Event], today: date) -> Strip | None:
    """Drawn from the pairing's own events; none before it was proposed."""
    found = list(told)
    proposed = next((event for event in found if isinstance(event, events.PairingProposed)), None)
    if proposed is None:
        return None
    first, last = proposed.proposed_on, max((proposed.ends_on, *(on for event in found for on in _days(event))))
    whole = max((last - first).days, 1)

    def at(on: date) -> float:
        return round(100 * min(max((on - first).days, 0), whole) / whole, 2)

    points = []
    for event in found:
        match event:
            case events.MeetingHeld():
                how = f", {words(event.mode).lower()}" if event.mode else ""
                says = f"Met on {day(event.held_on)}, {event.minutes} minutes{how}"
                points.append(Point("held", at(event.held_on), event.held_on, says))
            case events.MeetingMissed():
                says = f"The meeting planned for {day(event.planned_on)} did not take place"
                points.append(Point("missed", at(event.planned_on), event.planned_on, says))
    points.sort(key=lambda point: point.on)
    held = sum(point.kind == "held" for point in points)
    return Strip(
        points,
        _pauses(found, today, at),
        [(at(month), f"{month:%b}") for month in _months(first, last)],
        at(today) if first <= today <= last else None,
        f"{held} {'meeting' if held == 1 else 'meetings'} held, {len(points) - held} missed",
    )


def _days(event: events.Event) -> tuple[date, ...]:
    match event:
        case events.MeetingHeld():
            return (event.held_on,)
        case events.PairingResumed():
            return (event.resumed_on,)
    return ()


def _pauses(found: Iterable[events.Event], today: date, at: Callable[[date], float]) -> list[Stretch]:
    pauses: list[Stretch] = []
    begun: date | None = None
    for event in found:
        match event:
            case events.PairingPaused():
                begun = event.paused_on
            case events.PairingResumed() if begun is not None:
                until = event.resumed_on
                says = f"Paused from {day(begun)} to {day(until)}"
                pauses.append(Stretch(at(begun), round(at(until) - at(begun), 2), says))
                begun = None
    if begun is not None:
        pauses.append(Stretch(at(begun), round(at(today) - at(begun), 2), f"Paused since {day(begun)}"))
    return pauses


def _months(first: date, last: date) -> Iterable[date]:
    month = add_months(first.replace(day=1), 1)
    # a pairing may be meant to last for ever; more than a few years of months cannot be told apart
    while month <= last and month < first + timedelta(days=3 * 366):
        yield month
        month = add_months(month, 1)
