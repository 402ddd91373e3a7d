"""Brings everybody who is due forward to an instant at once, as the workers would have done one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from pairway.wiring import Parts
from projections.due import Due, due
from workers.forward import brought_forward

TOGETHER = 200  # pairings a transaction


@dataclass(slots=True)
class Swept:
    """What a sweep did."""

    pairings: int = 0
    events: int = 0


def sweep(parts: Parts, instant: datetime, tell: Callable[[Swept], None]) -> Swept:
    """Brings every pairing forward that is due by then, read models and all, until none is."""
    swept, tried = Swept(), set[str]()
    caught_up(parts)
    while True:
        # whoever was brought forward is not due any more, or an import holds them: once is enough
        fresh = [each for each in due(parts.pool, instant) if each.pairing not in tried]
        if not fresh:
            return swept
        for together in _together(fresh):
            swept.events += brought_forward(parts.recorder, together, instant)
            swept.pairings += len(together)
            parts.store.seal()
            tell(swept)
            tried.update(together)
        caught_up(parts)


def _together(pairings: list[Due]) -> Iterator[list[str]]:
    """Some at a time, a mentor's never apart: what happens in them reaches the mentor's stream in its order."""
    batch: list[str] = []
    for _, group in groupby(pairings, key=attrgetter("mentor")):
        batch.extend(each.pairing for each in group)
        if len(batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def caught_up(parts: Parts) -> None:
    """Seals what was committed before this call, and brings the read models up to it."""
    parts.store.seal(wait=True)
    parts.projector.catch_up()
