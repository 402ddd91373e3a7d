"""No reader of positions ever misses an event; readers of sequence numbers do, and are caught.

The oracle knows what was committed. Each reader follows the log the way a projection would, from the last
event it has seen, and at the end has read exactly what was committed, or has lost something.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import psycopg
import pytest

from eventstore.follow import Follower
from eventstore.pool import Pool, open_pool
from eventstore.roles import acting_as
from eventstore.rows import Conflict, StoredEvent
from eventstore.store import Store
from pairway.running import keep_sealing
from tests.eventstore.crowd import ENDS, Account, write
from tests.eventstore.writing import NOON, append_in, batch, event

WRITERS = 16
LONG = 300.0  # seconds that a slow machine may take

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


@dataclass
class Watcher:
    """What a projection sees through one reader."""

    reader: Reader
    place: int = 0
    seen: list[int] = field(default_factory=list)

    def catch_up(self) -> None:
        while found := self.reader(self.place):
            self.place = found[-1][0]
            self.seen.extend(seq for _, seq in found)

    def keep_up(self, over: threading.Event) -> None:
        while not over.wait(0.002):
            self.catch_up()


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
    theirs, ours = Watcher(reader(pool)), Watcher(by_position(store))

    def look() -> None:
        theirs.catch_up()
        ours.catch_up()

    committed = disorder(pool, look)
    assert set(ours.seen) == committed
    assert len(ours.seen) == len(committed)
    assert set(theirs.seen) < committed


@pytest.mark.parametrize("rounds", [10, pytest.param(250, marks=pytest.mark.nightly)])
def test_among_sixteen_writers_readers_of_positions_lose_nothing_and_the_others_are_caught(
    database_url: str, rounds: int, seed: int
) -> None:
    with open_pool(acting_as(database_url), smallest=4, largest=30) as pool:
        store = Store(pool)
        naive, careful, ours = Watcher(by_seq(pool)), Watcher(by_seq_behind_xmin(pool)), Watcher(by_position(store))
        others = (naive, careful)

        def look() -> None:
            for watcher in (*others, ours):
                watcher.catch_up()

        early = disorder(pool, look)
        assert all(set(watcher.seen) < early for watcher in others), "this is how they lose events"
        seen_before = list(careful.seen)

        with long_transactions(database_url) as long, ThreadPoolExecutor(WRITERS + 6) as threads:
            over = threading.Event()
            helpers: list[Future[None]] = [threads.submit(keep_sealing(store.seal), over) for _ in range(2)]
            helpers += [threads.submit(watcher.keep_up, over) for watcher in others]
            following = [threads.submit(follow, database_url, store, over, limit) for limit in (7, 100)]
            writing = [threads.submit(write, database_url, store, number, rounds, seed) for number in range(WRITERS)]
            try:
                accounts = [writer.result() for writer in writing]
                store.seal(wait=True)
            finally:
                over.set()
            for helper in helpers:
                helper.result()
            followed = [each.result() for each in following]

            # While the long transactions are still open: ours has everything, the careful reader nothing at all.
            committed = early | {seq for account in accounts for seq, _, _ in account.committed}
            whole = store.read(0, 1_000_000)
            check_order(whole, committed, accounts)
            assert followed == [whole, whole]
            careful.catch_up()
            assert careful.seen == seen_before, "it waits for a transaction that has nothing to do with it"
            long.commit()

        store.seal(wait=True)
        ours.catch_up()
        for watcher in others:
            watcher.catch_up()
        assert ours.seen == [*[each.seq for each in whole], *long.seqs], "what was sealed before did not move"
        assert long.seqs[0] < min(seq for account in accounts for seq, _, _ in account.committed)
        committed |= set(long.seqs)
        assert set(naive.seen) < committed
        assert set(careful.seen) < committed
        came = sum((account.ends for account in accounts), Counter())
        assert came.keys() == ENDS.keys(), "the crowd did all it can do"


def check_order(whole: list[StoredEvent], committed: set[int], accounts: list[Account]) -> None:
    """Dense positions, each committed event once, each stream in its order, down to the last event."""
    assert [each.position for each in whole] == list(range(1, len(whole) + 1))
    assert sorted(each.seq for each in whole) == sorted(committed)
    versions: dict[str, list[int]] = {}
    for each in whole:
        versions.setdefault(each.stream, []).append(each.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    place = {each.seq: (each.position or 0, each.stream, each.cause_id) for each in whole}
    for account in accounts:
        # what one writer did, one thing after the other, is in that order for everybody
        mine = [place[seq] for seq, _, _ in account.committed]
        assert mine == sorted(mine, key=lambda one: one[0])
        assert [(stream, cause) for _, stream, cause in mine] == [told[1:] for told in account.committed]


def follow(url: str, store: Store, over: threading.Event, limit: int) -> list[StoredEvent]:
    """Reads along while others write, as a projection does: woken by seals, page by page."""
    read: list[StoredEvent] = []
    give_up = monotonic() + LONG
    with Follower(url) as follower:
        while monotonic() < give_up:
            last_look = over.is_set()
            while found := store.read(len(read), limit):
                read.extend(found)
            if last_look:
                return read
            follower.wait(len(read), 0.2)
    raise AssertionError("the writers did not end in time")


@dataclass
class Long:
    """Two transactions that are open all the while: one writes elsewhere, one has an event in hand."""

    unrelated: psycopg.Connection[tuple[object, ...]]
    writing: psycopg.Connection[tuple[object, ...]]
    seqs: list[int]

    def commit(self) -> None:
        self.writing.commit()
        self.unrelated.commit()


@contextmanager
def long_transactions(url: str) -> Iterator[Long]:
    with psycopg.connect(url) as unrelated, psycopg.connect(url) as writing:
        unrelated.execute("CREATE TABLE unrelated (id int)")
        yield Long(unrelated, writing, append_in(writing, batch({"pairing-long": 0}, event("pairing-long"))))


def test_many_who_write_shared_streams_lose_no_update(store: Store) -> None:
    names = [f"pairing-{number}" for number in range(3)]

    def write_some(number: int) -> None:
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

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write_some, range(4)))
    loaded = store.load(names).values()
    assert sum(stream.version for stream in loaded) == 4 * 10 * 2
    assert all(len(stream.events) == stream.version == stream.revision for stream in loaded)
