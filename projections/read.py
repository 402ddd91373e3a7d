"""What screens, commands and workers ask of the read models; what names people is opened here, at the moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from domain.figures import Name
from domain.health import deadlines, health, open_flags, state_of
from domain.programme import Programme
from domain.report import FactCounts
from eventstore.codec import WITHHELD, Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from projections import queries
from projections.answers import (
    SORTS,
    BoardPage,
    BoardQuery,
    BoardRow,
    OpenFlag,
    PairingView,
    ParticipantView,
    PersonRow,
    ProgrammeView,
    Told,
    WaitingFact,
)
from projections.blobs import unpack_pairing, unpack_person, unpack_programme

SQL = queries.load("read.sql")
KEPT_NAMES = 50_000  # of some 500 bytes


def same_person(pool: Pool, person: str) -> list[str]:
    """The participants that this person is, in whatever programme and role."""
    with pool.connection() as conn:
        return [row[0] for row in conn.execute(SQL["same_person"], (person,)).fetchall()]


class Reader:
    """Asks the read models. Keys are read anew with what they open, each time: who is forgotten is so at once."""

    def __init__(self, pool: Pool, codec: Codec, keyring: Keyring) -> None:
        self.pool = pool
        self.codec = codec
        self.keyring = keyring
        self._known_name = keyring.kept(self._name, KEPT_NAMES)

    def positions(self) -> dict[str, int]:
        """How far each read model has come."""
        with self.pool.connection() as conn:
            return dict(conn.execute(SQL["positions"]).fetchall())

    def programmes(self) -> list[ProgrammeView]:
        """Every programme, by id."""
        with self.pool.connection() as conn:
            rows = conn.execute(SQL["programmes"], binary=True).fetchall()
        return [ProgrammeView(unpack_programme(row[0]), *row[1:]) for row in rows]

    def running(self) -> list[Programme]:
        """The programmes that are not closed, the last to start first."""
        with self.pool.connection() as conn:
            return [unpack_programme(row[0]) for row in conn.execute(SQL["running"], binary=True).fetchall()]

    def programme(self, programme: str) -> ProgrammeView | None:
        """One programme; none where it is not known (yet)."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["counted"], (programme,), binary=True).fetchone()
        return None if row is None else ProgrammeView(unpack_programme(row[0]), *row[1:])

    def named(self, programme: str) -> Programme | None:
        """What a programme is, without counting who is in it."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["programme"], (programme,), binary=True).fetchone()
        return None if row is None else unpack_programme(row[0])

    def board(self, query: BoardQuery, *, names: bool) -> BoardPage:
        """One page of the board; `names`: the reader may see who they are."""
        if query.sort not in SORTS:
            raise ValueError(f"The board is not sorted by {query.sort!r}, but by one of {', '.join(SORTS)}.")
        values = {field.name: getattr(query, field.name) for field in fields(query)} | {"ranked": list(query.ranked)}
        with self.pool.connection() as conn:
            # planned anew for what is asked each time: a plan for any question would be one for none
            rows = conn.execute(SQL["board"], values, binary=True, prepare=False).fetchall()
            total = rows[0][22] if rows else 0
            if not rows and query.offset:
                # past the last page: how many there are is told by the first
                first = conn.execute(
                    SQL["board"], {**values, "offset": 0, "limit": 1}, binary=True, prepare=False
                ).fetchone()
                total = first[22] if first else 0
        return BoardPage([self._board_row(row, names) for row in rows], total)

    def _board_row(self, row: tuple[Any, ...], names: bool) -> BoardRow:
        shown, department, in_group = row[:13], row[21], row[23]
        mentor, mentor_by, mentor_name, mentor_key = row[13:17]
        protege, protege_by, protege_name, protege_key = row[17:21]
        pairing, programme, state, step, number, condition, due_on, kind, flags, proposed_on, ends_on = shown[:11]
        version, position = shown[11:]
        return BoardRow(
            pairing=pairing,
            programme=programme,
            state=state,
            step=step,
            step_number=number,
            health=condition,
            next_due_on=due_on,
            next_due_kind=kind,
            flags=tuple(flags),
            proposed_on=proposed_on,
            ends_on=ends_on,
            version=version,
            position=position,
            mentor=mentor,
            mentor_name=self._name(mentor, mentor_by, mentor_name, mentor_key, names),
            protege=protege,
            protege_name=self._name(protege, protege_by, protege_name, protege_key, names),
            department=department,
            in_group=in_group,
        )

    def names(self, programme: str) -> dict[str, str]:
        """The name of every participant that can be opened.

        Which can is read each time; a name that was opened is kept in memory until its key is let go of.
        """
        with self.pool.connection() as conn:
            rows = conn.execute(SQL["names"], (programme,), binary=True).fetchall()
        found = ((row[0], self._known_name(row[0], row[1], row[2], row[3], names=True)) for row in rows)
        return {participant: name for participant, name in found if name != WITHHELD}

    def facts(self, programme: str) -> FactCounts:
        """How many facts about a programme wait, and how many were refused."""
        with self.pool.connection() as conn:
            found = conn.execute(SQL["facts"], (programme,), binary=True).fetchone()
        return FactCounts(*(found or ()))

    def arrivals(self, facts: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Where in the inbox these facts are, each by its source and id."""
        values = {"sources": [source for source, _ in facts], "ids": [fact for _, fact in facts]}
        with self.pool.connection() as conn:
            rows = conn.execute(SQL["arrivals"], values).fetchall()
        return {(source, fact): arrival for source, fact, arrival in rows}

    def departments(self, programme: str) -> list[str]:
        """The departments that a board of this programme can be filtered by."""
        with self.pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL["departments"], (programme,)).fetchall()]

    def pairing(self, pairing: str, *, names: bool) -> PairingView | None:
        """Where a pairing stands; none where it is not known (yet)."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["pairing"], (pairing,), binary=True).fetchone()
            waiting = conn.execute(SQL["waiting"], (f"pairing-{pairing}",), binary=True).fetchall()
        if row is None:
            return None
        blob, version, position, mentor_by, mentor_name, mentor_key, protege_by, protege_name, protege_key = row
        found = unpack_pairing(blob).pairing
        return PairingView(
            id=pairing,
            programme=found.programme,
            mentor=found.mentor,
            mentor_name=self._name(found.mentor, mentor_by, mentor_name, mentor_key, names),
            protege=found.protege,
            protege_name=self._name(found.protege, protege_by, protege_name, protege_key, names),
            timezone=found.zone,
            state=state_of(found),
            step=found.step,
            health=health(found),
            starts_on=found.starts_on,
            ends_on=found.ends_on,
            replaces=found.replaces,
            deadlines=deadlines(found),
            flags=[
                OpenFlag(signal, flag.since, flag.detail, flag.acknowledged)
                for signal, flag in sorted(open_flags(found).items())
            ],
            waiting=[WaitingFact(*one) for one in waiting],
            version=version,
            position=position,
        )

    def participant(self, participant: str, *, names: bool) -> ParticipantView | None:
        """One participant; none where they are not known (yet)."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["participant"], (participant,), binary=True).fetchone()
        if row is None:
            return None
        blob, status, version, position, wrapped, pairings = row
        figures = unpack_person(blob)
        person = figures.participant
        name, email = figures.names[-1] if figures.names else None, figures.email
        key = self._key(wrapped) if names else None
        return ParticipantView(
            id=participant,
            programme=person.programme,
            role=person.role,
            person=person.person,
            name=self._opened(participant, "name", name, key) or WITHHELD,
            email=self._opened(participant, "email", email, key) or WITHHELD,
            status=status,
            department=figures.department,
            capacity=person.capacity,
            manager=person.manager,
            assessed_on=person.assessed_on,
            attended_on=person.attended_on,
            active=person.active,
            pairings=tuple(pairings),
            version=version,
            position=position,
        )

    def people(self, programme: str, status: str | None, limit: int, *, names: bool) -> tuple[list[PersonRow], int]:
        """The participants of a programme who have this status, and how many there are in all."""
        values = {"programme": programme, "status": status, "limit": limit}
        with self.pool.connection() as conn:
            rows = conn.execute(SQL["people_of"], values, binary=True).fetchall()
        people = [
            PersonRow(row[0], row[1], row[2], row[3], self._name(row[0], row[4], row[5], row[6], names)) for row in rows
        ]
        return people, rows[0][7] if rows else 0

    def timeline(self, pairing: str, after: int = 0, limit: int | None = None) -> list[Told]:
        """A pairing's history in sentences, after this version."""
        with self.pool.connection() as conn:
            return [
                Told(*row) for row in conn.execute(SQL["timeline"], (pairing, after, limit), binary=True).fetchall()
            ]

    def _key(self, wrapped: bytes | None) -> bytes | None:
        return None if wrapped is None else self.keyring.unwrap(wrapped)

    def _name(
        self, participant: str, sealed_by: str | None, text: str | None, wrapped: bytes | None, names: bool
    ) -> str:
        if not names or sealed_by is None or text is None:
            return WITHHELD
        return self._opened(participant, "name", Name(sealed_by, text), self._key(wrapped)) or WITHHELD

    def _opened(self, participant: str, field: str, name: Name | None, key: bytes | None) -> str | None:
        if name is None or name.text is None:
            return None
        return self.codec.open_text(name.event, field, name.text, key, f"participant-{participant}")
