"""One person in one programme in one role: registered, approved, assessed, trained, and the pairings they are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from operator import attrgetter

from domain import events, facts
from domain.calendar import date_of
from domain.programme import LONG_AGO, Programme
from domain.refusals import Refused


@dataclass(slots=True)
class Participant:
    """`approved_on`, `assessed_on` and `attended_on` are those of the first told, the evidence for steps 1 to 3."""

    id: str
    clock: datetime = LONG_AGO
    programme: str = ""
    role: events.Role = "mentor"
    person: str = ""
    manager: str | None = None
    line_since: datetime | None = None
    capacity: int | None = None
    approved_on: date | None = None
    declined: bool = False
    left: bool = False
    forgotten: bool = False
    assessed_on: date | None = None
    attended_on: date | None = None
    active: tuple[str, ...] = ()

    def copy(self) -> Participant:
        return Participant(*_values(self))

    @property
    def gone(self) -> bool:
        return self.declined or self.left


_values = attrgetter(*Participant.__dataclass_fields__)


def evolve(participant: Participant, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into the participant, whom the fold owns."""
    participant.clock = at
    match event:
        case events.ParticipantRegistered():
            participant.programme = event.programme
            participant.role = event.role
            participant.person = event.person
            participant.manager = event.manager
            participant.line_since = at if event.manager is not None else None
            participant.capacity = event.capacity
        case events.ParticipantApproved():
            participant.approved_on = event.approved_on
        case events.ParticipantDeclined():
            participant.declined = True
        case events.CompetenciesAssessed():
            participant.assessed_on = participant.assessed_on or event.assessed_on
        case events.WorkshopAttended():
            participant.attended_on = participant.attended_on or event.attended_on
        case events.ReportingLineChanged():
            participant.manager = event.manager
            participant.line_since = event.since
        case events.ParticipantLeft():
            participant.left = True
        case events.ParticipantForgotten():
            participant.forgotten = True
        case events.ParticipantChanged():
            participant.capacity = event.capacity or participant.capacity
        case events.PairingJoined():
            participant.active = tuple(sorted((*participant.active, event.pairing)))
        case events.PairingLeft():
            participant.active = tuple(pairing for pairing in participant.active if pairing != event.pairing)


def forgotten(participant: str) -> str:
    """Why nothing more is recorded about somebody."""
    return f"participant {participant} was forgotten: nothing more is recorded about them"


def claim(fact: facts.ParticipantRegistered) -> str:
    """The promise that one person is registered once a role and programme."""
    return f"{fact.programme}/{fact.role}/{fact.person}"


def register(participant: Participant | None, fact: facts.Fact, data: facts.ParticipantRegistered) -> events.Event:
    """What a registration records. Raises Refused."""
    if participant is not None:
        if participant.forgotten:
            raise Refused(forgotten(fact.subject))
        raise Refused(f"participant {fact.subject} is registered already")
    return events.ParticipantRegistered(
        programme=data.programme,
        role=data.role,
        person=data.person,
        name=data.name,
        email=data.email,
        manager=data.manager,
        department=data.department,
        capacity=data.capacity,
    )


def decide(participant: Participant, programme: Programme, fact: facts.Fact) -> events.Event:
    """What any later fact about a participant records. Raises Refused."""
    data = fact.data
    told_on = date_of(fact.time, programme.timezone)
    if participant.forgotten:
        raise Refused(forgotten(participant.id))
    if participant.gone and not isinstance(data, facts.LineChanged):
        state = "declined" if participant.declined else "gone"
        raise Refused(f"participant {participant.id} is {state}, which is final")
    match data:
        case facts.ParticipantApproved():
            if participant.approved_on is not None:
                raise Refused(f"participant {participant.id} is approved already")
            return events.ParticipantApproved(by=data.by, approved_on=told_on)
        case facts.ParticipantDeclined():
            if participant.approved_on is not None:
                raise Refused(f"participant {participant.id} is approved already and can only leave")
            return events.ParticipantDeclined(by=data.by, reason=data.reason)
        case facts.ParticipantAssessed():
            return _assessed(programme, data, told_on)
        case facts.ParticipantTrained():
            not_ahead("attended_on", data.attended_on, told_on)
            return events.WorkshopAttended(workshop=data.workshop, attended_on=data.attended_on)
        case facts.LineChanged():
            if participant.line_since is not None and fact.time < participant.line_since:
                raise Refused("a newer reporting line is in force already")
            return events.ReportingLineChanged(manager=data.manager, since=fact.time)
        case facts.ParticipantChanged():
            return events.ParticipantChanged(
                name=data.name, email=data.email, department=data.department, capacity=data.capacity
            )
    assert isinstance(data, facts.ParticipantLeft), fact.type
    return events.ParticipantLeft(reason=data.reason)


def _assessed(programme: Programme, data: facts.ParticipantAssessed, told_on: date) -> events.Event:
    assessed_on = data.assessed_on or told_on
    not_ahead("assessed_on", assessed_on, told_on)
    asked = {competency.id for competency in programme.competencies}
    if unrated := sorted(asked - data.ratings.keys()):
        raise Refused(f"the assessment does not rate {', '.join(unrated)}")
    if unknown := sorted(data.ratings.keys() - asked):
        raise Refused(f"the assessment rates {', '.join(unknown)}, which the programme does not have")
    average = Decimal(sum(data.ratings.values())) / len(data.ratings)
    return events.CompetenciesAssessed(
        ratings=data.ratings,
        average=float(average.quantize(Decimal("0.01"), ROUND_HALF_EVEN)),
        assessed_on=assessed_on,
    )


def not_ahead(field: str, day: date, told_on: date) -> None:
    """A business date after the date of its fact is refused."""
    if day > told_on:
        raise Refused(f"{field} {day} lies after {told_on}, the date on which the fact was told")
