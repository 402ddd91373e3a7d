"""What the read models are asked, and what they answer with, for whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.health import Deadline
from domain.programme import Programme

SORTS = (
    "pairing",
    "mentor",
    "protege",
    "department",
    "step",
    "health",
    "flags",
    "next_due",
    "proposed_on",
    "ends_on",
)


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """Which pairings of a programme, in which order, which page; `department` is the protégé's.

    `among`: of these pairings only. `people`: with one of these participants only, or with `id` (in small letters)
    in its own id. `ranked`: the participants in the order of their names, by which mentors and protégés are sorted.
    """

    programme: str
    state: str | None = None
    step: str | None = None
    health: str | None = None
    flag: str | None = None
    mentor: str | None = None
    department: str | None = None
    among: list[str] | None = None
    people: list[str] | None = None
    id: str | None = None
    ranked: Sequence[str] = ()
    group: str | None = None
    sort: str = "pairing"
    descending: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One pairing as the board shows it; a name that the reader may not see is "(withheld)"."""

    pairing: str
    programme: str
    state: str
    step: str
    step_number: int | None
    health: str
    next_due_on: date | None
    next_due_kind: str | None
    flags: tuple[str, ...]
    proposed_on: date
    ends_on: date
    version: int
    position: int
    mentor: str
    mentor_name: str
    protege: str
    protege_name: str
    department: str | None
    in_group: int
    """How many pairings its group has in all, where the query groups."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page, and how many pairings the query finds in all."""

    rows: list[BoardRow]
    total: int


class OpenFlag(NamedTuple):
    signal: str
    since: datetime
    detail: str
    acknowledged: bool


class WaitingFact(NamedTuple):
    """A parked fact, by what is not sealed of it."""

    arrival: int
    source: str
    id: str
    type: str | None
    time: datetime | None
    received_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class PairingView:
    """Where a pairing stands."""

    id: str
    programme: str
    mentor: str
    mentor_name: str
    protege: str
    protege_name: str
    timezone: str
    state: str
    step: str
    health: str
    starts_on: date
    ends_on: date
    replaces: str | None
    deadlines: list[Deadline]
    flags: list[OpenFlag]
    waiting: list[WaitingFact]
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme, and how many pairings and people are in it."""

    programme: Programme
    version: int
    position: int
    pairings: int
    people: int


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A participant; name and e-mail address are "(withheld)" from whoever may not see them."""

    id: str
    programme: str
    role: str
    person: str
    name: str
    email: str
    status: str
    department: str | None
    capacity: int | None
    manager: str | None
    assessed_on: date | None
    attended_on: date | None
    active: tuple[str, ...]
    pairings: tuple[str, ...]
    version: int
    position: int


class PersonRow(NamedTuple):
    """A participant in a list."""

    id: str
    role: str
    status: str
    department: str | None
    name: str


class Told(NamedTuple):
    """One event of a pairing in a plain sentence; `step` is where it then stood."""

    version: int
    position: int
    at: datetime
    recorded_at: datetime
    type: str
    step: str
    sentence: str
