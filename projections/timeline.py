"""The timeline: a row an event of a pairing, with where the pairing then stood and one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain.events import Event
from domain.narration import sentence, step_after
from domain.steps import STEPS
from eventstore.rows import StoredEvent
from projections import queries
from projections.model import ReadModel, instant, text


@dataclass(slots=True)
class Told:
    """Where a pairing stood after the last event told, and the lines told since it was loaded."""

    id: str
    step: str = STEPS[0]
    lines: list[str] = field(default_factory=list)


def _restore(row: tuple[Any, ...]) -> Told:
    return Told(row[0], row[3])


def _evolve(told: Told, stored: StoredEvent, event: Event) -> None:
    step = step_after(told.step, event)
    told.lines.append(
        f"{told.id}\t{stored.version}\t{stored.position}\t{instant(stored.at)}\t{instant(stored.recorded_at)}\t{stored.type}"
        f"\t{step}\t{text(sentence(event))}\n"
    )
    told.step = step


def _lines(told: Told) -> str:
    return "".join(told.lines)


TIMELINE = ReadModel("timeline", "pairing", queries.load("timeline.sql"), "1", Told, _restore, _evolve, _lines)
