"""The MPM report from the read models, or from the record as it was at any instant of the past."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from domain.calendar import zone_named
from domain.figures import (
    Name,
    PairingFigures,
    PersonFigures,
    evolve,
    evolve_person,
    pairing_figures,
    person_figures,
)
from domain.programme import Programme
from domain.programme import evolve as evolve_programme
from domain.report import Audience, FactCounts, report
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.rows import StoredEvent
from eventstore.store import Store
from projections.blobs import unpack_pairing, unpack_person, unpack_programme
from projections.folding import in_runs
from projections.read import SQL

_EVALUATION = "EvaluationGiven"


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Ten thousand pairings are a million objects, all in use until the end: no garbage is among them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Reports:
    """Makes reports. Texts are opened only for the MPM's, with keys read at that moment."""

    def __init__(self, pool: Pool, store: Store, codec: Codec, keyring: Keyring) -> None:
        self.pool = pool
        self.store = store
        self.codec = codec
        self.keyring = keyring

    def live(self, programme: str, now: datetime, audience: Audience = "mpm") -> dict[str, Any] | None:
        """What the read models say; none for an unknown programme. `now` is shown in the programme's zone."""
        with self.pool.connection() as conn, conn.transaction():
            conn.execute(SQL["one_moment"])
            found = conn.execute(SQL["programme"], (programme,), binary=True).fetchone()
            if found is None:
                return None
            pairing_rows = conn.execute(SQL["report_pairings"], (programme,), binary=True).fetchall()
            people_rows = conn.execute(SQL["report_people"], (programme,), binary=True).fetchall()
            facts = conn.execute(SQL["facts"], (programme,), binary=True).fetchone()
        with _no_search_for_cycles():
            return self._live(found[0], pairing_rows, people_rows, FactCounts(*(facts or ())), now, audience)

    def _live(
        self,
        programme: bytes,
        pairing_rows: list[Any],
        people_rows: list[Any],
        facts: FactCounts,
        now: datetime,
        audience: Audience,
    ) -> dict[str, Any]:
        keys: dict[str, bytes] = {}
        pairings, people = [], {}
        for blob, wrapped in pairing_rows:
            figures = unpack_pairing(blob)
            pairings.append(figures)
            if wrapped is not None:
                keys[f"pairing-{figures.pairing.id}"] = wrapped
        for blob, wrapped in people_rows:
            person = unpack_person(blob)
            people[person.participant.id] = person
            if wrapped is not None:
                keys[f"participant-{person.participant.id}"] = wrapped
        state = unpack_programme(programme)
        as_of = now.astimezone(zone_named(state.timezone))
        return self._made(state, pairings, people, facts, as_of, audience, keys)

    def as_of(self, programme: str, as_of: datetime, audience: Audience = "mpm") -> dict[str, Any] | None:
        """What the record said then: every event with `at` up to it. None where there was no such programme."""
        state: Programme | None = None
        pairings: list[PairingFigures] = []
        people: dict[str, PersonFigures] = {}
        for stream, events in in_runs(self.store.by_stream(programme, as_of=as_of)):
            kind, _, name = stream.partition("-")
            match kind:
                case "pairing":
                    figures = pairing_figures(name)
                    for event in events:
                        evolve(figures, self._decoded(event), event.at)
                    pairings.append(figures)
                case "participant":
                    people[name] = person_figures(name)
                    for event in events:
                        evolve_person(people[name], self._decoded(event), event.at)
                case _:
                    state = Programme(name)
                    for event in events:
                        evolve_programme(state, self._decoded(event), event.at)
        if state is None:
            return None
        with self.pool.connection() as conn:
            facts = conn.execute(SQL["facts"], (programme,), binary=True).fetchone()
            keys: dict[str, bytes] = dict(conn.execute(SQL["keys"], (programme,), binary=True).fetchall())
        return self._made(state, pairings, people, FactCounts(*(facts or ())), as_of, audience, keys)

    def _decoded(self, event: StoredEvent) -> Any:
        return self.codec.decode(event.type, event.data)

    def _made(
        self,
        programme: Programme,
        pairings: list[PairingFigures],
        people: dict[str, PersonFigures],
        facts: FactCounts,
        as_of: datetime,
        audience: Audience,
        keys: dict[str, bytes],
    ) -> dict[str, Any]:
        if audience == "mpm":
            opened: set[str] = set()
            for figures in pairings:
                if figures.said:
                    self._open(figures, people, keys, opened)
        return report(programme, pairings, people, facts, as_of, audience)

    def _open(
        self,
        figures: PairingFigures,
        people: dict[str, PersonFigures],
        keys: dict[str, bytes],
        opened: set[str],
    ) -> None:
        """Opens what a pair said, and the names of the two, by which it is told what stays out."""
        pairing = figures.pairing
        stream = f"pairing-{pairing.id}"
        key = self._key(stream, keys)
        figures.said = [
            said._replace(text=self._opened(_EVALUATION, said.question, said.text, key, stream))
            for said in figures.said
        ]
        for participant in (pairing.mentor, pairing.protege):
            if participant in people and participant not in opened:
                opened.add(participant)
                person = people[participant]
                stream = f"participant-{participant}"
                key = self._key(stream, keys)
                person.names = [
                    Name(name.event, self._opened(name.event, "name", name.text, key, stream)) for name in person.names
                ]

    def _key(self, stream: str, keys: dict[str, bytes]) -> bytes | None:
        wrapped = keys.get(stream)
        return None if wrapped is None else self.keyring.unwrap(wrapped)

    def _opened(self, event: str, field: str, text: str | None, key: bytes | None, stream: str) -> str | None:
        return None if text is None else self.codec.open_text(event, field, text, key, stream)
