"""The vocabulary of the record: what this service can say that it decided, one frozen class an event.

A class name is the event's permanent name. A new optional field is free; any other change is a new event, and an
upcast for the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from domain.policy import Policy

Role = Literal["mentor", "protege"]
Outcome = Literal["done", "waived", "lapsed", "off"]


@dataclass(frozen=True, slots=True)
class Competency:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Goal:
    id: str
    title: str
    actions: tuple[str, ...]
    competency: str | None = None
    resources: tuple[str, ...] = ()
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class MeetingAction:
    title: str
    owner: Role
    due_on: date | None = None


# The programme


@dataclass(frozen=True, slots=True)
class ProgrammeOpened:
    name: str
    purpose: str
    starts_on: date
    timezone: str
    policy: Policy
    competencies: tuple[Competency, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeClosed:
    by: str


# A participant


@dataclass(frozen=True, slots=True)
class ParticipantRegistered:
    """`name` and `email` are sealed."""

    programme: str
    role: Role
    person: str
    name: str | None
    email: str | None
    manager: str | None = None
    department: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ParticipantApproved:
    """`approved_on` is the date on which it was said, which may lie before the event's `at`."""

    by: str
    approved_on: date


@dataclass(frozen=True, slots=True)
class ParticipantDeclined:
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompetenciesAssessed:
    """`average` of the ratings, to two decimals, half to even."""

    ratings: dict[str, int]
    average: float
    assessed_on: date


@dataclass(frozen=True, slots=True)
class WorkshopAttended:
    workshop: str
    attended_on: date


@dataclass(frozen=True, slots=True)
class ReportingLineChanged:
    """`since` is the time of the fact, by which a later told but older line is known."""

    manager: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParticipantForgotten:
    """Their keys are destroyed: what names them, and what their pairs wrote, can be read by nobody any more."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Only what changed is given; `name` and `email` are sealed."""

    name: str | None = None
    email: str | None = None
    department: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class PairingJoined:
    pairing: str


@dataclass(frozen=True, slots=True)
class PairingLeft:
    pairing: str


# A pairing


@dataclass(frozen=True, slots=True)
class PairingProposed:
    """Carries the policy and time zone of its programme, so that no reader needs another stream."""

    programme: str
    mentor: str
    protege: str
    proposed_on: date
    starts_on: date
    ends_on: date
    timezone: str
    policy: Policy
    replaces: str | None = None
    score: float | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepEntered:
    """`due_on` of the step; for `meetings` that of the next meeting; none where the requirement is off."""

    step: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class StepCompleted:
    step: str
    completed_on: date
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RequirementWaived:
    requirement: str
    by: str
    reason: str
    waived_on: date


@dataclass(frozen=True, slots=True)
class GoalsAgreed:
    agreed_on: date
    strengths: tuple[str, ...]
    needs: tuple[str, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class GoalsRevised:
    agreed_on: date
    strengths: tuple[str, ...]
    needs: tuple[str, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """`next_due_on` only in steps 6 and 7; `agenda` and `notes` are sealed."""

    held_on: date
    minutes: int
    mode: str | None = None
    topics: tuple[str, ...] = ()
    agenda: str | None = None
    notes: str | None = None
    actions: tuple[MeetingAction, ...] = ()
    next_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class MeetingMissed:
    planned_on: date
    reason: str | None = None
    by: Role | None = None


@dataclass(frozen=True, slots=True)
class ContractSigned:
    by: Role
    signed_on: date


@dataclass(frozen=True, slots=True)
class ContractLapsed:
    due_on: date


@dataclass(frozen=True, slots=True)
class GoalProgressed:
    """`told` is the time of the fact, by which a later told but older figure is known."""

    goal: str
    percent: int
    told: datetime


@dataclass(frozen=True, slots=True)
class FeedbackOpened:
    quarter: int
    due_on: date


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """`comment` is sealed."""

    quarter: int
    by: Role
    satisfaction: int
    progress: int
    late: bool
    given_on: date
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackClosed:
    quarter: int
    missing: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class TermEnded:
    ends_on: date
    early: bool
    by: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationGiven:
    """`worked`, `did_not` and `why` are sealed."""

    by: Role
    satisfaction: int
    recommend: bool
    late: bool
    given_on: date
    worked: str | None = None
    did_not: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class DeadlineMissed:
    deadline: str
    due_on: date
    quarter: int | None = None
    missing: tuple[Role, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeadlineMissRescinded:
    deadline: str
    due_on: date
    met_on: date
    quarter: int | None = None


@dataclass(frozen=True, slots=True)
class FlagRaised:
    signal: str
    detail: str


@dataclass(frozen=True, slots=True)
class FlagCleared:
    signal: str
    why: str


@dataclass(frozen=True, slots=True)
class FlagAcknowledged:
    signal: str
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PairingPaused:
    paused_on: date
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PairingResumed:
    """`days` from `paused_on` to `resumed_on`, by which every pending date moves later."""

    resumed_on: date
    days: int


@dataclass(frozen=True, slots=True)
class PairingClosedEarly:
    reason: str
    by: str
    closed_on: date
    step: str
    open_flags: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ClosureReviewed:
    by: str
    outcome: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PairingCompleted:
    completed_on: date
    missing: tuple[Role, ...]
    by: str | None = None
    reason: str | None = None
    note: str | None = None


ProgrammeEvent = ProgrammeOpened | ProgrammeClosed
ParticipantEvent = (
    ParticipantRegistered
    | ParticipantApproved
    | ParticipantDeclined
    | CompetenciesAssessed
    | WorkshopAttended
    | ReportingLineChanged
    | ParticipantLeft
    | ParticipantForgotten
    | ParticipantChanged
    | PairingJoined
    | PairingLeft
)
PairingEvent = (
    PairingProposed
    | StepEntered
    | StepCompleted
    | RequirementWaived
    | GoalsAgreed
    | GoalsRevised
    | MeetingHeld
    | MeetingMissed
    | ContractSigned
    | ContractLapsed
    | GoalProgressed
    | FeedbackOpened
    | FeedbackGiven
    | FeedbackClosed
    | TermEnded
    | EvaluationGiven
    | DeadlineMissed
    | DeadlineMissRescinded
    | FlagRaised
    | FlagCleared
    | FlagAcknowledged
    | PairingPaused
    | PairingResumed
    | PairingClosedEarly
    | ClosureReviewed
    | PairingCompleted
)
Event = ProgrammeEvent | ParticipantEvent | PairingEvent

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}

# What a pair wrote and who a participant is: stored encrypted, and withheld from whoever may not read it.
SEALED: dict[str, tuple[str, ...]] = {
    "ParticipantRegistered": ("name", "email"),
    "ParticipantChanged": ("name", "email"),
    "MeetingHeld": ("agenda", "notes"),
    "FeedbackGiven": ("comment",),
    "EvaluationGiven": ("worked", "did_not", "why"),
}
