"""One transaction in the making: the world that the core decides in, and the append that its decisions add up to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from domain import facts, intake
from domain.facts import Fact, Invalid
from eventstore.codec import Codec
from eventstore.keys import Keyring, fact_place
from eventstore.rows import Append, Appended, NewEvent, NewInbox, Settled
from eventstore.store import Store
from pairway.known import Streams

CLOCK = "clock"
# Facts of this transaction have no arrival number yet; until they have, these come after all that have.
NOT_YET = 1 << 62


class Draft:
    """Decisions on top of each other, each seeing what the ones before have changed."""

    def __init__(self, streams: Streams, store: Store, codec: Codec, keyring: Keyring) -> None:
        self.append = Append()
        self._streams = streams
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._places: dict[str, intake.Place] = {}
        self._claims: dict[str, str | None] = {}
        self._keys: dict[str, bytes] = {}
        self._read: set[str] = set()

    # The world of the core

    def place(self, stream: str) -> intake.Place:
        found = self._places.get(stream)
        if found is not None:
            return found
        if stream not in self._streams:
            raise intake.Missing((stream,))
        return self._streams[stream].place

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
        codec = self._codec
        for recorded in decision.recorded:
            stream, event, cause = recorded.stream, recorded.event, recorded.cause
            forgotten = stream in self._streams and self._streams[stream].forgotten
            source, id, correlation = (
                (CLOCK, "", None) if cause is None else (cause.source, cause.id, cause.correlation)
            )
            data = codec.encode(event, self._known_key(stream), stream, forgotten=forgotten)
            append.events.append(
                NewEvent(stream, codec.name(event), recorded.at, source, source, id, correlation, data)
            )
        for settled in decision.settled:
            self._settle(settled)

    def _settle(self, settled: intake.Settled) -> None:
        arrival, fact = settled.waiting.arrival, settled.waiting.fact
        programme = self.programme(fact)
        if arrival < NOT_YET:
            self.append.settled.append(
                Settled(arrival, settled.disposition, settled.reason, settled.waits_for, programme)
            )
            return
        row = self.append.inbox[arrival - NOT_YET]
        row.disposition, row.reason, row.waits_for = settled.disposition, settled.reason, settled.waits_for
        row.programme = programme or row.programme

    def programme(self, fact: Fact) -> str | None:
        """The programme that a fact belongs to, as far as that is known."""
        if isinstance(fact.data, facts.ParticipantRegistered | facts.PairingProposed):
            return fact.data.programme
        stream = fact.stream
        if stream.startswith("programme-"):
            return fact.subject
        known = self._streams[stream].programme if stream in self._streams else None
        return self.append.programmes.get(stream) or known

    # The inbox

    @property
    def next_arrival(self) -> int:
        """The place of the next fact in the order of arrival, until it has a number."""
        return NOT_YET + len(self.append.inbox)

    def keep(self, raw: bytes, fact: Fact | Invalid, row: NewInbox) -> None:
        """Puts a fact into the inbox as it came, sealed with the key of its subject."""
        stream = fact.stream
        key = self.key(stream or "inbox")
        if key is not None:
            row.body = self._keyring.seal(key, raw, fact_place(stream))
        self.append.inbox.append(row)

    def key(self, stream: str) -> bytes | None:
        """The key of a stream, made now where there was none; None where it was destroyed."""
        found = self._known_key(stream)
        if found is None and not self._streams[stream].forgotten:
            found, wrapped = self._keyring.make()
            self._keys[stream] = found
            self.append.keys[stream] = wrapped
        return found

    def _known_key(self, stream: str) -> bytes | None:
        return self._keys.get(stream) or (self._streams[stream].key if stream in self._streams else None)

    # The end

    def commit(self, now: datetime) -> Appended:
        """Appends it all, or raises Conflict or Held and changes nothing."""
        append, streams = self.append, self._streams
        append.expected = {stream: streams[stream].revision for stream in self._read | append.written()}
        if not (append.inbox or append.events or append.lines):
            return Appended([], [])
        appended = self._store.append(append, now)
        for stream in append.written():
            streams[stream].revision += 1
        for stream, place in self._places.items():
            streams[stream].place = place
        for stream, programme in append.programmes.items():
            streams[stream].programme = programme
        for stream, key in self._keys.items():
            streams[stream].key = key
        for stream in append.touched:
            for waiting in self._places[stream].waiting:
                if waiting.arrival >= NOT_YET:
                    waiting.arrival = appended.arrivals[waiting.arrival - NOT_YET]
        return appended
