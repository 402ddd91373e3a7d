"""One transaction in the making: the world that the core decides in, and the append that its decisions add up to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from domain import facts, intake
from domain.facts import Fact, Invalid
from domain.forgetting import WITHHELD, rest_of
from eventstore.codec import Codec
from eventstore.keys import INBOX, Keyring, fact_place, rest_place
from eventstore.rows import Append, Appended, Conflict, NewEvent, NewInbox, Settled
from eventstore.store import Store
from pairway.known import Streams

CLOCK = "clock"
# A fact has no arrival number until its transaction is committed; till then it comes after all that have.
NOT_YET = 1 << 62


class Draft:
    """Decisions on top of each other, each seeing what the ones before have changed.

    It is used in three strokes: `decide` and `keep` as often as needed, then `apply`, which lets the next draft
    build on this one, then `send`. Where `send` raises Conflict, all that was applied has to be forgotten.
    """

    def __init__(
        self, streams: Streams, store: Store, codec: Codec, keyring: Keyring, before: Draft | None = None
    ) -> None:
        self.append = Append()
        self._streams = streams
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._first = NOT_YET if before is None else before.next_arrival
        self._places: dict[str, intake.Place] = {}
        self._claims: dict[str, str | None] = {} if before is None else {**before.append.claims}
        self._keys: dict[str, bytes] = {}
        self._read: set[str] = set()
        self._settled: list[tuple[intake.Settled, str | None]] = []

    # The world of the core

    def place(self, stream: str) -> intake.Place:
        found = self._places.get(stream)
        if found is not None:
            return found
        known = self._streams.get(stream)
        if known is None:
            raise intake.Missing((stream,))
        return known.place

    def holder(self, claim: str) -> str | None:
        if claim not in self._claims:
            raise intake.Missing(claims=(claim,))
        return self._claims[claim]

    def look_up(self, claims: Collection[str]) -> None:
        """Finds out who holds these claims, so that a decision can ask."""
        unknown = [claim for claim in claims if claim not in self._claims]
        if unknown:
            holders = self._store.holders(unknown)
            self._claims.update({claim: holders.get(claim) for claim in unknown})

    # Decisions

    def decide(self, ask: Callable[[intake.World], intake.Decision]) -> intake.Decision:
        """Asks the core, gives it what it lacks until it can decide, and takes the decision in."""
        while True:
            try:
                decision = ask(self)
            except intake.Missing as missing:
                self._streams.load(missing.streams)
                self.look_up(missing.claims)
            else:
                self._take_in(decision)
                return decision

    def _take_in(self, decision: intake.Decision) -> None:
        append = self.append
        for stream, place in decision.places.items():
            before = self.place(stream)
            if place.waiting is not before.waiting:
                append.touched.add(stream)
            if place.barred != before.barred:
                append.barred[stream] = place.barred
        self._places.update(decision.places)
        self._claims.update(decision.claims)
        self._read |= decision.read
        append.claims.update(decision.claims)
        append.programmes.update(decision.programmes)
        for recorded in decision.recorded:
            append.events.append(self._event(recorded))
        for settled in decision.settled:
            self._settle(settled)

    def _event(self, recorded: intake.Recorded) -> NewEvent:
        stream, event, cause = recorded.stream, recorded.event, recorded.cause
        known = self._streams.get(stream)
        data = self._codec.encode(
            event,
            self._keys.get(stream) or (known.key if known is not None else None),
            stream,
            forgotten=known is not None and known.forgotten,
        )
        name = self._codec.name(event)
        if cause is None:
            return NewEvent(stream, name, recorded.at, CLOCK, CLOCK, "", None, data)
        return NewEvent(stream, name, recorded.at, cause.source, cause.source, cause.id, cause.correlation, data)

    def _settle(self, settled: intake.Settled) -> None:
        """A fact of this draft is settled in its row, an earlier one by its number, which it may not have yet."""
        programme = self.programme(settled.waiting.fact)
        if settled.waiting.arrival < self._first:
            self._settled.append((settled, programme))
            return
        row = self.append.inbox[settled.waiting.arrival - self._first]
        row.disposition, row.reason, row.waits_for = settled.disposition, settled.reason, settled.waits_for
        row.programme = programme or row.programme

    def programme(self, fact: Fact) -> str | None:
        """The programme that a fact belongs to, as far as that is known."""
        if isinstance(fact.data, (facts.ParticipantRegistered, facts.PairingProposed)):
            return fact.data.programme
        stream = fact.stream
        if stream.startswith("programme-"):
            return fact.subject
        known = self._streams.get(stream)
        return self.append.programmes.get(stream) or (known.programme if known is not None else None)

    # The inbox

    @property
    def next_arrival(self) -> int:
        """The place of the next fact in the order of arrival, until it has a number."""
        return self._first + len(self.append.inbox)

    def keep(self, raw: bytes, fact: Fact | Invalid, row: NewInbox) -> None:
        """Puts a fact into the inbox as it came, sealed with the key of its subject."""
        stream = fact.stream
        key = self.key(stream or "inbox")
        if key is not None:
            row.body = self._keyring.seal(key, raw, fact_place(stream))
        else:
            self._keep_rest(fact, row)
        self.append.inbox.append(row)

    def _keep_rest(self, fact: Fact | Invalid, row: NewInbox) -> None:
        """Of a fact about those who were forgotten: what their pairing needs to go on, and nothing that was said."""
        if isinstance(fact, Invalid):
            row.errors = [{**error, "reason": WITHHELD} for error in row.errors or ()]
        elif row.waits_for is not None:
            self._streams.load([INBOX])
            key = self.key(INBOX)
            assert key is not None, "the key of the inbox is never destroyed"
            row.body = self._keyring.seal(key, rest_of(fact), rest_place(fact.stream))

    def key(self, stream: str) -> bytes | None:
        """The key of a stream, made now where there was none; None where it was destroyed."""
        known = self._streams[stream]
        found = self._keys.get(stream) or known.key
        if found is None and not known.forgotten:
            found, wrapped = self._keyring.make()
            self._keys[stream] = found
            self.append.keys[stream] = wrapped
        return found

    # The end

    def apply(self) -> None:
        """Takes it that this will be recorded: what is decided from now on builds on it."""
        append, streams = self.append, self._streams
        written = append.written()
        append.expected = {stream: streams[stream].revision for stream in self._read | written}
        for stream in written:
            streams[stream].revision += 1
        for stream, place in self._places.items():
            streams[stream].place = place
        for stream, programme in append.programmes.items():
            streams[stream].programme = programme
        for stream, key in self._keys.items():
            streams[stream].key = key

    def send(self, now: datetime) -> Appended:
        """Appends it all, or raises Conflict or Held, having changed nothing in the record."""
        append = self.append
        for settled, programme in self._settled:
            if settled.waiting.arrival >= NOT_YET:
                raise Conflict(tuple(append.expected), "the fact that waited was not recorded")
            append.settled.append(
                Settled(settled.waiting.arrival, settled.disposition, settled.reason, settled.waits_for, programme)
            )
        if not (append.inbox or append.events):
            return Appended([], [])
        appended = self._store.append(append, now)
        for stream in append.touched:
            for waiting in self._places[stream].waiting:
                if self._first <= waiting.arrival < self.next_arrival:
                    waiting.arrival = appended.arrivals[waiting.arrival - self._first]
        return appended

    def forget(self) -> None:
        """Lets go of all that was applied: it was not recorded after all."""
        self._streams.forget({*self.append.expected, *self._keys, *self._places})
