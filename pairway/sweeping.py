"""Brings everybody who is due forward to an instant at once, as the workers would have done one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pairway.wiring import Parts
from projections.due import due
from workers.actors import brought_forward

TOGETHER = 200  # pairings a transaction
MOST = 2000  # pairings a question


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
        fresh = [
            each.pairing for each in due(parts.pool, instant, MOST + len(tried)) if each.pairing not in tried
        ]
        if not fresh:
            return swept
        for start in range(0, len(fresh), TOGETHER):
            together = fresh[start : start + TOGETHER]
            swept.events += brought_forward(parts.recorder, together, instant)
            swept.pairings += len(together)
            parts.store.seal()
            tell(swept)
        tried.update(fresh)
        caught_up(parts)


def caught_up(parts: Parts) -> None:
    """Seals what was committed before this call, and brings the read models up to it."""
    parts.store.seal(wait=True)
    parts.projector.catch_up()
