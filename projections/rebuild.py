"""Makes read models anew from the record beside those in use, and switches when they are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from projections import schema
from projections.folding import by_stream, decoded, write
from projections.schema import SQL
from projections.slices import Beside, fold_all

if TYPE_CHECKING:
    from projections.runner import Projector

BATCH = 5000


class Rebuilding(Exception):
    """Another rebuilds the same read model already."""


def rebuild(
    projector: Projector,
    names: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> int:
    """These read models anew; readers and the other models go on meanwhile. Returns the events folded."""
    with ExitStack() as stack:
        conn = stack.enter_context(projector.pool.connection())
        for name in names:
            if conn.execute(SQL["try_rebuild"], (name,)).fetchone() != (True,):
                raise Rebuilding(f"The read model {name} is being rebuilt already; wait until that is done.")
            stack.callback(conn.execute, SQL["rebuild_done"], (name,))
        return _rebuild(projector, conn, names, progress, processes)


def rebuild_stale(projector: Projector) -> None:
    """Those whose rows have another shape by now; where another process is at it, waits for that."""
    with ExitStack() as stack:
        conn = stack.enter_context(projector.pool.connection())
        for name in sorted(projector.models):
            conn.execute(SQL["wait_rebuild"], (name,))
            stack.callback(conn.execute, SQL["rebuild_done"], (name,))
        known = schema.standings(conn)
        stale = [name for name, model in projector.models.items() if known[name].shape != model.shape]
        if stale:
            _rebuild(projector, conn, stale, None)


def _rebuild(
    projector: Projector,
    conn: psycopg.Connection[Any],
    names: Sequence[str],
    progress: Callable[[int, int], None] | None,
    processes: int | None = None,
) -> int:
    known = schema.standings(conn)
    making = [Beside(projector.models[name], known[name].number + 1) for name in names]
    for beside in making:
        schema.create(conn, beside.model, beside.number)
    until = projector.store.head()
    done = 0
    for events in fold_all(projector.store, projector.codec, making, until, processes):
        done += events
        if progress is not None:
            progress(done, until)
    with ThreadPoolExecutor(os.cpu_count()) as indexing:
        # the server makes them; one after the other they would keep one core of it busy, and the others waiting
        list(indexing.map(partial(_index, projector), making))
    for beside in making:
        _switch(projector, conn, beside, until)
    projector.show_reporting()
    return done


def _index(projector: Projector, beside: Beside) -> None:
    with projector.pool.connection() as conn:
        schema.index(conn, beside.model, beside.number)


def _switch(projector: Projector, conn: psycopg.Connection[Any], beside: Beside, position: int) -> None:
    """Brings it up to where the one in use is, and puts it in its place in one transaction."""
    model = beside.model
    while len(events := projector.store.read(position, BATCH)) == BATCH:
        with conn.transaction():
            _take(projector, conn, beside, events)
        position += len(events)
    with conn.transaction():
        held = conn.execute(SQL["hold"], ([model.name],)).fetchone()
        assert held is not None
        _, number, reached = held
        while position < reached:
            events = projector.store.read(position, min(BATCH, reached - position))
            _take(projector, conn, beside, events)
            position += len(events)
        was = schema.standings(conn)[model.name].shape
        schema.show(conn, model, beside.number, replace=was == model.shape)
        conn.execute(SQL["switch"], (beside.number, position, model.shape, model.name))
        conn.execute(SQL["unpark"], (model.name,))
        for stuck in beside.stuck.values():
            conn.execute(SQL["park"], (model.name, *stuck))
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("projection", model.table(number))))


def _take(projector: Projector, conn: psycopg.Connection[Any], beside: Beside, events: Sequence[Any]) -> None:
    streams = by_stream(beside.model, decoded(projector.codec, events))
    for stuck in write(conn, beside.model, beside.number, streams, beside.stuck):
        beside.stuck[stuck.stream] = stuck
