"""A database is brought up to the code, once, whoever asks; never down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eventstore import queries
from eventstore.migrate import NewerDatabase, migrate, migrations, pending


@pytest.fixture
def empty(postgres: str, database_url: str) -> str:
    """The URL of a database in which nothing was ever made."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
    return make_conninfo(database_url)


def test_an_empty_database_gets_everything_and_a_second_run_changes_nothing(empty: str) -> None:
    names = [migration.name for migration in migrations()]
    with psycopg.connect(empty) as conn:
        assert pending(conn) == names
    assert migrate(empty) == names
    assert migrate(empty) == []
    with psycopg.connect(empty) as conn:
        assert pending(conn) == []


def test_several_at_once_do_it_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(migrate, [empty] * 4))
    assert sorted(done, key=len) == [[], [], [], [migration.name for migration in migrations()]]


def test_a_database_newer_than_the_code_is_left_alone(database_url: str) -> None:
    known = len(migrations())
    with psycopg.connect(database_url) as conn:
        conn.execute("INSERT INTO pairway.migration (number, name) VALUES (%s, 'of the future')", (known + 1,))
    with pytest.raises(NewerDatabase, match=f"migration {known + 1}, but this version of Pairway knows only {known}"):
        migrate(database_url)
    with psycopg.connect(database_url) as conn, pytest.raises(NewerDatabase):
        pending(conn)


def test_a_migration_that_fails_leaves_nothing_of_itself(empty: str) -> None:
    with psycopg.connect(empty) as conn:
        conn.execute("CREATE SCHEMA pairway")
        conn.execute("CREATE TABLE pairway.position (mine int)")
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate(empty)
    with psycopg.connect(empty) as conn:
        assert conn.execute("SELECT to_regclass('pairway.event')").fetchone() == (None,)
        assert pending(conn) == [migration.name for migration in migrations()]
        conn.execute("DROP TABLE pairway.position")
    assert len(migrate(empty)) == len(migrations())


def test_every_statement_in_the_files_has_a_name_of_its_own() -> None:
    for file in ("store.sql", "reading.sql", "inbox.sql", "imports.sql", "follow.sql", "roles.sql", "migrate.sql"):
        assert all(queries.load(file).values())
