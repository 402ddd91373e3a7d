"""How far each reader of the sealed log has come, moved in the reader's own transaction."""

from __future__ import annotations

from typing import Any

import psycopg

from eventstore import queries

SQL = queries.load("checkpoint.sql")


def position(conn: psycopg.Connection[Any], name: str) -> int:
    """The last position this reader has dealt with; 0 for a new one."""
    row = conn.execute(SQL["position"], (name,)).fetchone()
    return int(row[0]) if row else 0


def move(conn: psycopg.Connection[Any], name: str, old: int, new: int) -> bool:
    """Moves it from where it was read; false where another of this name was quicker (then roll back)."""
    conn.execute(SQL["begin"], (name,))
    return conn.execute(SQL["move"], (new, name, old)).rowcount == 1


def forget(conn: psycopg.Connection[Any], name: str) -> None:
    """The reader begins from the start again."""
    conn.execute(SQL["forget"], (name,))
