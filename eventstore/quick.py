"""Statements of the hot path, prepared once a connection and sent without a cursor: that costs more than the server."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

from eventstore.pool import Pool

Result = pq.abc.PGresult

# What each connection has prepared by now; the names are unique among all statements that are called so.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[bytes]] = WeakKeyDictionary()


class _Loading(threading.local):
    """What a thread takes results apart with: the driver's own loaders. Without a connection their time is UTC."""

    def __init__(self) -> None:
        self.transformer = Transformer()


_loading = _Loading()


class Quick:
    """Calls of these statements, each a transaction of its own; parameters and results in the server's binary form."""

    def __init__(self, pool: Pool, statements: Mapping[str, bytes]) -> None:
        self._pool = pool
        self._statements = {name.encode(): sql for name, sql in statements.items()}

    def __call__(self, name: bytes, values: Sequence[bytes | None]) -> Result:
        """The rows; raises what a cursor would."""
        conn = self._pool.getconn()
        try:
            try:
                return self._sent(conn, name, values)
            except errors.InvalidSqlStatementName:
                # After a rollback or a DROP the driver deallocates all that its connection had prepared, these too.
                # Nothing was done.
                _prepared.pop(conn, None)
                return self._sent(conn, name, values)
        finally:
            self._pool.putconn(conn)

    def _sent(self, conn: psycopg.Connection[Any], name: bytes, values: Sequence[bytes | None]) -> Result:
        prepared = _prepared.setdefault(conn, set())
        if name not in prepared:
            _checked(conn.pgconn.prepare(name, self._statements[name]))
            prepared.add(name)
        given: Any = values  # a None among them is NULL, which the types do not say
        return _checked(conn.pgconn.exec_prepared(name, given, (1,) * len(values), 1))


def rows_of(result: Result) -> list[tuple[Any, ...]]:
    """What came back, as a cursor would give it."""
    transformer = _loading.transformer
    transformer.set_pgresult(result)
    rows = transformer.load_rows(0, result.ntuples, tuple)
    transformer.set_pgresult(None)
    return rows


def _checked(result: Result) -> Result:
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    error = errors.error_from_result(result)
    if error.sqlstate is None:
        # not the server's word: it has gone
        raise psycopg.OperationalError(str(error))
    raise error
