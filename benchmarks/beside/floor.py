"""The bare floor: one table with the record's columns and indexes, plain statements, and no promise at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from itertools import count

import psycopg

from benchmarks.beside.rounds import repeated
from benchmarks.beside.workload import CODEC, NOW, PROGRAMME, SOURCE, SPREAD, TYPE, held
from eventstore.migrate import migrate
from eventstore.pool import configure

COLUMNS = "programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data"
_ROW = f"({', '.join(['%s'] * 11)})"
ONE = f"INSERT INTO floor.event ({COLUMNS}) VALUES {_ROW}".encode()  # noqa: S608 - of constants
READ_STREAM = f"SELECT seq, {COLUMNS} FROM floor.event WHERE stream = %s ORDER BY version".encode()  # noqa: S608 - as above
READ_ALL = f"SELECT seq, {COLUMNS} FROM floor.event ORDER BY seq".encode()  # noqa: S608 - as above
COPY = f"COPY floor.event ({COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()
TYPES = ("text", "text", "int4", "text", "timestamptz", "timestamptz", "text", "text", "text", "text", "bytea")

Row = tuple[str, str, int, str, datetime, datetime, str, str, str, None, bytes]


class Floor:
    """Statements on a table of its own, one connection a writer."""

    def __init__(self, url: str, writers: int) -> None:
        migrate(url)
        self._connections = [psycopg.connect(url) for _ in range(writers)]
        for conn in self._connections:
            configure(conn)
        self._first = self._connections[0]
        # the same columns and indexes as the record's table has, by being made from it
        self._first.execute("CREATE SCHEMA floor; CREATE TABLE floor.event (LIKE pairway.event INCLUDING ALL)")
        self._numbers = count(1)
        self._data = CODEC.encode(held(1), None, "")

    def close(self) -> None:
        for conn in self._connections:
            conn.close()

    def append(self, writers: int, seconds: float) -> tuple[int, float]:
        """One event a statement."""
        free = iter(self._connections)

        def begin() -> Callable[[int], None]:
            conn, streams = next(free), [self._new_stream() for _ in range(SPREAD)]

            def one(number: int) -> None:
                conn.execute(ONE, self._row(streams[number % SPREAD], number // SPREAD + 1), prepare=True)

            return one

        return repeated(writers, seconds, begin)

    def new_streams(self, writers: int, seconds: float, events: int) -> tuple[int, float]:
        """One stream a statement."""
        free = iter(self._connections)
        many = ONE + f", {_ROW}".encode() * (events - 1)

        def begin() -> Callable[[int], None]:
            conn = next(free)

            def one(_: int) -> None:
                stream = self._new_stream()
                values = [value for version in range(1, events + 1) for value in self._row(stream, version)]
                conn.execute(many, values, prepare=True)

            return one

        return repeated(writers, seconds, begin)

    def load(self, seconds: float, events: int) -> tuple[int, float]:
        """The rows of a stream, as they come."""
        stream = self._filled(events)
        cursor = self._first.cursor(binary=True)

        def one(_: int) -> None:
            assert len(cursor.execute(READ_STREAM, (stream,), prepare=True).fetchall()) == events

        return repeated(1, seconds, lambda: one)

    def bulk(self, events: int, streams_of: int) -> tuple[int, float]:
        """COPY."""
        first = [self._new_stream() for _ in range(events // streams_of)]
        begun = time.perf_counter()
        with self._first.cursor().copy(COPY) as copy:
            copy.set_types(TYPES)
            for stream in first:
                for version in range(1, streams_of + 1):
                    copy.write_row(self._row(stream, version))
        return events, time.perf_counter() - begun

    def begin_anew(self) -> None:
        """Empties the table, so that the next reads of all read just what comes now."""
        self._first.execute("TRUNCATE floor.event")

    def settle(self) -> None:
        """Does now what the server would do some time."""
        self._first.execute("VACUUM (ANALYZE) floor.event")

    def catch_up(self) -> tuple[int, float]:
        """All rows, as they come."""
        begun = time.perf_counter()
        rows = self._first.cursor(binary=True).execute(READ_ALL).fetchall()
        return len(rows), time.perf_counter() - begun

    def _filled(self, events: int) -> str:
        stream = self._new_stream()
        for version in range(1, events + 1):
            self._first.execute(ONE, self._row(stream, version))
        return stream

    def _new_stream(self) -> str:
        return f"pairing-{next(self._numbers)}"

    def _row(self, stream: str, version: int) -> Row:
        cause = f"{stream}-{version}"
        return PROGRAMME, stream, version, TYPE, NOW, NOW, SOURCE, SOURCE, cause, None, self._data
