"""Imports: which are open, and so for which programmes time stands still."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import args_row
from psycopg_pool import ConnectionPool

from eventstore import queries

SQL = queries.load("imports.sql")


class OpenImport(msgspec.Struct, frozen=True):
    """An import not yet run to its end."""

    id: int
    name: str
    opened_at: datetime
    lines_done: int
    programmes: list[str]


def open_import(pool: ConnectionPool[Any], name: str, digest: bytes | None, at: datetime) -> int:
    """The open import of this name, or a new one: run again after a kill, it goes on under the same number."""
    with pool.connection() as conn:
        while True:
            row = conn.execute(SQL["open"], (name, digest, at)).fetchone()
            row = row or conn.execute(SQL["reopen"], (name,)).fetchone()
            if row:
                return int(row[0])


def finish(pool: ConnectionPool[Any], import_id: int, at: datetime) -> bool:
    """It has been run to its end; false where it was not open any more."""
    with pool.connection() as conn:
        return conn.execute(SQL["finish"], (at, import_id)).rowcount == 1


def abandon(pool: ConnectionPool[Any], import_id: int, at: datetime) -> bool:
    """It is given up; false where it was not open any more."""
    with pool.connection() as conn:
        return conn.execute(SQL["abandon"], (at, import_id)).rowcount == 1


def open_imports(pool: ConnectionPool[Any]) -> list[OpenImport]:
    """All that are open, oldest first, with the programmes they hold."""
    with pool.connection() as conn:
        return conn.cursor(row_factory=args_row(OpenImport)).execute(SQL["list_open"]).fetchall()


def held_programmes(pool: ConnectionPool[Any]) -> set[str]:
    """The programmes for which time stands still."""
    return {programme for each in open_imports(pool) for programme in each.programmes}
