"""Opens connections the way the record wants them: in UTC, one statement a transaction."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[psycopg.Connection[TupleRow]]


class _Warm(Pool):
    """Lends the connection that came back last, where the library lends the one that rested longest.

    A server process that has just answered answers the next call twice as quick as one that has to come to its
    memory first; and what is not needed rests long enough to be closed.
    """

    def _get_ready_connection(self, timeout: float | None) -> psycopg.Connection[TupleRow] | None:
        self._pool.rotate(1)  # the library takes the first
        return super()._get_ready_connection(timeout)


PATIENCE = 10.0  # seconds that a caller waits for a connection before it is told that there is none
# Seconds: a pool that tries again for longer waits twice as long each time, and so long after the server is back.
RECONNECTING = 5.0


def configure(conn: psycopg.Connection[Any]) -> None:
    """What every connection of this service has in common."""
    conn.autocommit = True
    # Compiling a query costs more than it saves on reads as short as these.
    conn.execute("SET timezone TO 'UTC'; SET default_transaction_isolation TO 'read committed'; SET jit TO off")


def open_pool(url: str, *, name: str = "pairway", smallest: int = 1, largest: int = 10) -> Pool:
    """A pool to the database of this URL, not connected yet; use it in a `with`, or close it."""
    return _Warm(
        url,
        min_size=smallest,
        max_size=largest,
        kwargs={"application_name": name},
        configure=configure,
        name=name,
        reconnect_timeout=RECONNECTING,
        timeout=PATIENCE,
        open=False,
    )
