"""A log written by the first version of this code is read, folded, proved and reported today as it was then.

`first/` holds it, made in November 2026 from the small example and never to be changed: every row of the database as
that version kept it (`rows.txt.gz`, COPY's text, a table a heading), what it read from it (`events.ndjson.gz`), and the
report that it made. The master key was 00 01 02 ... 1f. Today's code may say more, and nothing else.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from eventstore.migrate import SQL as MIGRATE
from eventstore.migrate import migrate, migrations
from eventstore.pool import open_pool
from eventstore.roles import acting_as
from eventstore.verify import verify
from pairway.signing import signer
from tests.examples.whole import THEN, Whole, log

FIRST = Path(__file__).parent / "first"
MIGRATIONS_THEN = 6
_HEADING = re.compile(r"^-- (\w+) \((.*)\) --\n", re.MULTILINE)


def unpacked(name: str) -> str:
    return gzip.decompress((FIRST / name).read_bytes()).decode()


@pytest.fixture
def database_as_it_was(postgres: str, database_url: str) -> str:
    """A database with the tables of then and what they held."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        conn.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'".encode())
    _, *parts = _HEADING.split(unpacked("rows.txt.gz"))
    with psycopg.connect(database_url) as conn:
        conn.execute(MIGRATE["prepare"])
        for migration in migrations()[:MIGRATIONS_THEN]:
            conn.execute(migration.sql)
            conn.execute(MIGRATE["record"], (migration.number, migration.name))
        for table, columns, rows in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            with conn.cursor().copy(f"COPY pairway.{table} ({columns}) FROM STDIN".encode()) as copying:
                copying.write(rows)
        for table, column in (("event", "seq"), ("seal", "id"), ("inbox", "arrival"), ("signed_checkpoint", "id")):
            conn.execute(
                f"SELECT setval(pg_get_serial_sequence('pairway.{table}', '{column}'), max({column}))"
                f" FROM pairway.{table}".encode()
            )
    return database_url


@pytest.fixture
def whole(database_as_it_was: str) -> Iterator[Whole]:
    assert len(migrate(database_as_it_was)) == len(migrations()) - MIGRATIONS_THEN
    with open_pool(acting_as(database_as_it_was), name="pairway test") as pool:
        yield Whole(pool)


def assert_says_at_least(now: Any, then: Any, where: str = "") -> None:
    """All that was said then is said now, in the same words."""
    if isinstance(then, dict):
        assert isinstance(now, dict), where
        for name in then:
            assert name in now, f"{where}.{name}"
            assert_says_at_least(now[name], then[name], f"{where}.{name}")
    elif isinstance(then, list):
        assert isinstance(now, list), where
        assert len(now) == len(then), where
        for index, (one, other) in enumerate(zip(now, then, strict=True)):
            assert_says_at_least(one, other, f"{where}[{index}]")
    else:
        assert now == then, where


def read_now(whole: Whole) -> list[dict[str, Any]]:
    found = []
    for event in whole.store.by_position():
        wrapped = whole.store.key(event.stream)
        key = whole.keyring.unwrap(wrapped) if wrapped else None
        data = whole.codec.opened(event.type, whole.codec.decode(event.type, event.data), key, event.stream)
        found.append(
            {
                "position": event.position,
                "stream": event.stream,
                "version": event.version,
                "type": whole.codec.name(data),
                "at": event.at.isoformat(),
                "data": json.loads(msgspec.json.encode(data)),
            }
        )
    return found


def test_every_event_is_read_as_it_was_read_then(whole: Whole) -> None:
    then = [json.loads(line) for line in unpacked("events.ndjson.gz").splitlines()]
    assert len(then) == 763
    assert_says_at_least(read_now(whole), then)


def test_the_report_is_the_one_that_was_made_then_live_and_as_of_then(whole: Whole) -> None:
    then = json.loads((FIRST / "report.json").read_text())
    whole.catch_up()
    assert_says_at_least(whole.report_as_of("leaders-2025", THEN), then)
    live = whole.report("leaders-2025")
    assert_says_at_least({**live, "as_of": None}, {**then, "as_of": None})
    assert [each.stuck for each in whole.projector.status()] == [()] * len(whole.projector.models)


def test_what_was_signed_then_still_proves_the_record(whole: Whole, database_url: str) -> None:
    found = verify(database_url, signer(bytes(range(32))).verifier, processes=1)
    assert (found.events, found.signed, found.checkpoints, found.unsealed) == (763, 763, 2, 0)


def test_the_record_goes_on_from_where_it_was(whole: Whole) -> None:
    assert set(whole.take(log("small"))) == {"duplicate"}
    assert whole.store.seal(wait=True) == 0
    left = {
        "specversion": "1.0",
        "source": "urn:later",
        "id": "1",
        "type": "mentoring.programme.closed",
        "subject": "leaders-2025",
        "time": "2026-06-30T20:00:00Z",
        "data": {"by": "mpm"},
    }
    assert whole.take([json.dumps(left).encode()]) == {"accepted": 1}
    assert whole.store.seal(wait=True) == 1
    assert whole.store.head() == 764
