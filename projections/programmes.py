"""The programmes: a row each, with its policy and competencies."""

from __future__ import annotations

from typing import Any

from domain.events import Event
from domain.programme import Programme, evolve
from eventstore.rows import StoredEvent
from projections import queries
from projections.blobs import SHAPE, pack_programme, unpack_programme
from projections.model import Folded, ReadModel, raw, text


def _begin(name: str) -> Folded:
    return Folded(name, Programme(name))


def _restore(row: tuple[Any, ...]) -> Folded:
    name, version, position, figures = row
    return Folded(name, unpack_programme(figures), version, position)


def _evolve(folded: Folded, stored: StoredEvent, event: Event) -> None:
    evolve(folded.state, event, stored.at)
    folded.version, folded.position = stored.version, stored.position or 0


def _lines(folded: Folded) -> str:
    programme: Programme = folded.state
    return (
        f"{text(folded.id)}\t{text(programme.name)}\t{text(programme.purpose)}\t{programme.starts_on}"
        f"\t{text(programme.timezone)}\t{programme.closed}\t{programme.clock}\t{folded.version}"
        f"\t{folded.position}\t{raw(pack_programme(programme))}\n"
    )


PROGRAMMES = ReadModel(
    "programmes", "programme", queries.load("programmes.sql"), SHAPE, _begin, _restore, _evolve, _lines
)
