"""Takes facts, and the passing of time, into the record: loads, lets the core decide, appends in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import accumulate, islice
from typing import NamedTuple, TypeVar

import psycopg
import structlog

from domain import facts, intake, participant
from domain.facts import Fact, FieldError, Invalid
from eventstore.codec import Codec
from eventstore.keys import INBOX, Keyring, fact_place
from eventstore.rows import Appended, Conflict, NewInbox, Seen
from eventstore.store import Store
from eventstore.together import Together
from pairway import reading
from pairway.drafting import Draft
from pairway.known import Streams

log = structlog.get_logger(__name__)

TRIES = 50  # a writer that lost this often has met a fault, not bad luck
TOGETHER = 500  # facts of several who bring them at the same time
REUSED = FieldError("id", "reused: this source has sent a fact with other content under this id before")

Result = TypeVar("Result")


@dataclass(slots=True)
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
    """A fact as it came, and decoded."""

    raw: bytes
    fact: Fact | Invalid


def read(arrivals: Sequence[bytes], now: datetime) -> list[Arrived]:
    """Decodes facts as they came; `now` is the clock that none of them may run ahead of."""
    return [Arrived(raw, reading.read(raw, now)) for raw in arrivals]


def _not_too_many(asked: Sequence[list[Arrived]]) -> range:
    """Those who came first, up to so many facts."""
    fitting = sum(so_far <= TOGETHER for so_far in accumulate(map(len, asked)))
    return range(max(1, fitting))


class Recorder:
    """One a process; safe to share between threads, which take turns."""

    def __init__(self, store: Store, codec: Codec, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self.now = now
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._streams = Streams(store, codec, keyring)
        self._draft = partial(Draft, self._streams, store, codec, keyring)
        self._turn = threading.Lock()
        self._in_company: Together[list[Arrived], list[Outcome]] = Together(self._take_each, _not_too_many)

    def take(
        self, arrivals: Sequence[bytes], *, import_id: int | None = None, first_line: int | None = None
    ) -> list[Outcome]:
        """One disposition a fact, in order, all committed in one transaction.

        In an import the facts are numbered from `first_line`, so that it is known how far it came.
        What several threads bring at the same time is decided and committed together.
        Raises Conflict where other writers were quicker every time.
        """
        arrived = read(arrivals, self.now())
        if import_id is None and first_line is None:
            return self._in_company(arrived)
        with self._turn:
            return self._take(arrived, import_id, first_line)

    def _take_each(self, asked: list[list[Arrived]]) -> list[list[Outcome] | Exception]:
        """What several have brought, in one transaction; where that does not go, each in one of its own."""
        with self._turn:
            if len(asked) > 1:
                try:
                    outcomes = iter(self._take([one for arrived in asked for one in arrived], None, None))
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    raise
                except Exception as error:  # noqa: BLE001 - whose it is shows when each goes alone
                    log.warning("taken one by one", error=type(error).__name__, together=len(asked))
                else:
                    return [list(islice(outcomes, len(arrived))) for arrived in asked]
            return [self._taken_alone(arrived) for arrived in asked]

    def _taken_alone(self, arrived: list[Arrived]) -> list[Outcome] | Exception:
        try:
            return self._take(arrived, None, None)
        except Exception as error:  # noqa: BLE001 - raised to whoever brought it
            return error

    def take_on(
        self, batches: Iterable[Sequence[bytes]], *, import_id: int | None = None, first_line: int | None = None
    ) -> Iterator[list[Outcome]]:
        """The same for batch after batch, each decided while the one before is being committed and sealed.

        What became of each is told without the numbers that the record gave.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as committing:
            under_way: _UnderWay | None = None
            for batch in batches:
                arrived, outcomes = read(batch, self.now()), None
                with self._turn:
                    before = under_way.taking if under_way is not None else None
                    taking = self._decide(arrived, import_id, first_line, before)
                    if under_way is not None:
                        try:
                            outcomes = under_way.outcomes()
                        except Conflict:
                            # What was decided on top of it goes with it; both are decided anew, one by one.
                            outcomes = self._anew(under_way, import_id)
                            taking = self._decide(arrived, import_id, first_line, None)
                    taking.draft.apply()
                    under_way = _UnderWay(arrived, first_line, taking, committing.submit(self._commit, taking))
                    self._streams.trim()
                if outcomes is not None:
                    yield outcomes
                if first_line is not None:
                    first_line += len(arrived)
            if under_way is not None:
                with self._turn:
                    try:
                        outcomes = under_way.outcomes()
                    except Conflict:
                        outcomes = self._anew(under_way, import_id)
                yield outcomes

    def _anew(self, under_way: _UnderWay, import_id: int | None) -> list[Outcome]:
        under_way.taking.draft.forget()
        return self._take(under_way.arrived, import_id, under_way.first_line)

    def foresee(self, arrivals: Sequence[bytes]) -> list[Outcome]:
        """What would become of each if they came now, in order; nothing is recorded."""
        # Beside the streams that are kept, which may be older than what other processes have recorded since.
        beside = Recorder(self._store, self._codec, self._keyring, self.now)
        return beside._decide(read(arrivals, self.now()), None, None, None).foreseen()

    def bring_forward(self, pairings: Collection[str], instant: datetime) -> int:
        """Records what time alone causes in these pairings up to the instant; says how many events that is.

        Raises Held where an import of theirs is open, and Conflict as `take` does.
        """
        names = [f"pairing-{pairing}" for pairing in pairings]

        def attempt() -> int:
            self._streams.load(names)
            draft = self._draft()
            draft.append.by_time = True
            draft.decide(partial(intake.bring_forward, names, instant))
            return len(self._sent(draft).seqs)

        with self._turn:
            return self._until_it_holds(attempt)

    def let_go(self) -> None:
        """Keeps nothing in memory of what was loaded: somebody was forgotten."""
        with self._turn:
            self._streams.let_go()

    def _take(self, arrived: list[Arrived], import_id: int | None, first_line: int | None) -> list[Outcome]:
        def attempt() -> list[Outcome]:
            taking = self._decide(arrived, import_id, first_line, None)
            return taking.outcomes(self._sent(taking.draft))

        return self._until_it_holds(attempt)

    def _decide(
        self, arrived: list[Arrived], import_id: int | None, first_line: int | None, before: _Taking | None
    ) -> _Taking:
        valid = [one.fact for one in arrived if isinstance(one.fact, Fact)]
        seen = self._store.seen([(fact.source, fact.id) for fact in valid])
        self._streams.load([stream for one in arrived for stream in _streams(one.fact)])
        draft = self._draft(before.draft if before is not None else None)
        draft.append.import_id = import_id
        draft.append.lines = len(arrived) if import_id is not None else 0
        registrations = [fact.data for fact in valid if isinstance(fact.data, facts.ParticipantRegistered)]
        draft.look_up([participant.claim(data) for data in registrations])
        taking = _Taking(draft, seen, before.here if before else {}, self._keyring, self.now(), first_line)
        for one in arrived:
            taking.take(one)
        return taking

    def _sent(self, draft: Draft) -> Appended:
        draft.apply()
        try:
            return draft.send(self.now())
        except BaseException:
            draft.forget()
            raise

    def _commit(self, taking: _Taking) -> Appended:
        appended = taking.draft.send(self.now())
        self._store.seal()
        return appended

    def _until_it_holds(self, attempt: Callable[[], Result]) -> Result:
        for _ in range(TRIES):
            try:
                return attempt()
            except Conflict as conflict:
                self._streams.forget(conflict.streams)
            finally:
                self._streams.trim()
        raise Conflict((), "other writers were quicker every time; send it again")


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A batch that is decided, and being committed."""

    arrived: list[Arrived]
    first_line: int | None
    taking: _Taking
    appended: Future[Appended]

    def outcomes(self) -> list[Outcome]:
        self.appended.result()
        return self.taking.foreseen()


class _Taking:
    """Arriving facts, one after the other, into one draft."""

    def __init__(
        self,
        draft: Draft,
        seen: dict[tuple[str, str], Seen],
        just_before: dict[tuple[str, str], tuple[Arrived, NewInbox]],
        keyring: Keyring,
        now: datetime,
        first_line: int | None,
    ) -> None:
        self.draft = draft
        self.here: dict[tuple[str, str], tuple[Arrived, NewInbox]] = {}
        self._here_at: dict[tuple[str, str], int] = {}  # its place in the inbox of this transaction
        self._seen = seen
        self._just_before = just_before
        self._keyring = keyring
        self._now = now
        self._line = first_line
        self._outcomes: list[Outcome] = []
        self._rows: list[int | None] = []  # of each outcome: its place in the inbox, of a duplicate the first one's
        self._events: list[tuple[int, int]] = []  # of each outcome: where its events begin and end

    def take(self, arrived: Arrived) -> None:
        fact, events = arrived.fact, len(self.draft.append.events)
        line = None if self._line is None else self._line + len(self._outcomes)
        if isinstance(fact, Invalid):
            self._invalid(arrived, fact.errors, line)
        elif (first := self._first(fact)) is None:
            self._decide(arrived, fact, line)
        elif self._same(arrived, fact, first):
            self._duplicate(fact, first[1] if isinstance(first, tuple) else first)
        else:
            self._invalid(arrived, (REUSED,), line)
        self._events.append((events, len(self.draft.append.events)))

    def outcomes(self, appended: Appended) -> list[Outcome]:
        """What became of each, with the numbers that the record gave."""
        events = self.draft.append.events
        for outcome, row, (begin, end) in zip(self._outcomes, self._rows, self._events, strict=True):
            if row is not None:
                outcome.arrival = appended.arrivals[row]
            if outcome.disposition == "accepted":
                # what time caused on the way, and what waited for it, have causes of their own
                cause = (outcome.source, outcome.id)
                outcome.seqs = tuple(
                    seq
                    for seq, event in zip(appended.seqs[begin:end], events[begin:end], strict=True)
                    if (event.cause_source, event.cause_id) == cause
                )
        return self._outcomes

    def foreseen(self) -> list[Outcome]:
        """The same before it is recorded, without numbers."""
        return self._outcomes

    def _first(self, fact: Fact) -> tuple[Arrived, NewInbox] | Seen | None:
        """The fact that came before under this source and id, in this batch, the one before or earlier."""
        name = (fact.source, fact.id)
        return self.here.get(name) or self._just_before.get(name) or self._seen.get(name)

    def _same(self, arrived: Arrived, fact: Fact, first: tuple[Arrived, NewInbox] | Seen) -> bool:
        if isinstance(first, tuple):
            return _content(first[0].raw) == _content(arrived.raw)
        if first.stream != fact.stream:
            return False
        key = self.draft.key(fact.stream)
        if key is None or not first.body:
            return True  # of what was forgotten nothing is left to compare with
        return _content(self._keyring.open(key, first.body, fact_place(fact.stream))) == _content(arrived.raw)

    def _duplicate(self, fact: Fact, first: NewInbox | Seen) -> None:
        outcome = _outcome(fact, "duplicate", first.reason)
        outcome.first = first.disposition
        outcome.arrival = first.arrival if isinstance(first, Seen) else None
        self._outcomes.append(outcome)
        self._rows.append(self._here_at.get((fact.source, fact.id)))

    def _invalid(self, arrived: Arrived, errors: tuple[FieldError, ...], line: int | None) -> None:
        row = self._row(arrived.fact, "invalid", None, line)
        row.errors = [{"field": error.field, "reason": error.reason} for error in errors]
        outcome = _outcome(arrived.fact, "invalid", None)
        outcome.errors = errors
        self._keep(arrived, row, outcome)

    def _decide(self, arrived: Arrived, fact: Fact, line: int | None) -> None:
        draft = self.draft
        draft.key(fact.stream)
        decision = draft.decide(partial(intake.decide, fact, draft.next_arrival))
        row = self._row(fact, decision.disposition, decision.reason, line)
        row.waits_for = decision.waits_for
        row.programme = draft.programme(fact)
        if row.programme is not None:
            draft.append.named_programmes.add(row.programme)
        self.here[fact.source, fact.id] = arrived, row
        self._here_at[fact.source, fact.id] = len(draft.append.inbox)
        self._keep(arrived, row, _outcome(fact, decision.disposition, decision.reason))

    def _keep(self, arrived: Arrived, row: NewInbox, outcome: Outcome) -> None:
        self._rows.append(len(self.draft.append.inbox))
        self._outcomes.append(outcome)
        self.draft.keep(arrived.raw, arrived.fact, row)

    def _row(self, fact: Fact | Invalid, disposition: str, reason: str | None, line: int | None) -> NewInbox:
        return NewInbox(
            source=fact.source,
            id=fact.id,
            type=fact.type,
            subject=fact.subject,
            stream=fact.stream,
            programme=None,
            received_at=self._now,
            time=fact.time if isinstance(fact, Fact) else None,
            body=b"",
            disposition=disposition,
            reason=reason,
            line=line,
            arrived_as=disposition,
        )


def _outcome(fact: Fact | Invalid, disposition: str, reason: str | None) -> Outcome:
    return Outcome(disposition, reason, source=fact.source, id=fact.id, type=fact.type, subject=fact.subject)


def _streams(fact: Fact | Invalid) -> tuple[str, ...]:
    """Those that are sure to be wanted, first the one whose key seals it."""
    return intake.streams(fact) if isinstance(fact, Fact) else (fact.stream or INBOX,)


def _content(raw: bytes) -> bytes:
    return facts.content(facts.parse(raw))
