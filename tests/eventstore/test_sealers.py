"""Sealers that meet, that are killed at any point, and that come late: the order they leave is whole each time."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventstore.pool import Pool
from eventstore.store import SQL, Store
from eventstore.verify import verify
from tests.eventstore.proving import noon, proofs_of
from tests.eventstore.writing import NOON, batch, event, note, until_someone_waits

MIB = 1024 * 1024
Connection = psycopg.Connection[Any]


def checked(url: str, store: Store, seqs: list[int]) -> None:
    """These events have the positions from 1 on, in this order, and the seals follow on each other."""
    assert [(each.position, each.seq) for each in store.read(0, 1_000_000)] == list(enumerate(seqs, 1))
    proofs = proofs_of(store.pool)
    proofs.make(noon)
    proved = verify(url, proofs.verifier)
    assert (proved.events, proved.unsealed) == (len(seqs), 0)


@contextmanager
def held(conn: Connection, statement: str) -> Iterator[None]:
    """While the block lasts, this stands in the way of others; afterwards it was never there."""
    with conn.transaction(force_rollback=True):
        conn.execute(statement.encode())
        yield


# What stands in a sealer's way at each point at which it can be stopped while it works.
IN_THE_WAY = {
    "waiting for another sealer": "SELECT pg_advisory_xact_lock(7234915, 1)",
    "before its first position": "LOCK TABLE pairway.position IN SHARE MODE",
    "at its third position": "INSERT INTO pairway.position (position, seq) VALUES (5, -1)",
    "at its last position": "INSERT INTO pairway.position (position, seq) VALUES (8, -1)",
    "after its positions, before its seal is noted":
        "INSERT INTO pairway.seal (id, snapshot, cluster, first_position, last_position) OVERRIDING SYSTEM VALUE"
        " SELECT max(id) + 1, '3:3:', 0, 0, 0 FROM pairway.seal",
}  # fmt: skip


@pytest.mark.parametrize("way", IN_THE_WAY)
def test_a_sealer_killed_in_the_middle_of_its_work_leaves_nothing_behind(
    store: Store, pool: Pool, database_url: str, way: str
) -> None:
    seqs = [*note(store, "pairing-1"), *note(store, "pairing-2")]
    assert store.seal() == 2
    seqs += [seq for number in range(3) for seq in note(store, f"pairing-{number}", "pairing-9")]
    with (
        ThreadPoolExecutor(1) as thread,
        pool.connection() as victim,
        pool.connection() as other,
        psycopg.connect(database_url, autocommit=True) as watcher,
    ):
        with held(other, IN_THE_WAY[way]):
            sealing = thread.submit(victim.execute, "SELECT pairway.seal(true)")
            until_someone_waits(other)
            assert store.head() == 2
            watcher.execute("SET statement_timeout = '10s'")
            assert watcher.execute("SELECT pairway.seal(false)").fetchone() == (0,), "others give way meanwhile"
            other.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
            with pytest.raises(psycopg.errors.AdminShutdown):
                sealing.result()
        assert store.seal(wait=True) == 6
    checked(database_url, store, seqs)


# The statements of a sealer's transaction, up to the one after which it is killed.
STATEMENTS = ("BEGIN", "SELECT pg_try_advisory_xact_lock(7234915, 1)", "SELECT pairway.seal(false)", "COMMIT")


@pytest.mark.parametrize("last", STATEMENTS)
@pytest.mark.parametrize("how", ["terminated", "gone"])
def test_a_sealer_killed_between_two_statements_has_sealed_all_or_nothing(
    store: Store, pool: Pool, database_url: str, last: str, how: str
) -> None:
    seqs = note(store, "pairing-1")
    assert store.seal() == 1
    seqs += note(store, "pairing-1", "pairing-2")
    victim = psycopg.connect(database_url, autocommit=True)
    for statement in STATEMENTS[: STATEMENTS.index(last) + 1]:
        victim.execute(statement.encode())
    if how == "terminated":
        with pool.connection() as other:
            other.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            victim.execute("SELECT 1")
    else:
        victim.pgconn.finish()
    assert store.head() == (3 if last == "COMMIT" else 1)
    seqs += note(store, "pairing-2")
    assert store.seal(wait=True) == (1 if last == "COMMIT" else 3)
    checked(database_url, store, seqs)


def test_sixteen_sealers_at_once_give_each_event_one_position(store: Store, database_url: str) -> None:
    seqs: list[int] = []
    with ThreadPoolExecutor(16) as threads:
        for turn in range(5):
            seqs += [seq for number in range(10) for seq in note(store, f"pairing-{number}")]
            ready = threading.Barrier(16)

            def seal(_number: int, ready: threading.Barrier = ready) -> int:
                ready.wait()
                return store.seal()

            sealed = sum(threads.map(seal, range(16)))
            assert sealed == 10, f"in turn {turn}"
    checked(database_url, store, seqs)


def test_a_sealer_that_waited_for_a_killed_one_seals_what_that_one_did_not(
    store: Store, pool: Pool, database_url: str
) -> None:
    seqs = note(store, "pairing-1")
    with ThreadPoolExecutor(1) as thread, pool.connection() as victim, pool.connection() as watcher:
        victim.execute("BEGIN")
        victim.execute("SELECT pairway.seal(false)")
        waiting: Future[int] = thread.submit(store.seal, wait=True)
        until_someone_waits(watcher)
        watcher.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
        assert waiting.result() == 1
        with pytest.raises(psycopg.OperationalError):
            victim.execute("COMMIT")
    checked(database_url, store, seqs)


@pytest.mark.parametrize("events", [20_000, pytest.param(300_000, marks=pytest.mark.nightly)])
def test_after_a_pause_of_the_sealer_all_that_waits_is_sealed_at_once_in_little_memory(
    store: Store, pool: Pool, events: int
) -> None:
    streams, each = 50, 40  # of a batch: 2,000 events
    names = [f"pairing-{number:02}" for number in range(streams)]
    seqs: list[int] = []
    for revision in range(events // (streams * each)):
        told = [event(name, minutes=revision) for _ in range(each) for name in names]
        seqs += store.append(batch(dict.fromkeys(names, revision), *told), NOON).seqs
    assert (len(seqs), store.head()) == (events, 0)

    with pool.connection() as sealer, grown(sealer) as most:
        row = sealer.execute(SQL["seal"], (False,)).fetchone()
        assert row == (events,)
    assert most() < 64 * MIB, "what the server needs does not grow with what waits"

    tracemalloc.start()
    try:
        read = ((one.position, one.seq, one.stream, one.version) for one in store.by_position())
        versions = dict.fromkeys(names, 0)
        place = 0
        while some := list(islice(read, 2_000)):
            for position, seq, stream, version in some:
                place += 1
                versions[stream] += 1
                assert (position, seq, version) == (place, seqs[place - 1], versions[stream])
        assert place == events
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB, "and neither does what a reader needs"
    finally:
        tracemalloc.stop()


@contextmanager
def grown(conn: Connection) -> Iterator[Callable[[], int]]:
    """How many bytes of its own the server's process behind this connection took at most; 0 where it is elsewhere."""
    status = Path(f"/proc/{conn.info.backend_pid}/status")
    over, most = threading.Event(), [0]

    def own() -> int:
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))

    def watch() -> None:
        before = own()
        while not over.wait(0.001):
            most[0] = max(most[0], own() - before)

    here = status.exists() and "postgres" in status.read_text().splitlines()[0]
    watching = threading.Thread(target=watch) if here else threading.Thread()
    watching.start()
    try:
        yield lambda: most[0]
    finally:
        over.set()
        watching.join()
