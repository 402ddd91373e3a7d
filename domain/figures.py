"""What the events of one pairing, and of one participant, add up to for the board and the report."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from domain import events
from domain.pairing import Pairing
from domain.pairing_folds import evolve as evolve_pairing
from domain.participant import Participant
from domain.participant import evolve as evolve_participant

QUESTIONS = ("worked", "did_not", "why")


class Answer(NamedTuple):
    """One role's feedback on one quarter."""

    satisfaction: int
    progress: int
    late: bool


class Verdict(NamedTuple):
    """One role's final evaluation."""

    satisfaction: int
    recommend: bool


class Said(NamedTuple):
    """An answer to `worked`, `did_not` or `why`: sealed, or opened; none where that cannot be."""

    at: datetime
    question: str
    text: str | None


class Closing(NamedTuple):
    """How a pairing closed early; `flagged`: a flag was open when it did."""

    reason: str
    by: str
    step: str
    flagged: bool


class Assessment(NamedTuple):
    assessed_on: date
    ratings: dict[str, int]


class Name(NamedTuple):
    """A name or e-mail address: sealed by the event that says it, or opened; none where that cannot be."""

    event: str
    text: str | None


@dataclass(slots=True)
class PairingFigures:
    """`months_held`: the calendar months with a meeting held, each once, in order (see `month_of`)."""

    pairing: Pairing
    held: int = 0
    minutes: int = 0
    missed: int = 0
    months_held: list[int] = field(default_factory=list)
    misses: dict[str, int] = field(default_factory=dict)
    rescinded: dict[str, int] = field(default_factory=dict)
    raised: dict[str, int] = field(default_factory=dict)
    feedback: dict[int, dict[str, Answer]] = field(default_factory=dict)
    evaluations: dict[str, Verdict] = field(default_factory=dict)
    fulfilled: bool = False
    closing: Closing | None = None
    said: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class PersonFigures:
    """`names`: every name the person had, the last one in force; `assessments` in the order recorded."""

    participant: Participant
    names: list[Name] = field(default_factory=list)
    email: Name | None = None
    department: str | None = None
    assessments: list[Assessment] = field(default_factory=list)


def pairing_figures(pairing: str) -> PairingFigures:
    """A pairing of which nothing is recorded yet."""
    return PairingFigures(Pairing(pairing))


def person_figures(participant: str) -> PersonFigures:
    """A participant of whom nothing is recorded yet."""
    return PersonFigures(Participant(participant))


def evolve(figures: PairingFigures, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into the figures, which the fold owns."""
    evolve_pairing(figures.pairing, event, at)
    count = _COUNTS.get(type(event))
    if count is not None:
        count(figures, event)


def evolve_person(figures: PersonFigures, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into the participant's figures, which the fold owns."""
    evolve_participant(figures.participant, event, at)
    match event:
        case events.ParticipantRegistered() | events.ParticipantChanged():
            kind = type(event).__name__
            if event.name is not None:
                figures.names.append(Name(kind, event.name))
            if event.email is not None:
                figures.email = Name(kind, event.email)
            if event.department is not None:
                figures.department = event.department
        case events.CompetenciesAssessed():
            figures.assessments.append(Assessment(event.assessed_on, event.ratings))


def month_of(day: date) -> int:
    """A calendar month as one number, so that the next month is the next number."""
    return day.year * 12 + day.month - 1


def _held(figures: PairingFigures, event: events.MeetingHeld) -> None:
    figures.held += 1
    figures.minutes += event.minutes
    month = month_of(event.held_on)
    if month not in figures.months_held:
        insort(figures.months_held, month)


def _missed(figures: PairingFigures, _: events.MeetingMissed) -> None:
    figures.missed += 1


def _deadline_missed(figures: PairingFigures, event: events.DeadlineMissed) -> None:
    figures.misses[event.deadline] = figures.misses.get(event.deadline, 0) + 1


def _rescinded(figures: PairingFigures, event: events.DeadlineMissRescinded) -> None:
    figures.rescinded[event.deadline] = figures.rescinded.get(event.deadline, 0) + 1


def _raised(figures: PairingFigures, event: events.FlagRaised) -> None:
    figures.raised[event.signal] = figures.raised.get(event.signal, 0) + 1


def _feedback(figures: PairingFigures, event: events.FeedbackGiven) -> None:
    given = figures.feedback.setdefault(event.quarter, {})
    given[event.by] = Answer(event.satisfaction, event.progress, event.late)


def _evaluated(figures: PairingFigures, event: events.EvaluationGiven) -> None:
    figures.evaluations[event.by] = Verdict(event.satisfaction, event.recommend)
    for question, text in zip(QUESTIONS, (event.worked, event.did_not, event.why), strict=True):
        if text is not None:
            figures.said.append(Said(figures.pairing.clock, question, text))


def _term_ended(figures: PairingFigures, event: events.TermEnded) -> None:
    figures.fulfilled = event.early and event.reason == "goals_met"


def _closed(figures: PairingFigures, event: events.PairingClosedEarly) -> None:
    figures.closing = Closing(event.reason, event.by, event.step, bool(event.open_flags))


_COUNTS: dict[type, Callable[[PairingFigures, Any], None]] = {
    events.MeetingHeld: _held,
    events.MeetingMissed: _missed,
    events.DeadlineMissed: _deadline_missed,
    events.DeadlineMissRescinded: _rescinded,
    events.FlagRaised: _raised,
    events.FeedbackGiven: _feedback,
    events.EvaluationGiven: _evaluated,
    events.TermEnded: _term_ended,
    events.PairingClosedEarly: _closed,
}
