"""What each kind of fact says in its `data`: one frozen class a type, as upstream systems tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.events import Competency, Goal, MeetingAction, Role
from domain.policy import Policy

Mode = Literal["in_person", "video", "phone"]
Requirement = Literal["assessment", "workshop", "goals", "contract"]
ClosedBy = Literal["mentor", "protege", "mpm", "hr"]
ReviewOutcome = Literal["rematch", "end"]

DEFAULTS = Policy()

# A programme


@dataclass(frozen=True, slots=True)
class ProgrammeOpened:
    name: str
    purpose: str
    starts_on: date
    competencies: tuple[Competency, ...]
    timezone: str = "UTC"
    policy: Policy = DEFAULTS


@dataclass(frozen=True, slots=True)
class ProgrammeClosed:
    by: str


# A participant


@dataclass(frozen=True, slots=True)
class ParticipantRegistered:
    programme: str
    role: Role
    person: str
    name: str
    email: str
    manager: str | None = None
    department: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ParticipantApproved:
    by: str


@dataclass(frozen=True, slots=True)
class ParticipantDeclined:
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParticipantAssessed:
    """`assessed_on` left out is the date of the fact's time."""

    ratings: dict[str, int]
    assessed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ParticipantTrained:
    workshop: str
    attended_on: date


@dataclass(frozen=True, slots=True)
class LineChanged:
    """`manager` is a person, or nobody."""

    manager: str | None


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Only what changed is given."""

    name: str | None = None
    email: str | None = None
    department: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    reason: str | None = None


# A pairing


@dataclass(frozen=True, slots=True)
class PairingProposed:
    programme: str
    mentor: str
    protege: str
    starts_on: date
    ends_on: date | None = None
    replaces: str | None = None
    score: float | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementWaived:
    requirement: Requirement
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoalsAgreed:
    """`goals` are in order of priority."""

    agreed_on: date
    strengths: tuple[str, ...]
    needs: tuple[str, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    held_on: date
    minutes: int
    mode: Mode | None = None
    topics: tuple[str, ...] = ()
    agenda: str | None = None
    notes: str | None = None
    actions: tuple[MeetingAction, ...] = ()


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
class GoalProgressed:
    goal: str
    percent: int


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    quarter: int
    by: Role
    satisfaction: int
    progress: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationGiven:
    by: Role
    satisfaction: int
    recommend: bool
    worked: str | None = None
    did_not: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PairingPaused:
    paused_on: date
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PairingResumed:
    resumed_on: date


@dataclass(frozen=True, slots=True)
class PairingClosed:
    by: ClosedBy
    reason: str
    closed_on: date
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ClosureReviewed:
    by: str
    outcome: ReviewOutcome
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FlagAcknowledged:
    signal: str
    by: str
    note: str | None = None


ProgrammeFact = ProgrammeOpened | ProgrammeClosed
ParticipantFact = (
    ParticipantRegistered
    | ParticipantApproved
    | ParticipantDeclined
    | ParticipantAssessed
    | ParticipantTrained
    | LineChanged
    | ParticipantChanged
    | ParticipantLeft
)
PairingFact = (
    PairingProposed
    | RequirementWaived
    | GoalsAgreed
    | MeetingHeld
    | MeetingMissed
    | ContractSigned
    | GoalProgressed
    | FeedbackGiven
    | EvaluationGiven
    | PairingPaused
    | PairingResumed
    | PairingClosed
    | ClosureReviewed
    | FlagAcknowledged
)
FactData = ProgrammeFact | ParticipantFact | PairingFact
