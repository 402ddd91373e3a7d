"""The global order: dense, in the order of commits as seen, and never changed afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from eventstore.pool import Pool
from eventstore.store import Store
from tests.eventstore.writing import NOON, append_in, batch, event, note, until_someone_waits


def order(store: Store) -> list[tuple[int | None, int]]:
    return [(each.position, each.seq) for each in store.read(0, 1000)]


def test_nothing_is_read_before_it_is_sealed(store: Store) -> None:
    (seq,) = note(store, "pairing-1")
    assert store.head() == 0
    assert store.read(0, 10) == []
    assert store.seal() == 1
    assert store.head() == 1
    assert order(store) == [(1, seq)]
    assert store.seal() == 0


def test_positions_have_no_holes_where_transactions_were_rolled_back(store: Store, pool: Pool) -> None:
    first = note(store, "pairing-1")
    with pool.connection() as conn, conn.transaction(force_rollback=True):
        append_in(conn, batch({"pairing-2": 0}, event("pairing-2"), event("pairing-2")))
    second = note(store, "pairing-3")
    assert second[0] > first[0] + 1
    store.seal()
    assert order(store) == [(1, first[0]), (2, second[0])]


def test_what_commits_late_comes_after_what_was_sealed_before_and_moves_nothing(store: Store, pool: Pool) -> None:
    with pool.connection() as late, late.transaction():
        early_seqs = append_in(late, batch({"pairing-1": 0}, event("pairing-1")))
        later_seqs = note(store, "pairing-2")
        assert early_seqs < later_seqs
        assert store.seal() == 1
        before = order(store)
    assert store.seal() == 1
    assert order(store) == [*before, (2, early_seqs[0])]


def test_a_seal_waits_for_no_unrelated_transaction_and_looks_at_nothing_twice(store: Store, pool: Pool) -> None:
    with pool.connection() as other, other.transaction():
        other.execute("CREATE TABLE unrelated (id int)")
        for number in range(5):
            note(store, f"pairing-{number}")
            assert store.seal() == 1
        assert store.head() == 5
    assert store.seal() == 0
    assert [position for position, _ in order(store)] == [1, 2, 3, 4, 5]


def test_events_of_one_seal_are_in_order_of_seq(store: Store) -> None:
    seqs = [seq for number in range(5) for seq in note(store, f"pairing-{9 - number}")]
    store.seal()
    assert order(store) == list(enumerate(seqs, 1))


def test_of_two_sealers_one_gives_way(store: Store, pool: Pool) -> None:
    note(store, "pairing-1")
    with pool.connection() as first, pool.connection() as second, first.transaction():
        assert first.execute("SELECT pairway.seal(false)").fetchone() == (1,)
        note(store, "pairing-2")
        second.execute("SET statement_timeout = '2s'")
        assert second.execute("SELECT pairway.seal(false)").fetchone() == (0,)
        second.execute("RESET statement_timeout")
    assert store.seal() == 1
    assert [position for position, _ in order(store)] == [1, 2]


def test_a_sealer_that_waits_sees_what_the_one_before_it_sealed(store: Store, pool: Pool) -> None:
    note(store, "pairing-1")
    with ThreadPoolExecutor(1) as thread, pool.connection() as first:
        with first.transaction():
            first.execute("SELECT pairway.seal(false)")
            (seq,) = note(store, "pairing-2")
            waiting = thread.submit(store.sealed, [seq])
            until_someone_waits(first)
        assert waiting.result() == {seq: 2}


def test_many_sealers_and_writers_leave_one_dense_order(store: Store) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            note(store, f"pairing-{number}")
            store.seal()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    store.seal()
    assert [position for position, _ in order(store)] == list(range(1, 41))
    assert len({seq for _, seq in order(store)}) == 40


def test_the_positions_of_events_are_known_once_they_are_sealed(store: Store) -> None:
    seqs = note(store, "pairing-1", "pairing-2")
    assert store.positions(seqs) == {}
    assert store.sealed(seqs) == {seqs[0]: 1, seqs[1]: 2}
    assert store.positions(seqs) == {seqs[0]: 1, seqs[1]: 2}
    assert store.sealed([]) == {}


@pytest.mark.parametrize(
    ("snapshot", "cluster"),
    [("900000000:900000000:", "cluster"), ("3:3:", "cluster + 1"), ("900000000:900000000:", "cluster + 1")],
)
def test_after_a_move_to_another_server_no_event_is_lost_or_sealed_twice(
    store: Store, pool: Pool, snapshot: str, cluster: str
) -> None:
    note(store, "pairing-1")
    store.seal()
    note(store, "pairing-2")
    with pool.connection() as conn:
        # As a dump restored elsewhere leaves it: the last seal counts in the transactions of another server.
        conn.execute(
            "INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position)"
            f" SELECT '{snapshot}', {cluster}, 1, 1 FROM pairway.seal"
        )
    note(store, "pairing-3")
    assert store.seal() == 2
    note(store, "pairing-4")
    assert store.seal() == 1
    assert [position for position, _ in order(store)] == [1, 2, 3, 4]


def test_sealing_on_an_old_snapshot_is_refused(pool: Pool) -> None:
    with pool.connection() as conn:
        conn.execute("SET default_transaction_isolation TO 'repeatable read'")
        with pytest.raises(psycopg.errors.RaiseException, match="READ COMMITTED"):
            conn.execute("SELECT pairway.seal(false)")


@pytest.mark.parametrize("table", ["event", "position", "seal"])
@pytest.mark.parametrize("change", ["UPDATE pairway.{} SET {} = {}", "DELETE FROM pairway.{}", "TRUNCATE pairway.{}"])
def test_what_was_recorded_is_neither_changed_nor_removed(store: Store, pool: Pool, table: str, change: str) -> None:
    note(store, "pairing-1")
    store.seal()
    column: dict[str, Any] = {"event": "actor", "position": "seq", "seal": "sealed_at"}
    statement = change.format(table, column[table], column[table])
    with pool.connection() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        conn.execute(statement.encode())
    assert len(order(store)) == 1


def test_reading_goes_on_from_a_position_and_stops_at_the_limit(store: Store) -> None:
    for number in range(5):
        note(store, f"pairing-{number}")
    store.seal()
    assert [each.position for each in store.read(1, 2)] == [2, 3]
    assert [each.position for each in store.read(3, 10)] == [4, 5]
    assert store.read(5, 10) == []


def test_reading_on_goes_page_by_page_to_the_head_and_can_be_left_in_the_middle(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.store.PAGE", 2)
    for number in range(5):
        note(store, f"pairing-{number}")
    store.seal()
    note(store, "pairing-5")
    pages = list(store.read_on(0))
    assert [[each.position for each in page] for page in pages] == [[1, 2], [3, 4], [5]]
    assert [event for page in pages for event in page] == store.read(0, 10)
    assert list(store.read_on(5)) == []
    for page in store.read_on(1):
        assert [each.position for each in page] == [2, 3]
        break
    assert store.head() == 5


def test_pages_that_were_sealed_as_they_were_written_are_read_as_the_others_are(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one goes from the first number of writing to the last, the other from each position to its event."""
    monkeypatch.setattr("eventstore.store.PAGE", 3)
    with pool.connection() as late, late.transaction():
        append_in(late, batch({"pairing-late": 0}, event("pairing-late"), event("pairing-late")))
        for number in range(4):
            note(store, f"pairing-{number}")
        store.seal()
    with pool.connection() as conn, conn.transaction(force_rollback=True):
        append_in(conn, batch({"pairing-gone": 0}, event("pairing-gone")))
    for number in range(4, 12):
        note(store, f"pairing-{number}")
    store.seal()
    whole = list(store.by_position())
    assert [each.position for each in whole] == list(range(1, 15))
    assert [event for page in store.read_on(0) for event in page] == whole
    for after in range(15):
        assert store.read(after, 4) == whole[after : after + 4]


