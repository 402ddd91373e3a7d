"""The people: a row a participant; what names them stays sealed, and is opened for whoever may read it."""

from __future__ import annotations

from typing import Any

from domain.events import Event
from domain.figures import PersonFigures, evolve_person, person_figures
from domain.participant import Participant
from eventstore.rows import StoredEvent
from projections import queries
from projections.blobs import SHAPE, pack_person, unpack_person
from projections.model import Folded, ReadModel, plain, raw, text, words


def _begin(name: str) -> Folded:
    return Folded(name, person_figures(name))


def _restore(row: tuple[Any, ...]) -> Folded:
    name, version, position, figures = row
    return Folded(name, unpack_person(figures), version, position)


def _evolve(folded: Folded, stored: StoredEvent, event: Event) -> None:
    evolve_person(folded.state, event, stored.at)
    folded.version, folded.position = stored.version, stored.position or 0


def status_of(participant: Participant) -> str:
    """`registered`, `approved`, `declined` or `left`."""
    if participant.left:
        return "left"
    if participant.declined:
        return "declined"
    return "registered" if participant.approved_on is None else "approved"


def _lines(folded: Folded) -> str:
    figures: PersonFigures = folded.state
    person = figures.participant
    name, email = figures.names[-1] if figures.names else None, figures.email
    return (
        f"{text(folded.id)}\t{text(person.programme)}\t{person.role}\t{text(person.person)}\t{status_of(person)}"
        f"\t{text(figures.department)}\t{plain(person.capacity)}\t{words(person.active)}"
        f"\t{text(name.event if name else None)}\t{text(name.text if name else None)}"
        f"\t{text(email.event if email else None)}\t{text(email.text if email else None)}"
        f"\t{person.clock}\t{folded.version}\t{folded.position}\t{raw(pack_person(figures))}\n"
    )


PEOPLE = ReadModel("people", "participant", queries.load("people.sql"), SHAPE, _begin, _restore, _evolve, _lines)
