"""The due list: the pairings in which time alone will cause something by an instant, each mentor's together."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg.rows import args_row

from eventstore.pool import Pool
from projections import queries

SQL = queries.load("due.sql")


class Due(msgspec.Struct, frozen=True):
    """A pairing and the instant from which something is due in it."""

    pairing: str
    mentor: str
    due_at: datetime


def due(pool: Pool, instant: datetime, most: int | None = None) -> list[Due]:
    """Who is due by the instant, all or at most so many; programmes of an open import are left alone."""
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(Due), binary=True)
        return cursor.execute(SQL["due"], {"instant": instant, "most": most}).fetchall()
