"""Whoever waits for the next seal is woken by it, also after the connection was lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from eventstore.follow import Follower
from eventstore.pool import Pool
from eventstore.store import Store
from tests.eventstore.writing import note

LONG = 20.0


def test_a_follower_knows_the_head_from_the_start(store: Store, database_url: str) -> None:
    note(store, "pairing-1")
    store.seal()
    with Follower(database_url) as follower:
        assert follower.wait(0, LONG) == 1
        assert follower.head == 1


def test_all_who_wait_are_woken_by_a_seal_and_not_by_an_append(store: Store, database_url: str) -> None:
    with Follower(database_url) as follower, ThreadPoolExecutor(3) as threads:
        assert follower.listening(LONG)
        waiting = [threads.submit(follower.wait, 0, LONG) for _ in range(3)]
        note(store, "pairing-1", "pairing-2")
        assert follower.wait(0, 0.05) == 0
        store.seal()
        assert [each.result() for each in waiting] == [2, 2, 2]


def test_waiting_ends_with_its_time(database_url: str) -> None:
    with Follower(database_url) as follower:
        assert follower.wait(0, 0.01) == 0


def test_closing_wakes_whoever_waits(database_url: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        with Follower(database_url) as follower:
            assert follower.listening(LONG)
            waiting = thread.submit(follower.wait, 0, LONG)
        assert waiting.result(LONG / 2) == 0


def test_a_lost_connection_is_made_again_and_what_was_sealed_meanwhile_is_not_missed(
    store: Store, pool: Pool, database_url: str
) -> None:
    with Follower(database_url) as follower:
        for head in (1, 2, 3):
            assert follower.listening(LONG)
            with pool.connection() as conn:
                ended = conn.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = 'pairway follow' AND datname = current_database()"
                ).fetchall()
            assert ended == [(True,)]
            note(store, f"pairing-{head}")
            store.seal()
            assert follower.wait(head - 1, LONG) == head


def test_a_follower_outlives_a_database_that_is_not_there(database_url: str) -> None:
    with Follower("host=127.0.0.1 port=1 connect_timeout=1") as follower:
        assert follower.wait(0, 0.3) == 0
        assert not follower.listening(0)


@pytest.mark.parametrize("times", [1, 2])
def test_a_follower_may_be_closed_again(database_url: str, times: int) -> None:
    follower = Follower(database_url)
    follower.start()
    for _ in range(times):
        follower.close()
