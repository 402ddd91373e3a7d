"""What the core decides in and what it decides: streams as they stand, and what one fact or one instant leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from domain import events, facts, pairing_folds, participant, programme
from domain.pairing import Pairing
from domain.participant import Participant
from domain.programme import Programme

State = Programme | Participant | Pairing
Disposition = Literal["accepted", "parked", "refused"]


@dataclass(slots=True)
class Waiting:
    """A parked fact; `arrival` is its place in the order in which facts arrived."""

    fact: facts.Fact
    arrival: int


@dataclass(slots=True)
class Place:
    """A stream as it stands: its state, if it exists, and the facts that wait for it.

    `barred`: its proposal was refused, so whatever is told about it is refused until one is accepted; a participant who
    was forgotten before they were registered stays so.
    """

    stream: str
    state: State | None = None
    waiting: tuple[Waiting, ...] = ()
    barred: bool = False

    def copy(self) -> Place:
        return Place(self.stream, None if self.state is None else self.state.copy(), self.waiting, self.barred)


class Missing(Exception):
    """The decision needs streams, or the holders of claims, that were not loaded."""

    def __init__(self, streams: tuple[str, ...] = (), claims: tuple[str, ...] = ()) -> None:
        super().__init__(f"not loaded: {', '.join((*streams, *claims))}")
        self.streams = streams
        self.claims = claims


class World(Protocol):
    def place(self, stream: str) -> Place:
        """The stream as it stands. Raises Missing where it was not loaded."""
        ...

    def holder(self, claim: str) -> str | None:
        """The stream that holds a claim. Raises Missing where it was not looked up."""
        ...


class Recorded(NamedTuple):
    """One event to record; a cause of None is the clock."""

    stream: str
    event: events.Event
    at: datetime
    cause: facts.Fact | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a fact that had waited; a parked one waits for another stream now."""

    waiting: Waiting
    disposition: Disposition
    reason: str | None = None
    waits_for: str | None = None


@dataclass(slots=True)
class Decision:
    """What one fact, or one instant, leads to; `read` names every stream that it rests on."""

    disposition: Disposition = "accepted"
    reason: str | None = None
    waits_for: str | None = None
    recorded: list[Recorded] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    programmes: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)


def begin(stream: str) -> State:
    """The state of a stream before its first event."""
    kind, _, name = stream.partition("-")
    return _KINDS[kind][0](name)


def evolve(state: State, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into a state that the fold owns."""
    _FOLDS[type(state)](state, event, at)


def fold(stream: str, recorded: Iterable[tuple[events.Event, datetime]]) -> State | None:
    """The state that a stream's events add up to; None for a stream without events."""
    state: State | None = None
    for event, at in recorded:
        if state is None:
            state = begin(stream)
        evolve(state, event, at)
    return state


_KINDS: dict[str, tuple[Callable[[str], State], Callable[..., None]]] = {
    "programme": (Programme, programme.evolve),
    "participant": (Participant, participant.evolve),
    "pairing": (Pairing, pairing_folds.evolve),
}
_FOLDS: dict[type, Callable[..., None]] = {
    Programme: programme.evolve,
    Participant: participant.evolve,
    Pairing: pairing_folds.evolve,
}
