"""Imports: which are open, and so for which programmes time stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from psycopg.rows import args_row

from eventstore import queries
from eventstore.pool import Pool

SQL = queries.load("imports.sql")


class OpenImport(msgspec.Struct, frozen=True):
    """An import not yet run to its end."""

    id: int
    name: str
    opened_at: datetime
    lines_done: int
    programmes: list[str]


class Progress(msgspec.Struct, frozen=True):
    """How far an import has come: `lines_done` facts are recorded; `digest` tells what it was made from."""

    id: int
    name: str
    digest: bytes | None
    lines_done: int


class Rejected(msgspec.Struct, frozen=True):
    """A fact of an import that was refused or invalid when it arrived; `line` counts the facts from 1."""

    line: int
    disposition: str
    reason: str | None
    errors: list[dict[str, str]] | None


def find_open(pool: Pool, name: str, digest: bytes) -> Progress | None:
    """The open import of this content, else the open one of this name, made from other content."""
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(Progress))
        return cursor.execute(SQL["open_of_content"], (name, digest, digest), binary=True).fetchone()


@contextmanager
def held(pool: Pool, import_id: int) -> Iterator[Progress | None]:
    """Keeps all others from going on with this import while it lasts; None where someone else is at it.

    The lock is the connection's, so it goes when the process dies.
    """
    with pool.connection() as conn:
        row = conn.execute(SQL["hold"], (import_id,)).fetchone()
        if not row or not row[0]:
            yield None
            return
        try:
            yield (conn.cursor(row_factory=args_row(Progress)).execute(SQL["still_open"], (import_id,)).fetchone())
        finally:
            conn.execute(SQL["let_go"], (import_id,))


def on_arrival(pool: Pool, import_id: int) -> dict[str, int]:
    """How many of its facts had each disposition when they arrived; duplicates are in no inbox."""
    with pool.connection() as conn:
        return dict(conn.execute(SQL["on_arrival"], (import_id,)).fetchall())


def rejected(pool: Pool, import_id: int) -> Iterator[Rejected]:
    """Its refused and invalid facts in order of line, streamed."""
    with (
        pool.connection() as conn,
        conn.transaction(),
        conn.cursor(name="rejected", row_factory=args_row(Rejected)) as cursor,
    ):
        yield from cursor.execute(SQL["rejected"], (import_id,))


def open_import(pool: Pool, name: str, digest: bytes | None, at: datetime) -> int:
    """The open import of this name, or a new one: run again after a kill, it keeps its number."""
    with pool.connection() as conn:
        while True:
            row = conn.execute(SQL["open"], (name, digest, at)).fetchone()
            row = row or conn.execute(SQL["reopen"], (name,)).fetchone()
            if row:
                return int(row[0])


def finish(pool: Pool, import_id: int, at: datetime) -> bool:
    """It has been run to its end; false where it was not open any more."""
    with pool.connection() as conn:
        return conn.execute(SQL["finish"], (at, import_id)).rowcount == 1


def abandon(pool: Pool, import_id: int, at: datetime) -> bool:
    """It is given up; false where it was not open any more."""
    with pool.connection() as conn:
        return conn.execute(SQL["abandon"], (at, import_id)).rowcount == 1


def open_imports(pool: Pool) -> list[OpenImport]:
    """All that are open, oldest first, with the programmes they hold."""
    with pool.connection() as conn:
        return conn.cursor(row_factory=args_row(OpenImport)).execute(SQL["list_open"]).fetchall()


def held_programmes(pool: Pool) -> set[str]:
    """The programmes for which time stands still."""
    return {programme for each in open_imports(pool) for programme in each.programmes}
