"""Folds the whole record into read models in the making, slice by slice of its streams, on every core there is."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from eventstore.codec import Codec
from eventstore.pool import open_pool
from eventstore.store import Slice, Store
from projections.folding import Stuck, copy, decoded, fold, in_runs
from projections.model import ReadModel
from projections.processes import working

EVENTS = 10_000  # of one slice at most
SLICES = 8  # for each process at least, so that none waits long for another at the end
ALONE = 50_000  # up to so many events one process is quicker than several


@dataclass(frozen=True, slots=True)
class Beside:
    """A read model in the making: the number of its table, and the streams that it cannot go on with."""

    model: ReadModel
    number: int
    stuck: dict[str, Stuck] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Folded:
    """How many events a slice had, and for each read model the streams that stopped in it."""

    events: int
    stuck: list[list[Stuck]]


def fold_slice(store: Store, codec: Codec, making: Sequence[Beside], streams: Slice, until: int) -> Folded:
    """Folds these streams up to a position, and adds their lines to each table in one transaction."""
    lines: list[list[str]] = [[] for _ in making]
    stuck: list[list[Stuck]] = [[] for _ in making]
    done = 0
    for stream, events in in_runs(store.by_stream(until=until, streams=streams)):
        done += len(events)
        kind = stream.partition("-")[0]
        wanted = [place for place, beside in enumerate(making) if beside.model.kind == kind]
        if not wanted:
            continue
        reads = decoded(codec, events)
        for place in wanted:
            line, stopped = fold(making[place].model, stream, reads, None)
            lines[place].append(line)
            if stopped is not None:
                stuck[place].append(stopped)
    with store.pool.connection() as conn, conn.transaction():
        for beside, found in zip(making, lines, strict=True):
            if found:
                copy(conn, beside.model, beside.number, "".join(found))
    return Folded(done, stuck)


def fold_all(
    store: Store, codec: Codec, making: Sequence[Beside], until: int, processes: int | None = None
) -> Iterator[int]:
    """Folds the record up to a position; tells after each slice how many events it had."""
    if processes is None:
        processes = 1 if until <= ALONE else os.cpu_count() or 1
    slices = store.slices(min(EVENTS, until // (processes * SLICES) + 1))
    for folded in _folded(store, codec, making, slices, until, processes):
        for beside, stopped in zip(making, folded.stuck, strict=True):
            beside.stuck.update({one.stream: one for one in stopped})
        yield folded.events


def _folded(
    store: Store, codec: Codec, making: Sequence[Beside], slices: Sequence[Slice], until: int, processes: int
) -> Iterator[Folded]:
    if processes == 1:
        yield from (fold_slice(store, codec, making, streams, until) for streams in slices)
        return
    opened = partial(_open, str(store.pool.conninfo), codec, making, until)
    with working(processes, opened) as executor:
        try:
            for future in as_completed([executor.submit(_fold, streams) for streams in slices]):
                yield future.result()
        finally:
            executor.shutdown(cancel_futures=True)


_own: list[tuple[Store, Codec, Sequence[Beside], int]] = []
_open_until_the_end = ExitStack()


def _open(url: str, codec: Codec, making: Sequence[Beside], until: int) -> None:
    # events and the rows made of them hold no circles
    gc.disable()
    pool = _open_until_the_end.enter_context(open_pool(url, name="pairway rebuild", largest=2))
    _own.append((Store(pool), codec, making, until))


def _fold(streams: Slice) -> Folded:
    store, codec, making, until = _own[0]
    return fold_slice(store, codec, making, streams, until)
