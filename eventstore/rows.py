"""The shapes that go into the record and come out of it; bytes and names, no domain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec


class Conflict(Exception):
    """What a decision was made on no longer holds: load these streams again and decide again."""

    def __init__(self, streams: tuple[str, ...], why: str = "changed since they were read") -> None:
        super().__init__(f"{', '.join(streams) or 'The record'}: {why}.")
        self.streams = streams


class Held(Exception):
    """Time stands still for these programmes: an import of theirs is open."""

    def __init__(self, programmes: tuple[str, ...]) -> None:
        super().__init__(
            f"An import is open for {', '.join(programmes)}: run it to its end or give it up, "
            "until then time causes nothing there."
        )
        self.programmes = programmes


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """An event to be recorded; its version follows from its place in the append."""

    stream: str
    type: str
    at: datetime
    actor: str
    cause_source: str
    cause_id: str
    correlation: str | None
    data: bytes


class Past(msgspec.Struct, frozen=True, gc=False):
    """What a decision needs of an event of its stream."""

    version: int
    type: str
    at: datetime
    data: bytes


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as recorded; `position` (global order) is none until it is sealed."""

    position: int | None
    seq: int
    programme: str
    stream: str
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: str
    cause_source: str
    cause_id: str
    correlation: str | None
    data: bytes


class NewInbox(msgspec.Struct, gc=False):
    """A fact that arrived, its body sealed already; `waits_for` (a stream) exactly where it is parked."""

    source: str | None
    id: str | None
    type: str | None
    subject: str | None
    stream: str | None
    programme: str | None
    received_at: datetime
    time: datetime | None
    body: bytes
    disposition: str
    reason: str | None = None
    errors: list[dict[str, str]] | None = None
    waits_for: str | None = None
    line: int | None = None
    arrived_as: str | None = None  # its disposition on arrival, where the same append has settled it since


class Settled(msgspec.Struct, frozen=True, gc=False):
    """A waiting fact that was tried again, and what became of it; `waits_for` where parked once more."""

    arrival: int
    disposition: str
    reason: str | None = None
    waits_for: str | None = None
    programme: str | None = None


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """A parked fact that is to be tried when the stream `waits_for` changes."""

    arrival: int
    source: str
    id: str
    stream: str | None
    waits_for: str
    received_at: datetime
    import_id: int | None
    body: bytes


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What became of the first fact of this source and id."""

    arrival: int
    disposition: str
    reason: str | None
    body: bytes
    stream: str | None
    subject: str | None
    type: str | None


@dataclass(slots=True)
class Stream:
    """A stream as read: an append must expect its `revision`; `events` after the version known before."""

    name: str
    programme: str | None
    version: int
    revision: int
    barred: bool
    key: bytes | None
    key_destroyed: bool
    events: list[Past] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


@dataclass(slots=True)
class Append:
    """One transaction. Every stream that was read is in `expected`, and so is every one that is written.

    Written are the streams of events, of `programmes`, `barred` and `touched`, and those that a parked or
    settled fact now waits for; the revision of each rises by exactly one, so a caller that keeps what it read
    may go on from `expected[stream] + 1`.
    """

    expected: dict[str, int] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    inbox: list[NewInbox] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    programmes: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    barred: dict[str, bool] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    by_time: bool = False
    import_id: int | None = None
    named_programmes: set[str] = field(default_factory=set)
    lines: int = 0

    def written(self) -> set[str]:
        """The streams whose revision rises."""
        streams = {event.stream for event in self.events}
        streams.update(self.programmes, self.barred, self.touched)
        streams.update(row.waits_for for row in self.inbox if row.waits_for is not None)
        streams.update(row.waits_for for row in self.settled if row.waits_for is not None)
        return streams


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is destroyed in one transaction. Every stream of `keys` is in `expected`, at the revision it was read at.

    `rest` is what stays of parked facts, under another key; `refused` are parked facts that are settled so, because
    of `why`; of those in `emptied` nothing stays. `event` is recorded in the stream of the participant, if that has
    begun; else no fact about them is taken any more.
    """

    participant: str | None
    expected: dict[str, int]
    keys: tuple[str, ...]
    event: NewEvent | None = None
    rest: dict[int, bytes] = field(default_factory=dict)
    refused: tuple[int, ...] = ()
    why: str = ""
    emptied: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """The numbers given to events and inbox rows, each in the order of the append."""

    seqs: list[int]
    arrivals: list[int]
