"""The occurrences: a row an event that reporting tools count, dates and figures in columns, nothing a pair wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain import events
from domain.events import Event
from eventstore.rows import StoredEvent
from projections import queries
from projections.model import ReadModel, instant, plain, text

# kind, number, day, met_on, by, satisfaction, progress, late, detail
Columns = tuple[Any, ...]


@dataclass(slots=True)
class Counted:
    """A pairing, and the lines told since it was begun: no line needs to know another."""

    id: str
    lines: list[str] = field(default_factory=list)


COLUMNS: dict[type, Callable[[Any], Columns]] = {
    events.MeetingHeld: lambda e: (e.mode, e.minutes, e.held_on, None, None, None, None, None, None),
    events.MeetingMissed: lambda e: (None, None, e.planned_on, None, e.by, None, None, None, None),
    events.FeedbackOpened: lambda e: (None, e.quarter, e.due_on, None, None, None, None, None, None),
    events.FeedbackGiven: lambda e: (
        *(None, e.quarter, e.given_on, None, e.by, e.satisfaction, e.progress, e.late, None),
    ),
    events.DeadlineMissed: lambda e: (e.deadline, e.quarter, e.due_on, None, None, None, None, None, None),
    events.DeadlineMissRescinded: lambda e: (e.deadline, e.quarter, e.due_on, e.met_on, None, None, None, None, None),
    events.FlagRaised: lambda e: (e.signal, None, None, None, None, None, None, None, None),
    events.FlagCleared: lambda e: (e.signal, None, None, None, None, None, None, None, None),
    events.FlagAcknowledged: lambda e: (e.signal, None, None, None, None, None, None, None, None),
    events.TermEnded: lambda e: (e.reason if e.early else None, None, e.ends_on, None, e.by, None, None, None, None),
    events.PairingClosedEarly: lambda e: (
        *(e.reason, len(e.open_flags), e.closed_on, None, e.by, None, None, None, e.step),
    ),
    events.ClosureReviewed: lambda e: (None, None, None, None, None, None, None, None, e.outcome),
}


def _evolve(counted: Counted, stored: StoredEvent, event: Event) -> None:
    columns = COLUMNS.get(type(event))
    if columns is None:
        return
    kind, number, day, met_on, by, satisfaction, progress, late, detail = columns(event)
    counted.lines.append(
        f"{counted.id}\t{stored.version}\t{stored.position}\t{instant(stored.at)}\t{type(event).__name__}\t{text(kind)}"
        f"\t{plain(number)}\t{plain(day)}\t{plain(met_on)}\t{text(by)}\t{plain(satisfaction)}\t{plain(progress)}"
        f"\t{plain(late)}\t{text(detail)}\n"
    )


def _restore(row: tuple[Any, ...]) -> Counted:
    return Counted(row[0])


def _lines(counted: Counted) -> str:
    return "".join(counted.lines)


OCCURRENCES = ReadModel(
    "occurrences", "pairing", queries.load("occurrences.sql"), "1", Counted, _restore, _evolve, _lines
)
