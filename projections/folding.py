"""One batch of events into one read model: load its rows, fold in memory, write them back."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import psycopg

from domain.events import Event
from eventstore.codec import Codec
from eventstore.rows import StoredEvent
from projections.model import ReadModel
from projections.queries import on_table

LONGEST_ERROR = 500
_stream = attrgetter("stream")


# An event as recorded and as decoded; or why it could not be.
Read = tuple[StoredEvent, Event | None, Exception | None]


class Stuck(NamedTuple):
    """A stream that a read model cannot go on with, the event on which it stopped, and why."""

    stream: str
    version: int
    position: int
    type: str
    error: str


class Stopped(Exception):
    """An event could not be decoded."""


def decoded(codec: Codec, events: Iterable[StoredEvent]) -> list[Read]:
    """Decodes each event once, for all read models."""
    found: list[Read] = []
    decode = codec.decode
    for stored in events:
        try:
            found.append((stored, decode(stored.type, stored.data), None))
        except Exception as error:  # noqa: BLE001 - whatever it is, only this stream stops for it
            found.append((stored, None, error))
    return found


def by_stream(model: ReadModel, batch: Iterable[Read]) -> dict[str, list[Read]]:
    """The events of its kind of stream, stream by stream."""
    prefix = f"{model.kind}-"
    streams: dict[str, list[Read]] = {}
    for read in batch:
        stream = read[0].stream
        if stream.startswith(prefix):
            streams.setdefault(stream, []).append(read)
    return streams


def in_runs(events: Iterable[StoredEvent]) -> Iterable[tuple[str, list[StoredEvent]]]:
    """Events that come stream by stream, a stream at a time."""
    for stream, run in groupby(events, _stream):
        yield stream, list(run)


def fold(model: ReadModel, stream: str, reads: Sequence[Read], row: tuple[Any, ...] | None) -> tuple[str, Stuck | None]:
    """The lines of a stream after these events; where one cannot be folded, up to the one before it."""
    state = model.begin(stream[len(model.kind) + 1 :]) if row is None else model.restore(row)
    folded = 0
    try:
        for stored, event, error in reads:
            if event is None:
                raise error or Stopped(stored.type)
            model.evolve(state, stored, event)
            folded += 1
        return model.lines(state), None
    except Exception as error:  # noqa: BLE001 - whatever it is, only this stream stops for it
        # Where every event went well, it is the last one that left no row to write.
        folded = min(folded, len(reads) - 1)
        stored = reads[folded][0]
        why = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        stuck = Stuck(stream, stored.version, stored.position or 0, stored.type, why)
        # The state may be half changed: fold again what went well.
        return (fold(model, stream, reads[:folded], row)[0] if folded else ""), stuck


def write(
    conn: psycopg.Connection[Any],
    model: ReadModel,
    number: int,
    streams: Mapping[str, Sequence[Read]],
    passed_over: Container[str],
) -> list[Stuck]:
    """Folds these streams, but those passed over, into the table of this number, in the transaction at hand."""
    table = model.table(number)
    going = {stream: reads for stream, reads in streams.items() if stream not in passed_over}
    if not going:
        return []
    ids = [stream[len(model.kind) + 1 :] for stream in going]
    loaded = conn.execute(on_table(model.sql["load"], table), (ids,), binary=True).fetchall()
    rows = {f"{model.kind}-{row[0]}": row for row in loaded}
    lines, parked = [], []
    changed = []
    for stream, reads in going.items():
        line, stuck = fold(model, stream, reads, rows.get(stream))
        if stuck is not None:
            parked.append(stuck)
        if line:
            lines.append(line)
            changed.append(stream[len(model.kind) + 1 :])
    if "clear" in model.sql and rows:
        conn.execute(on_table(model.sql["clear"], table), (changed,))
    if lines:
        copy(conn, model, number, "".join(lines))
    return parked


def copy(conn: psycopg.Connection[Any], model: ReadModel, number: int, lines: str) -> None:
    """Adds these lines to the table of this number."""
    with conn.cursor().copy(on_table(model.sql["copy"], model.table(number))) as copying:
        copying.write(lines)
