"""What every command stands on: a database, a queue and the key, embedded or one's own, known to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping

from pairway.embedded import servers
from pairway.faults import Fault
from pairway.master_key import master_key
from pairway.settings import Settings

OLDEST_POSTGRES = 15
PATIENCE = 5  # seconds for a first answer
RECOVERY = 60  # seconds for a server that replays its log after a crash: it takes connections again by itself


@dataclass(frozen=True, slots=True)
class Backing:
    """Addresses that answered a moment ago, and the key; no schema is promised."""

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    master_key: bytes = field(repr=False)


@contextmanager
def backing(settings: Settings, *, queue: bool = False) -> Iterator[Backing]:
    """The database (and the queue, where it is needed), embedded ones for the time of the block."""
    key = master_key(settings)
    database_url, redis_url = settings.database_url, settings.redis_url if queue else None
    if database_url is not None:
        _try_database(database_url)
    if redis_url is not None:
        _try_redis(redis_url)
    if database_url is not None and (redis_url is not None or not queue):
        yield Backing(database_url, redis_url, key)
        return
    with servers(settings.data) as embedded:
        if database_url is None:
            _let_recover(embedded.database_url)
        yield Backing(database_url or embedded.database_url, (redis_url or embedded.redis_url) if queue else None, key)


def _try_database(url: str) -> None:
    """Connects once, so that what is wrong is told now and in words, and without the address's password."""
    try:
        parts = conninfo_to_dict(url)
        where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    except psycopg.ProgrammingError as error:
        raise Fault(
            f"PAIRWAY_DATABASE_URL cannot be read ({_first_line(error)}): "
            "it is to be like postgresql://user:password@host:5432/pairway."
        ) from None
    _let_recover(url)
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE, application_name="pairway") as connection:
            version = connection.info.server_version // 10000
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        raise Fault(_why_no_database(where, error)) from None
    if version < OLDEST_POSTGRES:
        raise Fault(f"The server at {where} is PostgreSQL {version}; Pairway needs {OLDEST_POSTGRES} or later.")
    if encoding != "UTF8":
        raise Fault(
            f"The database at {where} is encoded in {encoding}: "
            "make it with ENCODING 'UTF8' TEMPLATE template0, as names are written in every script."
        )


def _let_recover(url: str) -> None:
    """Waits while the server is there and takes no connections: one that begins, or made an end of all of them."""
    asked, give_up = make_conninfo(url, connect_timeout=PATIENCE).encode(), monotonic() + RECOVERY
    while PGconn.ping(asked) == Ping.REJECT and monotonic() < give_up:
        sleep(0.1)


def _why_no_database(where: str, error: psycopg.OperationalError) -> str:
    text = str(error).lower()
    if "password" in text:
        why, do = "refuses the user or the password", "Correct"
    elif "authentication" in text or "pg_hba" in text or ("role" in text and "does not exist" in text):
        why, do = f"refuses the user ({_first_line(error)})", "Correct"
    elif "database" in text and "does not exist" in text:
        why, do = "has no database of that name", "Make it, or correct"
    elif "too many" in text or "remaining connection slots" in text:
        why, do = "has no connection left", "Allow more, or correct"
    elif "could not translate" in text or "resolve" in text or "name or service" in text:
        why, do = "cannot be found by that name", "Correct"
    elif any(sign in text for sign in ("timeout", "refused", "no such file", "unreachable")):
        why, do = "does not answer", "Start it, or correct"
    else:
        why, do = f"cannot be used ({_first_line(error)})", "Start it, or correct"
    return f"The PostgreSQL server at {where} {why}. {do} PAIRWAY_DATABASE_URL."


def _try_redis(url: str) -> None:
    """Asks once, as for the database."""
    import redis  # which most commands have no use for, and takes them longer to load than to connect

    try:
        where = _redis_place(url)
        client = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    except ValueError as error:
        raise Fault(
            f"PAIRWAY_REDIS_URL cannot be read ({_first_line(error)}): it is to be like redis://host:6379/0."
        ) from None
    try:
        client.ping()
    except redis.RedisError as error:
        text = str(error).lower()
        if isinstance(error, redis.AuthenticationError) or "auth" in text or "wrongpass" in text:
            told = "refuses the user or the password. Correct"
        elif isinstance(error, redis.ConnectionError | redis.TimeoutError):
            told = "does not answer. Start it, or correct"
        else:
            told = f"cannot be used ({_first_line(error)}). Correct"
        raise Fault(f"The Redis server at {where} {told} PAIRWAY_REDIS_URL.") from None
    finally:
        client.close()


def _redis_place(url: str) -> str:
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(error).__name__
