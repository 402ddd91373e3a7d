"""Takes facts, and the passing of time, into the record: loads, lets the core decide, appends in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

from domain import facts, intake, participant
from domain.facts import Fact, FieldError, Invalid
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.rows import Conflict, NewInbox, Seen
from eventstore.store import Store
from pairway.drafting import Draft
from pairway.known import Streams

TRIES = 50  # a writer that lost this often has met a fault, not bad luck
REUSED = FieldError("id", "reused: this source has sent a fact with other content under this id before")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fact on arrival; a duplicate names the `first` one's disposition as it is at present."""

    disposition: str
    reason: str | None = None
    errors: tuple[FieldError, ...] = ()
    source: str | None = None
    id: str | None = None
    type: str | None = None
    subject: str | None = None
    arrival: int | None = None
    seqs: tuple[int, ...] = ()
    first: str | None = None


class Arrived(NamedTuple):
    """A fact as it came, decoded, and its content spelt one way."""

    raw: bytes
    fact: Fact | Invalid
    content: bytes


class Recorder:
    """One a process; safe to share between threads, which take turns."""

    def __init__(self, store: Store, codec: Codec, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keyring = keyring
        self._now = now
        self._streams = Streams(store, codec, keyring)
        self._draft = partial(Draft, self._streams, store, codec, keyring)
        self._turn = threading.Lock()

    def take(
        self, arrivals: Sequence[bytes], *, import_id: int | None = None, first_line: int | None = None
    ) -> list[Outcome]:
        """One disposition a fact, in order, all committed in one transaction.

        In an import the facts are numbered from `first_line`, so that it is known how far it came.
        Raises Conflict where other writers were quicker every time.
        """
        now = self._now()
        arrived = [_decode(raw, now) for raw in arrivals]
        return self._in_turn(lambda: _Take(self, arrived, now, import_id, first_line).run())

    def bring_forward(self, pairings: Collection[str], instant: datetime) -> int:
        """Records what time alone causes in these pairings up to the instant; says how many events that is.

        Raises Held where an import of theirs is open, and Conflict as `take` does.
        """
        names = [f"pairing-{pairing}" for pairing in pairings]
        return self._in_turn(lambda: self._bring_forward(names, instant))

    def _bring_forward(self, names: list[str], instant: datetime) -> int:
        draft = self._draft()
        self._streams.load(names)
        draft.append.by_time = True
        for name in names:
            draft.decide(partial(intake.bring_forward, name, instant))
        return len(draft.commit(self._now()).seqs)

    def _in_turn(self, attempt: Callable[[], Result]) -> Result:
        with self._turn:
            for _ in range(TRIES):
                try:
                    return attempt()
                except Conflict as conflict:
                    self._streams.forget(conflict.streams)
                finally:
                    self._streams.trim()
        raise Conflict((), "Other writers were quicker every time; send it again")


def _decode(raw: bytes, now: datetime) -> Arrived:
    fact, value = facts.decode_with_value(raw, now)
    return Arrived(raw, fact, facts.content(value) if isinstance(fact, Fact) else b"")


class _Take:
    """One transaction of arriving facts, until it is committed or has to be begun anew."""

    def __init__(
        self,
        recorder: Recorder,
        arrived: list[Arrived],
        now: datetime,
        import_id: int | None,
        first_line: int | None,
    ) -> None:
        self.streams = recorder._streams
        self.store = recorder._store
        self.keyring = recorder._keyring
        self.draft = recorder._draft()
        self.arrived = arrived
        self.now = now
        self.line = first_line
        self.draft.append.import_id = import_id
        self.draft.append.lines = len(arrived) if import_id is not None else 0
        self.events: dict[int, range] = {}  # of an accepted fact: where its events stand in the append

    def run(self) -> list[Outcome]:
        valid = [one.fact for one in self.arrived if isinstance(one.fact, Fact)]
        broken = [one.fact for one in self.arrived if isinstance(one.fact, Invalid)]
        self.seen = self.store.seen({(fact.source, fact.id) for fact in valid})
        self.here: dict[tuple[str, str], Arrived] = {}
        self.rows: dict[tuple[str, str], NewInbox] = {}
        self.streams.load(
            [stream for fact in valid for stream in intake.streams(fact)] + [fact.stream or "inbox" for fact in broken]
        )
        self.draft.look_up(
            [participant.claim(one.data) for one in valid if isinstance(one.data, facts.ParticipantRegistered)]
        )
        outcomes = [self._one(one, line) for line, one in enumerate(self.arrived)]
        appended = self.draft.commit(self.now)
        return [self._numbered(*pair, appended.seqs, appended.arrivals) for pair in outcomes]

    def _one(self, arrived: Arrived, line: int) -> tuple[Outcome, int | None]:
        """What becomes of one fact, and its place among the rows of the inbox; a duplicate has none."""
        fact = arrived.fact
        number = None if self.line is None else self.line + line
        if isinstance(fact, Invalid):
            return self._invalid(arrived, fact, fact.errors, number)
        name = (fact.source, fact.id)
        before = self.here.get(name)
        if before is not None or name in self.seen:
            if not self._same(arrived, before, self.seen.get(name)):
                return self._invalid(arrived, fact, (REUSED,), number)
            first: NewInbox | Seen = self.rows[name] if before is not None else self.seen[name]
            arrival = first.arrival if isinstance(first, Seen) else None
            outcome = _outcome(fact, "duplicate", reason=first.reason, first=first.disposition, arrival=arrival)
            return outcome, None
        return self._decide(arrived, fact, number)

    def _same(self, arrived: Arrived, before: Arrived | None, seen: Seen | None) -> bool:
        if before is not None:
            return before.content == arrived.content
        assert seen is not None
        if seen.stream != arrived.fact.stream:
            return False
        key = self.draft.key(seen.stream or "inbox")
        # Of what was forgotten nothing is left to compare with.
        return key is None or seen.digest is None or seen.digest == self.keyring.digest(key, arrived.content)

    def _invalid(
        self, arrived: Arrived, fact: Fact | Invalid, errors: tuple[FieldError, ...], line: int | None
    ) -> tuple[Outcome, int]:
        row = self._row(fact, "invalid", None, line)
        row.errors = [{"field": error.field, "reason": error.reason} for error in errors]
        self.draft.keep(arrived.raw, fact, None, row)
        return _outcome(fact, "invalid", errors=errors), len(self.draft.append.inbox) - 1

    def _decide(self, arrived: Arrived, fact: Fact, line: int | None) -> tuple[Outcome, int]:
        append, place = self.draft.append, len(self.draft.append.inbox)
        # The row comes first: what is parked here may be settled within this very decision's successors.
        self.draft.key(fact.stream)
        first_event = len(append.events)
        decision = self.draft.decide(partial(intake.decide, fact, self.draft.next_arrival))
        row = self._row(fact, decision.disposition, decision.reason, line)
        row.waits_for = decision.waits_for
        row.programme = self.draft.programme(fact)
        self.draft.keep(arrived.raw, fact, arrived.content, row)
        name = (fact.source, fact.id)
        self.here[name], self.rows[name] = arrived, row
        if row.programme is not None:
            append.named_programmes.add(row.programme)
        if decision.disposition == "accepted":
            caused = [
                first_event + index for index, one in enumerate(decision.recorded) if one.cause is fact
            ]
            self.events[place] = range(caused[0], caused[-1] + 1) if caused else range(0)
        return _outcome(fact, decision.disposition, reason=decision.reason), place

    def _row(self, fact: Fact | Invalid, disposition: str, reason: str | None, line: int | None) -> NewInbox:
        return NewInbox(
            source=fact.source,
            id=fact.id,
            type=fact.type,
            subject=fact.subject,
            stream=fact.stream,
            programme=None,
            received_at=self.now,
            time=fact.time if isinstance(fact, Fact) else None,
            body=b"",
            digest=None,
            disposition=disposition,
            reason=reason,
            line=line,
            arrived_as=disposition,
        )

    def _numbered(self, outcome: Outcome, place: int | None, seqs: list[int], arrivals: list[int]) -> Outcome:
        if place is None:
            return outcome
        events = self.events.get(place, range(0))
        return Outcome(
            outcome.disposition,
            outcome.reason,
            outcome.errors,
            outcome.source,
            outcome.id,
            outcome.type,
            outcome.subject,
            arrivals[place],
            tuple(seqs[events.start : events.stop]),
        )


def _outcome(fact: Fact | Invalid, disposition: str, **more: object) -> Outcome:
    return Outcome(disposition, source=fact.source, id=fact.id, type=fact.type, subject=fact.subject, **more)  # type: ignore[arg-type]
