"""Forgets a person for good: their keys and those of their pairings are destroyed, and it is recorded who asked why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from domain import events, facts, forgetting, intake
from domain.forgetting import Forgotten, Nobody
from domain.participant import Participant
from domain.participant import forgotten as why
from domain.refusals import Refused
from eventstore import inbox
from eventstore.codec import Codec
from eventstore.keys import INBOX, CannotOpen, Keyring, fact_place, rest_place
from eventstore.rows import Conflict, Forgetting, NewEvent, Stream, Waiting
from eventstore.store import Store
from projections.read import same_person

TRIES = 50
SOURCE = "urn:pairway:forget"


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody as the record knows them, with everything that is to be destroyed."""

    id: str
    state: Participant | None
    streams: dict[str, Stream]
    names: tuple[str, ...]

    @property
    def stream(self) -> str:
        return f"participant-{self.id}"

    @property
    def programme(self) -> str | None:
        return self.state.programme if self.state else None

    @property
    def pairings(self) -> tuple[str, ...]:
        return tuple(name.partition("-")[2] for name in self.streams if name != self.stream)


class Forget:
    """The act, on one record. Safe to share between threads and processes; done twice it changes nothing more."""

    def __init__(
        self,
        store: Store,
        codec: Codec,
        keyring: Keyring,
        now: Callable[[], datetime],
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._now = now
        self._let_go = let_go

    def whom(self, participant: str) -> Whom:
        """Who is meant. Raises Nobody."""
        stream = f"participant-{participant}"
        found = self._store.load([stream])
        recorded = [(self._codec.decode(event.type, event.data), event) for event in found[stream].events]
        state = intake.fold(stream, ((event, stored.at) for event, stored in recorded))
        if state is None and found[stream].key is None and not inbox.arrived_about(self._store.pool, stream):
            raise Nobody(f"There is no participant {participant}.")
        pairings = [f"pairing-{event.pairing}" for event, _ in recorded if isinstance(event, events.PairingJoined)]
        found.update(self._store.load(pairings))
        assert state is None or isinstance(state, Participant)
        return Whom(participant, state, found, tuple(dict.fromkeys(self._names(found[stream]))))

    def __call__(self, participant: str, by: str, reason: str) -> Forgotten:
        """Forgets them, all or nothing. Raises Nobody, Refused, and Conflict where others were quicker every time."""
        by, reason = _said("who asks for it", by), _said("the reason", reason)
        for _ in range(TRIES):
            whom = self.whom(participant)
            if whom.state is not None and whom.state.forgotten:
                return self._again(whom)
            what = self._what(whom, by, reason)
            try:
                keys, seq = self._store.forget(what, self._now())
            except Conflict:
                continue
            self._let_go()
            self._keyring.let_go()
            self._clean_up()
            position = None if seq is None else self._store.sealed([seq])[seq]
            return Forgotten(
                participant=participant,
                programme=whom.programme,
                at=what.event.at if what.event else self._now(),
                position=position,
                keys=tuple(keys),
                pairings=whom.pairings,
                before=False,
                elsewhere=self._elsewhere(whom),
                open_texts=self._open_texts(whom),
            )
        raise Conflict((f"participant-{participant}",), "other writers were quicker every time; ask for it again")

    def _again(self, whom: Whom) -> Forgotten:
        """They were forgotten before: it is told once more, and nothing is done."""
        recorded = self._store.read_stream(whom.stream)
        [event] = [event for event in recorded if event.type == "ParticipantForgotten"]
        position = self._store.sealed([event.seq])[event.seq]
        return Forgotten(
            participant=whom.id,
            programme=whom.programme,
            at=event.at,
            position=position,
            keys=(),
            pairings=whom.pairings,
            before=True,
            elsewhere=self._elsewhere(whom),
        )

    def _what(self, whom: Whom, by: str, reason: str) -> Forgetting:
        expected = {name: stream.revision for name, stream in whom.streams.items()}
        rest: dict[int, bytes] = {}
        refused: list[int] = []
        others: set[str] = set()
        for waiting in inbox.parked_of(self._store.pool, list(whom.streams)):
            if waiting.stream == whom.stream:
                refused.append(waiting.arrival)
                others.add(waiting.waits_for)
            else:
                rest[waiting.arrival] = self._rest(waiting, whom)
        for name, stream in self._store.load(sorted(others - expected.keys())).items():
            expected[name] = stream.revision
        return Forgetting(
            participant=whom.stream,
            expected=expected,
            keys=tuple(whom.streams),
            event=self._event(whom, by, reason),
            rest=rest,
            refused=tuple(refused),
            why=why(whom.id),
            emptied=tuple(self._speaking_of(whom)),
        )

    def _event(self, whom: Whom, by: str, reason: str) -> NewEvent | None:
        if whom.state is None:
            return None
        event = forgetting.forget(whom.state, by, reason, whom.names)
        at = max(self._now().astimezone(UTC), whom.state.clock)
        data = self._codec.encode(event, None, whom.stream)
        return NewEvent(whom.stream, self._codec.name(event), at, by, SOURCE, whom.id, None, data)

    def _rest(self, waiting: Waiting, whom: Whom) -> bytes:
        """What is left of a parked fact, under the key of the inbox; nothing of one that cannot be read."""
        assert waiting.stream is not None
        key = self._key(whom.streams[waiting.stream].key)
        if key is None:
            return waiting.body
        fact = facts.decode(self._keyring.open(key, waiting.body, fact_place(waiting.stream)), waiting.received_at)
        assert isinstance(fact, facts.Fact), "only valid facts are parked"
        own = self._store.key(INBOX) or self._store.keep_key(INBOX, self._keyring.make()[1])
        return self._keyring.seal(self._keyring.unwrap(own), forgetting.rest_of(fact), rest_place(waiting.stream))

    def _names(self, stream: Stream) -> Iterator[str]:
        """Every name and address that they had, those of facts that were only parked too."""
        key = self._key(stream.key)
        if key is None:
            return
        for stored in stream.events:
            event = self._codec.decode(stored.type, stored.data)
            if isinstance(event, (events.ParticipantRegistered, events.ParticipantChanged)):
                told = self._codec.opened(stored.type, event, key, stream.name)
                yield from (text for text in (told.name, told.email) if text is not None)
        for waiting in inbox.parked_of(self._store.pool, [stream.name]):
            body = self._keyring.open(key, waiting.body, fact_place(stream.name))
            match facts.decode(body, waiting.received_at):
                case facts.Fact(data=facts.ParticipantRegistered() as data):
                    yield from (data.name, data.email)

    def _speaking_of(self, whom: Whom) -> Iterator[int]:
        """What was turned away and sealed with another key than theirs, and yet is about them."""
        person = whom.state.person if whom.state else None
        for arrival, stream, wrapped, body in inbox.not_recorded(self._store.pool, list(whom.streams)):
            try:
                raw = self._keyring.open(self._keyring.unwrap(wrapped), body, fact_place(stream))
            except CannotOpen:
                continue
            if stream is not None:
                if person is not None and _person_in(raw) == person:
                    yield arrival
            elif forgetting.speaks_of(raw.decode("utf-8", "replace"), whom.id, person, whom.names):
                yield arrival

    def _open_texts(self, whom: Whom) -> tuple[int, ...]:
        found = [
            stored.seq
            for stream in whom.streams
            for stored in self._store.read_stream(stream)
            for text in forgetting.open_texts(self._codec.decode(stored.type, stored.data))
            if forgetting.names_them(text, whom.names)
        ]
        return tuple(sorted(self._store.sealed(found).values())) if found else ()

    def _elsewhere(self, whom: Whom) -> tuple[str, ...]:
        if whom.state is None:
            return ()
        try:
            return tuple(each for each in same_person(self._store.pool, whom.state.person) if each != whom.id)
        except psycopg.errors.UndefinedTable:
            return ()  # no read model was made yet

    def _key(self, wrapped: bytes | None) -> bytes | None:
        return None if wrapped is None else self._keyring.unwrap(wrapped)

    def _clean_up(self) -> None:
        """Has the server let go of the rows that held the keys; where we may not ask for that, it does so in time."""
        with self._store.pool.connection() as conn:
            conn.execute("VACUUM (SKIP_LOCKED) pairway.subject_key")


def _said(what: str, text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(f"{what} must be given")
    if len(text) > forgetting.LONGEST:
        raise Refused(f"{what} is too long: at most {forgetting.LONGEST:,} characters")
    if not text.isprintable():
        raise Refused(f"{what} holds characters that cannot be printed")
    return text


def _person_in(raw: bytes) -> str | None:
    """The person that a registration which was turned away is about."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    data = value.get("data") if isinstance(value, dict) else None
    person = data.get("person") if isinstance(data, dict) else None
    return person if isinstance(person, str) else None