def test_a_programme_is_read_in_global_order_or_stream_by_stream(store: Store) -> None:
    note(store, "pairing-b", "pairing-a", programme="p")
    note(store, "pairing-z", programme="q")
    note(store, "pairing-b", programme="p")
    store.seal()
    note(store, "pairing-a", programme="p")
    assert [(each.position, each.stream) for each in store.by_position("p")] == [
        (1, "pairing-b"),
        (2, "pairing-a"),
        (4, "pairing-b"),
    ]
    assert [(each.stream, each.version) for each in store.by_stream("p")] == [
        ("pairing-a", 1),
        ("pairing-b", 1),
        ("pairing-b", 2),
    ]
    assert len(list(store.by_position())) == 4
    assert [each.position for each in store.by_position(until=2)] == [1, 2]
    assert [each.position for each in store.read_stream("pairing-a")] == [2, None]


def test_reading_as_of_an_instant_leaves_out_what_is_dated_after_it(store: Store) -> None:
    events = [event("pairing-1", minutes=number) for number in range(3)]
    store.append(batch({"pairing-1": 0}, *events), NOON)
    store.seal()
    assert [each.version for each in store.by_position("p", as_of=events[1].at)] == [1, 2]
    assert [each.version for each in store.by_stream("p", as_of=events[0].at)] == [1]


def test_what_a_fact_caused_is_found_by_it(store: Store) -> None:
    store.append(batch({"pairing-1": 0}, event("pairing-1", cause="a"), event("pairing-1", cause="b")), NOON)
    assert [each.version for each in store.caused_by("/hr", "b")] == [2]
    assert store.caused_by("/hr", "c") == []
