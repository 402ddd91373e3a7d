"""The MPM report from the read models, or from the record as it was at any instant of the past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.accounts import Account, account, counted
from domain.calendar import zone_named
from domain.figures import (
    Name,
    PersonFigures,
    Said,
    evolve,
    evolve_person,
    pairing_figures,
    person_figures,
)
from domain.pairing import Pairing
from domain.programme import Programme
from domain.programme import evolve as evolve_programme
from domain.report import Audience, FactCounts, Heard, report
from domain.report_parts import Assessed
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.rows import StoredEvent
from eventstore.store import Store
from projections.blobs import (
    unpack_accounts,
    unpack_assessments,
    unpack_names,
    unpack_programme,
    unpack_said,
)
from projections.folding import in_runs
from projections.read import SQL

_EVALUATION = "EvaluationGiven"


class _Named(NamedTuple):
    """A participant's names, sealed, and the key that opens them, where it is there."""

    participant: str
    names: Sequence[Name]
    wrapped: bytes | None


class _Spoken(NamedTuple):
    """What a pair said, sealed, the key that opens it, where it is there, and the two."""

    pairing: str
    said: Sequence[Said]
    wrapped: bytes | None
    two: tuple[_Named, _Named]


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
            accounts = conn.execute(SQL["accounts"], (programme,), binary=True).fetchall()
            proposed: dict[str, date] = dict(conn.execute(SQL["first_proposed"], (programme,), binary=True).fetchall())
            people = conn.execute(SQL["proteges"], (programme,), binary=True).fetchall()
            said = conn.execute(SQL["said"], (programme,), binary=True).fetchall() if audience == "mpm" else []
            facts = conn.execute(SQL["facts"], (programme,), binary=True).fetchone()
        state = unpack_programme(found[0])
        return report(
            state,
            unpack_accounts(packed for (packed,) in accounts),
            (Assessed(proposed[name], unpack_assessments(person)) for name, person in people if name in proposed),
            self._heard(_spoken(*row) for row in said),
            FactCounts(*(facts or ())),
            now.astimezone(zone_named(state.timezone)),
            audience,
        )

    def as_of(self, programme: str, as_of: datetime, audience: Audience = "mpm") -> dict[str, Any] | None:
        """What the record said then: every event with `at` up to it. None where there was no such programme."""
        state: Programme | None = None
        accounts: list[Account] = []
        evaluated: list[tuple[Pairing, list[Said]]] = []
        proposed: dict[str, date] = {}
        people: dict[str, PersonFigures] = {}
        for stream, events in in_runs(self.store.by_stream(programme, as_of=as_of)):
            kind, _, name = stream.partition("-")
            match kind:
                case "pairing":
                    figures = pairing_figures(name)
                    for event in events:
                        evolve(figures, self._decoded(event), event.at)
                    accounts.append(account(figures))
                    pairing = figures.pairing
                    known = proposed.get(pairing.protege, pairing.proposed_on)
                    proposed[pairing.protege] = min(known, pairing.proposed_on)
                    if figures.said and audience == "mpm":
                        evaluated.append((pairing, figures.said))
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

        def named(participant: str) -> _Named:
            names = people[participant].names if participant in people else ()
            return _Named(participant, names, keys.get(f"participant-{participant}"))

        spoken = [
            _Spoken(one.id, said, keys.get(f"pairing-{one.id}"), (named(one.mentor), named(one.protege)))
            for one, said in evaluated
        ]
        assessed = [Assessed(on, people[name].assessments) for name, on in proposed.items() if name in people]
        return report(
            state, counted(accounts), assessed, self._heard(spoken), FactCounts(*(facts or ())), as_of, audience
        )

    def _decoded(self, event: StoredEvent) -> Any:
        return self.codec.decode(event.type, event.data)

    def _heard(self, spoken: Iterable[_Spoken]) -> list[Heard]:
        """Opens what pairs said, and the names of the two, by which it is told what stays out."""
        names: dict[str, list[str | None]] = {}
        heard = []
        for pairing, said, wrapped, two in spoken:
            for participant, sealed, by in two:
                if participant not in names:
                    stream, key = f"participant-{participant}", self._key(by)
                    names[participant] = [self._opened(one.event, "name", one.text, key, stream) for one in sealed]
            stream, key = f"pairing-{pairing}", self._key(wrapped)
            texts = [Said(at, asked, self._opened(_EVALUATION, asked, text, key, stream)) for at, asked, text in said]
            heard.append(Heard(pairing, texts, [name for one in two for name in names[one.participant]]))
        return heard

    def _key(self, wrapped: bytes | None) -> bytes | None:
        return None if wrapped is None else self.keyring.unwrap(wrapped)

    def _opened(self, event: str, field: str, text: str | None, key: bytes | None, stream: str) -> str | None:
        return None if text is None else self.codec.open_text(event, field, text, key, stream)


def _spoken(pairing: str, said: bytes, wrapped: bytes | None, *two: Any) -> _Spoken:
    """A row of the board with what was said; somebody who is in no read model yet has no name."""
    mentor, protege = (
        _Named(participant, () if person is None else unpack_names(person), key)
        for participant, person, key in (two[:3], two[3:])
    )
    return _Spoken(pairing, unpack_said(said), wrapped, (mentor, protege))
