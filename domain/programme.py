"""One run of a mentoring programme: what it asks of its pairs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain import events, facts
from domain.policy import Policy
from domain.refusals import Refused

DEFAULTS = Policy()
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class Programme:
    id: str
    clock: datetime = LONG_AGO
    name: str = ""
    purpose: str = ""
    starts_on: date = date.min
    timezone: str = "UTC"
    policy: Policy = DEFAULTS
    competencies: tuple[events.Competency, ...] = ()
    closed: bool = False

    def copy(self) -> Programme:
        return copy(self)


def evolve(programme: Programme, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into the programme, which the fold owns."""
    programme.clock = at
    match event:
        case events.ProgrammeOpened():
            programme.name = event.name
            programme.purpose = event.purpose
            programme.starts_on = event.starts_on
            programme.timezone = event.timezone
            programme.policy = event.policy
            programme.competencies = event.competencies
        case events.ProgrammeClosed():
            programme.closed = True


def decide(programme: Programme | None, fact: facts.ProgrammeOpened | facts.ProgrammeClosed) -> events.Event:
    """What a programme's own fact records. Raises Refused."""
    match fact:
        case facts.ProgrammeOpened():
            if programme is not None:
                raise Refused(f"programme {programme.id} is open already; one id is one programme")
            return events.ProgrammeOpened(
                name=fact.name,
                purpose=fact.purpose,
                starts_on=fact.starts_on,
                timezone=fact.timezone,
                policy=fact.policy,
                competencies=fact.competencies,
            )
        case facts.ProgrammeClosed():
            assert programme is not None
            if programme.closed:
                raise Refused(f"programme {programme.id} is closed already")
            return events.ProgrammeClosed(by=fact.by)
