"""Appends in company: those of several threads in one call and one commit, each with an outcome of its own.

This is for appends that hold nothing but events, and not too many of them; everything else goes alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import psycopg

from eventstore import queries
from eventstore.arrays import Columns, instant, int8, int8_in, int8s_in, storable
from eventstore.pool import Pool
from eventstore.quick import Quick, Result
from eventstore.rows import Append, Appended, Conflict, NewEvent

SQL = queries.load("company.sql")
MOST = 1_000  # events of one call
LARGEST = 200  # events of an append that goes in company

# The connection is gone, or the server is going: nobody can say what became of what was under way.
_LOST = {"08", "57"}

Asked = tuple[Append, datetime]


class Alone(Exception):
    """This append is to be tried by itself: a stream of it is locked, or something in the company did not fit."""


def fits(batch: Append) -> bool:
    """Whether an append holds nothing but events on one stream."""
    if (
        batch.inbox
        or batch.settled
        or batch.keys
        or batch.claims
        or batch.touched
        or batch.barred
        or batch.by_time
        or batch.import_id is not None
        or batch.named_programmes
    ):
        return False
    if not 0 < len(batch.events) <= LARGEST:
        return False
    if len(batch.expected) != 1:
        return False
    (stream,) = batch.expected
    return all(event.stream == stream for event in batch.events) and batch.programmes.keys() <= batch.expected.keys()


def apart(asked: Sequence[Asked]) -> list[int]:
    """Which of these go together: no stream in two of them, so that whoever comes second sees what the first did."""
    taken: set[str] = set()
    chosen: list[int] = []
    events = 0
    for at, (batch, _) in enumerate(asked):
        events += len(batch.events)
        if events > MOST and chosen:
            break
        stream = storable(next(iter(batch.expected)))  # two names may be one in the record
        if stream not in taken:
            taken.add(stream)
            chosen.append(at)
    return chosen


class Company:
    """Sends what `apart` has chosen, in one call."""

    def __init__(self, pool: Pool) -> None:
        self._quick = Quick(pool, SQL)

    def __call__(self, asked: Sequence[Asked]) -> Sequence[Appended | Exception]:
        """What became of each: its numbers, Conflict, or Alone where it is still to be done, by itself.

        Raises what a single append raises where the database cannot be reached.
        """
        if len(asked) == 1 and _simple(asked[0][0]):
            return [self._one(*asked[0])]
        in_order = sorted(asked, key=_stream)
        if all(_simple(batch) for batch, _ in asked):
            return self._one_each(asked, in_order)
        try:
            values = _parameters(in_order)
        except Exception:  # noqa: BLE001 - whose fault it was will be told to whoever goes alone with it
            return [Alone() for _ in asked]
        result = self._called(b"append_each", values)
        if result is None:
            return [Alone() for _ in asked]
        seqs = iter(int8s_in(result.get_value(0, 0)))
        answers = {id(one): _answer(one[0], seqs) for one in in_order}
        return [answers[id(one)] for one in asked]

    def _one(self, batch: Append, recorded_at: datetime) -> Appended | Exception:
        (event,) = batch.events
        try:
            values = _values(event, batch.expected[event.stream], recorded_at)
        except Exception:  # noqa: BLE001 - as above
            return Alone()
        result = self._called(b"append_event", values)
        if result is None:
            return Alone()
        return _answer(batch, iter([int8_in(result.get_value(0, 0))]))

    def _one_each(self, asked: Sequence[Asked], in_order: Sequence[Asked]) -> Sequence[Appended | Exception]:
        try:
            values = _values_of_each(in_order)
        except Exception:  # noqa: BLE001 - as above
            return [Alone() for _ in asked]
        result = self._called(b"append_one_each", values)
        if result is None:
            return [Alone() for _ in asked]
        seqs = {result.get_value(at, 0): int8_in(result.get_value(at, 1)) for at in range(result.ntuples)}
        return [_answer(batch, iter([seqs.get(storable(batch.events[0].stream).encode())])) for batch, _ in asked]

    def _called(self, name: bytes, values: list[bytes | None]) -> Result | None:
        """The answer; None where the server refused, and nothing was done."""
        try:
            return self._quick(name, values)
        except psycopg.Error as error:
            if error.sqlstate is None or error.sqlstate[:2] in _LOST:
                raise
            return None


def _stream(asked: Asked) -> str:
    (stream,) = asked[0].expected
    return stream


def _answer(batch: Append, seqs: Iterator[int | None]) -> Appended | Exception:
    """The next numbers are this append's: one for each event, or none in their place."""
    found = []
    for _, seq in zip(batch.events, seqs, strict=False):
        if seq is None:
            return Conflict(tuple(batch.expected))
        found.append(seq)
    return Appended(found, [])


def _simple(batch: Append) -> bool:
    """One event on a stream that is there."""
    return len(batch.events) == 1 and not batch.programmes and batch.expected[batch.events[0].stream] > 0


def _values(event: NewEvent, revision: int, recorded_at: datetime) -> list[bytes | None]:
    return [
        storable(event.stream).encode(),
        int8(revision),
        storable(event.type).encode(),
        instant(event.at),
        instant(recorded_at),
        storable(event.actor).encode(),
        storable(event.cause_source).encode(),
        storable(event.cause_id).encode(),
        None if event.correlation is None else storable(event.correlation).encode(),
        event.data,
    ]


def _values_of_each(asked: Sequence[Asked]) -> list[bytes | None]:
    columns = Columns()
    texts, instants = columns.texts, columns.instants
    events = [batch.events[0] for batch, _ in asked]
    return [
        texts([event.stream for event in events]),
        columns.int8s([batch.expected[event.stream] for (batch, _), event in zip(asked, events, strict=True)]),
        texts([event.type for event in events]),
        instants([event.at for event in events]),
        instants([recorded_at for _, recorded_at in asked]),
        texts([event.actor for event in events]),
        texts([event.cause_source for event in events]),
        texts([event.cause_id for event in events]),
        texts([event.correlation for event in events]),
        columns.blobs([event.data for event in events]),
    ]


def _parameters(asked: Sequence[Asked]) -> list[bytes | None]:
    columns = Columns()
    texts, instants = columns.texts, columns.instants
    streams = [stream for batch, _ in asked for stream in batch.expected]
    programmes = [batch.programmes.get(stream) for (batch, _), stream in zip(asked, streams, strict=True)]
    events = [event for batch, _ in asked for event in batch.events]
    return [
        texts(streams),
        columns.int8s([batch.expected[stream] for (batch, _), stream in zip(asked, streams, strict=True)]),
        texts(programmes) if any(programmes) else None,
        instants([batch.events[-1].at for batch, _ in asked]),
        instants([recorded_at for _, recorded_at in asked]),
        columns.int4s([len(batch.events) for batch, _ in asked]),
        texts([event.type for event in events]),
        instants([event.at for event in events]),
        texts([event.actor for event in events]),
        texts([event.cause_source for event in events]),
        texts([event.cause_id for event in events]),
        texts([event.correlation for event in events]),
        columns.blobs([event.data for event in events]),
    ]
