"""The pool of connections, while its server is away."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from eventstore import pool as pools


def test_whoever_asks_again_after_an_outage_is_not_kept_waiting_for_the_attempts_before(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that goes on doubles its pauses up to half the outage; one that is given up is begun anew."""
    away, tried = True, 0
    connect = psycopg.Connection.connect

    def sometimes(*args: Any, **given: Any) -> object:
        nonlocal tried
        tried += 1
        if away:
            raise psycopg.OperationalError("connection refused")
        return connect(*args, **given)

    monkeypatch.setattr(psycopg.Connection, "connect", sometimes)
    monkeypatch.setattr(pools, "RECONNECTING", 0.0)
    with pools.open_pool(database_url) as pool:
        for asked in range(1, 6):
            with pytest.raises(PoolTimeout), pool.connection(timeout=0.1):
                pass
            assert tried >= asked
        away = False
        with pool.connection(timeout=0.9) as conn:  # less than the shortest pause between two attempts
            assert conn.execute("SELECT 1").fetchone() == (1,)


def test_the_connection_that_came_back_last_is_lent_first(pool: pools.Pool) -> None:
    """Its server process is warm; the library's own order would go round all of them."""
    with pool.connection() as one, pool.connection() as other:
        assert one is not other
    # the inner one came back first
    for _ in range(3):
        with pool.connection() as again:
            assert again is one
