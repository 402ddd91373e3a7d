"""One mentor and one protégé on their way through the eight steps: where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from domain import events
from domain.calendar import add_days, add_months
from domain.policy import Policy
from domain.programme import LONG_AGO
from domain.steps import ENDS

ROLES: tuple[events.Role, ...] = ("mentor", "protege")
LONGEST_TERM_MONTHS = 12 * 400  # no two dates that a fact may name lie further apart


class Done(NamedTuple):
    """How a step was completed; `on_time` against the due date then in force."""

    completed_on: date
    outcome: str
    on_time: bool


class Given(NamedTuple):
    given_on: date
    late: bool


class Round(NamedTuple):
    """One quarter's feedback; `given` by role."""

    due_on: date
    given: dict[str, Given]
    open: bool = True
    missed: tuple[str, ...] = ()
    rescinded: bool = False

    @property
    def in_time(self) -> bool:
        """Both gave it, and neither too late."""
        return len(self.given) == len(ROLES) and not any(given.late for given in self.given.values())


class Flag(NamedTuple):
    since: datetime
    detail: str
    acknowledged: bool = False


class Rating(NamedTuple):
    quarter: int
    satisfaction: int


class Progress(NamedTuple):
    percent: int
    told: datetime | None


class Pause(NamedTuple):
    paused_on: date
    resumed_on: date | None
    until: date | None


@dataclass(slots=True)
class Pairing:
    """Dates that lie ahead are kept as they stand after every pause so far, so reading them needs no history.

    `due`: the pending deadlines by kind; `missed`: those that passed and are not met yet; `misses`: the single
    misses on record that nothing has rescinded; `meeting_misses`: the same for the monthly meetings; `first_held`:
    the meetings held before step 5 was completed, any of which may have been in time.
    """

    id: str
    clock: datetime = LONG_AGO
    programme: str = ""
    mentor: str = ""
    protege: str = ""
    zone: str = "UTC"
    policy: Policy = field(default_factory=Policy)
    proposed_on: date = date.min
    starts_on: date = date.min
    ends_on: date = date.max
    replaces: str | None = None
    step: str = "registration"
    entered_on: date = date.min
    done: dict[str, Done] = field(default_factory=dict)
    waived: dict[str, date] = field(default_factory=dict)
    due: dict[str, date] = field(default_factory=dict)
    missed: dict[str, date] = field(default_factory=dict)
    misses: dict[str, date] = field(default_factory=dict)
    meeting_misses: tuple[date, ...] = ()
    slipped: tuple[date, ...] = ()
    flags: dict[str, Flag] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    shifted: int = 0
    goals: dict[str, Progress] = field(default_factory=dict)
    goals_agreed: bool = False
    first_held_on: date | None = None
    latest_held_on: date | None = None
    first_meeting_due: date | None = None
    first_held: tuple[date, ...] = ()
    never_started_on: date | None = None
    silent_on: date | None = None
    overdue_on: date | None = None
    missed_in_a_row: int = 0
    signed: dict[str, date] = field(default_factory=dict)
    contract: str | None = None
    contract_on: date | None = None
    meetings_entered_on: date | None = None
    next_quarter: int = 1
    rounds: dict[int, Round] = field(default_factory=dict)
    ratings: dict[str, Rating] = field(default_factory=dict)
    term_ended_on: date | None = None
    evaluation_due: date | None = None
    grace_on: date | None = None
    evaluations: dict[str, Given] = field(default_factory=dict)
    ended_on: date | None = None
    reviewed: bool = False

    def copy(self) -> Pairing:
        """A draft of its own: a fold puts new values in, and never changes one in place."""
        return Pairing(*_values(self))

    @property
    def ended(self) -> bool:
        return self.step in ENDS

    @property
    def paused(self) -> Pause | None:
        return self.pauses[-1] if self.pauses and self.pauses[-1].resumed_on is None else None

    def participant(self, role: events.Role) -> str:
        return self.mentor if role == "mentor" else self.protege

    def counted_on(self, day: date, due_on: date) -> date:
        """The date that counts against a due date: what was given during a pause is late only if due before it."""
        if day > due_on:
            for pause in self.pauses:
                over = pause.resumed_on or self.ended_on
                if pause.paused_on <= due_on and (over is None or day < over):
                    return due_on
        return day

    def in_time(self, day: date, due_on: date) -> bool:
        return self.counted_on(day, due_on) <= due_on

    def quarter_on(self, quarter: int) -> date:
        """The date of a quarter that has not opened yet."""
        unpaused = add_months(self.starts_on, quarter * self.policy.feedback_every_months)
        return add_days(unpaused, self.shifted)

    def opens_on(self, quarter: int) -> date | None:
        """The date of a quarter for which the term is long enough."""
        if quarter * self.policy.feedback_every_months > LONGEST_TERM_MONTHS:
            return None
        opens_on = self.quarter_on(quarter)
        return opens_on if add_days(opens_on, self.policy.feedback_days) < self.ends_on else None

    @property
    def open_round(self) -> int | None:
        return max(self.rounds) if self.step == "feedback" else None

    def missing_from(self, given: dict[str, Any]) -> tuple[events.Role, ...]:
        return tuple(role for role in ROLES if role not in given)


_values = attrgetter(*Pairing.__dataclass_fields__)
