"""A real PostgreSQL for every test: one server a run, one database a test, cloned from a template."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from random import SystemRandom
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eventstore.migrate import migrate
from eventstore.pool import Pool, open_pool
from eventstore.roles import acting_as
from eventstore.store import Store
from pairway.embedded import servers

_numbers = count(1)

# A slow machine is no failure; the nightly run (make nightly) looks longer.
hypothesis_settings.register_profile("usual", deadline=None)
hypothesis_settings.register_profile("nightly", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.getenv("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """A test that sets up a log, as every command does, leaves none behind that writes to a file of that test."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of the server; PAIRWAY_TEST_DATABASE_URL brings one of one's own."""
    given = os.getenv("PAIRWAY_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pairway-test-") as folder, servers(Path(folder)) as addresses:
        url = addresses.database_url
        # Nothing in a test's database outlives the test.
        with psycopg.connect(url, autocommit=True) as conn:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                conn.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            conn.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[str]:
    """The name of a migrated database to clone."""
    name = f"pairway_template_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        migrate(make_conninfo(postgres, dbname=name))
        yield name
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _cloned(postgres: str, template: str) -> Iterator[str]:
    name = f"pairway_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield make_conninfo(postgres, dbname=name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def seed() -> int:
    """What a test leaves to chance follows from this; PAIRWAY_TEST_SEED does a run again that failed."""
    number = int(os.getenv("PAIRWAY_TEST_SEED") or SystemRandom().randrange(1_000_000))
    print(f"PAIRWAY_TEST_SEED={number}")  # noqa: T201 - shown beside a test that fails
    return number


@pytest.fixture
def fresh(postgres: str, template: str) -> Callable[[], AbstractContextManager[str]]:
    """Makes databases, each migrated and empty, for as long as a block lasts."""
    return partial(_cloned, postgres, template)


@pytest.fixture
def database_url(postgres: str, template: str) -> Iterator[str]:
    """A migrated, empty database for this test alone; by this address one is its owner."""
    with _cloned(postgres, template) as url:
        yield url


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    """Connections with the rights of the service, as everything that runs has them."""
    with open_pool(acting_as(database_url), name="pairway test") as opened:
        yield opened


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection with the rights of the owner, who is superuser here."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def database_pair(postgres: str, template: str) -> Iterator[tuple[Pool, Pool]]:
    """Two empty databases, to hold against each other."""
    with (
        _cloned(postgres, template) as first,
        _cloned(postgres, template) as second,
        open_pool(acting_as(first), name="pairway test") as one,
        open_pool(acting_as(second), name="pairway test") as other,
    ):
        yield one, other


@pytest.fixture
def store(pool: Pool) -> Store:
    return Store(pool)
