"""Brings everybody who is due forward to an instant at once, as the workers would have done one by one."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from pairway.logging import configure_logging
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts
from projections.due import Due, due
from projections.processes import working
from workers.forward import brought_forward

TOGETHER = 200  # pairings a transaction
ALONE = 2_000  # up to so many pairings one process is quicker than several


@dataclass(slots=True)
class Swept:
    """What a sweep did."""

    pairings: int = 0
    events: int = 0


def sweep(parts: Parts, instant: datetime, tell: Callable[[Swept], None], processes: int | None = None) -> Swept:
    """Brings every pairing forward that is due by then, read models and all, until none is.

    Without `processes` there are as many as those who are due are worth.
    """
    swept, tried = Swept(), set[str]()
    caught_up(parts)
    while True:
        # whoever was brought forward is not due any more, or an import holds them: once is enough
        fresh = [each for each in due(parts.pool, instant) if each.pairing not in tried]
        if not fresh:
            return swept
        for pairings, events in _brought(parts, list(_together(fresh)), instant, processes or _processes(fresh)):
            swept.pairings += pairings
            swept.events += events
            parts.store.seal()
            tell(swept)
        tried.update(each.pairing for each in fresh)
        caught_up(parts)


def _processes(fresh: Sequence[Due]) -> int:
    return 1 if len(fresh) <= ALONE else os.cpu_count() or 1


def _brought(
    parts: Parts, batches: Sequence[list[str]], instant: datetime, processes: int
) -> Iterator[tuple[int, int]]:
    """Of each batch that is done, how many pairings it had and how many events they got."""
    if processes == 1:
        for batch in batches:
            yield len(batch), brought_forward(parts.recorder, batch, instant)
        return
    opened = partial(_open, replace(parts.settings, database_url=parts.database_url))
    with working(processes, opened) as executor:
        try:
            under_way = [executor.submit(_bring, batch, instant) for batch in batches]
            for done in as_completed(under_way):
                yield done.result()
                # the read models follow meanwhile, instead of all at the end
                parts.projector.step()
        finally:
            executor.shutdown(cancel_futures=True)


_own: list[Parts] = []
_open_until_the_end = ExitStack()


def _open(settings: Settings) -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    configure_logging(settings.log_level, settings.log_format)
    _own.append(_open_until_the_end.enter_context(open_parts(settings)))


def _bring(pairings: list[str], instant: datetime) -> tuple[int, int]:
    return len(pairings), brought_forward(_own[0].recorder, pairings, instant)


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
