"""The wired parts over a test's own database, and what is in the record in words that two databases share."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eventstore.pool import open_pool
from eventstore.roles import acting_as
from pairway.generate import facts
from pairway.settings import Settings
from pairway.wiring import Parts, put_together

MASTER = bytes(range(32))
ENDING = date(2025, 6, 1)
NOW = datetime(2025, 8, 15, 12, tzinfo=UTC)
_numbers = count(1)

MakeParts = Callable[[], Parts]


@pytest.fixture
def make_parts(postgres: str, template: str, tmp_path: Path) -> Iterator[MakeParts]:
    """Makes parts, each time over a database of their own."""
    with psycopg.connect(postgres, autocommit=True) as conn, ExitStack() as stack:

        def make() -> Parts:
            name = f"pairway_parts_{os.getpid()}_{next(_numbers)}"
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
            stack.callback(conn.execute, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            url = make_conninfo(postgres, dbname=name)
            settings, acting = Settings(data=tmp_path, database_url=url), acting_as(url)
            pool = stack.enter_context(open_pool(acting, name=name))
            return put_together(settings, acting, None, MASTER, pool, lambda: NOW)

        yield make


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts()


def environment(parts: Parts, redis_url: str | None = None) -> dict[str, str]:
    """What a command needs to be told to use the same database."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("PAIRWAY_")}
    told["PAIRWAY_DATABASE_URL"] = as_url(parts.settings.database_url or "")
    told["PAIRWAY_MASTER_KEY"] = b64encode(MASTER).decode()
    told["PAIRWAY_DATA"] = str(parts.settings.data)
    if redis_url is not None:
        told["PAIRWAY_REDIS_URL"] = redis_url
    return told


def log(pairings: int, months: int = 9, seed: int = 7) -> list[bytes]:
    """A made-up log, ending ten weeks before `NOW`; with duplicates, disorder and malformed facts."""
    return list(facts(pairings, months, seed, ENDING))


def recorded(parts: Parts) -> dict[str, list[tuple[object, ...]]]:
    """Every stream with its events in clear, without what no two records share."""
    streams: dict[str, list[tuple[object, ...]]] = {}
    for event in parts.store.by_stream():
        wrapped = parts.store.key(event.stream)
        key = None if wrapped is None else parts.keyring.unwrap(wrapped)
        data = parts.codec.opened(event.type, parts.codec.decode(event.type, event.data), key, event.stream)
        cause = (event.cause_source, event.cause_id)
        told = (event.version, event.type, event.at, cause, msgspec.json.encode(data))
        streams.setdefault(event.stream, []).append(told)
    return streams


def arrived(parts: Parts) -> list[tuple[object, ...]]:
    """What came in, in order, and what has become of it."""
    with parts.pool.connection() as conn:
        rows: list[tuple[object, ...]] = conn.execute(
            "SELECT source, id, arrived_as, disposition, reason, errors, line FROM pairway.inbox"
            " ORDER BY import_id, line, arrival"
        ).fetchall()
        return rows


def as_url(conninfo: str) -> str:
    """The same as a URL, which is what a setting takes."""
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    host, name = str(given.pop("host")), given.pop("dbname")
    rest = "&".join(f"{key}={value}" for key, value in {"host": host, **given}.items())
    return f"postgresql:///{name}?{rest}"
