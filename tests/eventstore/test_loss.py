"""No reader of positions ever misses an event; readers of sequence numbers do, and are caught.

The oracle knows what was committed. Each reader follows the log the way a projection would, from the last
event it has seen, and at the end has read exactly what was committed, or has lost something.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from eventstore.pool import Pool
from eventstore.rows import Conflict, StoredEvent
from eventstore.store import Store
from tests.eventstore.writing import NOON, append_in, batch, event

WRITERS = 4
ROUNDS = 40

# A reader takes the place it has reached and gives the events after it, with the place then reached.
Reader = Callable[[int], list[tuple[int, int]]]


def by_position(store: Store) -> Reader:
    """Ours: the sealed order."""

    def read(after: int) -> list[tuple[int, int]]:
        store.seal()
        return [(each.position or 0, each.seq) for each in store.read(after, 100)]

    return read


def by_seq(pool: Pool) -> Reader:
    """The naive one: everything past the highest number seen."""

    def read(after: int) -> list[tuple[int, int]]:
        with pool.connection() as conn:
            rows = conn.execute("SELECT seq, seq FROM pairway.event WHERE seq > %s ORDER BY seq", (after,))
            return [(row[0], row[1]) for row in rows]

    return read


def by_seq_behind_xmin(pool: Pool) -> Reader:
    """The careful one: as the naive, but only transactions older than any still open."""

    def read(after: int) -> list[tuple[int, int]]:
        with pool.connection() as conn:
            rows = conn.execute(
                "SELECT seq, seq FROM pairway.event"
                " WHERE seq > %s AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq",
                (after,),
            )
            return [(row[0], row[1]) for row in rows]

    return read


class Follower:
    """What a projection sees through one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.place = 0
        self.seen: list[int] = []

    def catch_up(self) -> None:
        while found := self.reader(self.place):
            self.place = found[-1][0]
            self.seen.extend(seq for _, seq in found)


def disorder(pool: Pool, look: Callable[[], None]) -> set[int]:
    """Transactions whose numbers and order of beginning and committing disagree; says what was committed."""
    with pool.connection() as first, pool.connection() as second:
        first.execute("BEGIN")
        first.execute("SELECT pg_current_xact_id()")
        second.execute("BEGIN")
        committed = append_in(second, batch({"pairing-2": 0}, event("pairing-2")))
        committed += append_in(first, batch({"pairing-1": 0}, event("pairing-1")))
        first.execute("COMMIT")
        look()
        second.execute("COMMIT")
        look()
    return set(committed)


@pytest.mark.parametrize("reader", [by_seq, by_seq_behind_xmin])
def test_readers_of_sequence_numbers_are_caught_losing_events(
    store: Store, pool: Pool, reader: Callable[[Pool], Reader]
) -> None:
    theirs, ours = Follower(reader(pool)), Follower(by_position(store))

    def look() -> None:
        theirs.catch_up()
        ours.catch_up()

    committed = disorder(pool, look)
    assert set(ours.seen) == committed
    assert len(ours.seen) == len(committed)
    assert set(theirs.seen) < committed


def test_a_reader_of_positions_loses_nothing_among_many_writers(store: Store, pool: Pool, database_url: str) -> None:
    writers_are_done = threading.Event()

    def write(number: int) -> set[int]:
        chance = random.Random(number)
        committed: set[int] = set()
        revisions = {f"pairing-{number}-{each}": 0 for each in range(5)}
        with psycopg.connect(database_url) as conn:
            for _ in range(ROUNDS):
                names = chance.sample(sorted(revisions), chance.randint(1, 3))
                events = [event(chance.choice(names)) for _ in range(chance.randint(1, 4))]
                touched = {each.stream for each in events}
                seqs = append_in(conn, batch({name: revisions[name] for name in touched}, *events))
                # Stays open for a while that differs, so that others draw numbers and commit in between.
                conn.execute("SELECT count(*) FROM generate_series(1, %s)", (chance.randint(0, 20_000),))
                if chance.random() < 0.25:
                    conn.rollback()
                    continue
                conn.commit()
                committed.update(seqs)
                for name in touched:
                    revisions[name] += 1
        return committed

    def seal() -> None:
        while not writers_are_done.is_set():
            store.seal()

    def follow() -> list[StoredEvent]:
        read: list[StoredEvent] = []
        while True:
            last_look = writers_are_done.is_set()
            if last_look:
                store.seal(wait=True)
            while found := store.read(len(read), 50):
                read.extend(found)
            if last_look:
                return read

    def long_write(begun: threading.Event) -> list[int]:
        with psycopg.connect(database_url) as conn:
            conn.execute("CREATE TABLE unrelated (id int)")
            seqs = append_in(conn, batch({"pairing-long": 0}, event("pairing-long")))
            begun.set()
            writers_are_done.wait()
            store.seal(wait=True)
            return seqs

    with ThreadPoolExecutor(WRITERS + 4) as threads:
        begun = threading.Event()
        long_one = threads.submit(long_write, begun)
        begun.wait()
        helpers = [threads.submit(seal), threads.submit(seal)]
        follower = threads.submit(follow)
        writers = [threads.submit(write, number) for number in range(WRITERS)]
        try:
            committed = set().union(*(writer.result() for writer in writers))
        finally:
            writers_are_done.set()
        late = long_one.result()
        for helper in helpers:
            helper.result()
        read = follower.result()

    assert [each.position for each in read] == list(range(1, len(read) + 1))
    store.seal(wait=True)
    assert len(read) >= len(committed)
    whole = store.read(0, 10_000)
    assert whole[: len(read)] == read
    assert sorted(each.seq for each in whole) == sorted(committed | set(late))
    assert whole[-1].seq == late[0] == min(each.seq for each in whole)
    versions: dict[str, list[int]] = {}
    for each in whole:
        versions.setdefault(each.stream, []).append(each.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def test_many_who_write_shared_streams_lose_no_update(store: Store) -> None:
    names = [f"pairing-{number}" for number in range(3)]

    def write(number: int) -> None:
        chance = random.Random(number)
        done = 0
        while done < 10:
            pair = chance.sample(names, 2)
            expected = {name: stream.revision for name, stream in store.load(pair).items()}
            try:
                store.append(batch(expected, *map(event, pair)), NOON)
            except Conflict:
                continue
            done += 1

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))
    loaded = store.load(names).values()
    assert sum(stream.version for stream in loaded) == WRITERS * 10 * 2
    assert all(len(stream.events) == stream.version == stream.revision for stream in loaded)
