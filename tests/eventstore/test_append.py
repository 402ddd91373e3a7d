"""The contract of an append: all of it or nothing, and only on what was read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

from eventstore.pool import Pool
from eventstore.rows import Append, Conflict, Settled
from eventstore.store import Store
from tests.eventstore.writing import NOON, append_in, arrival, batch, destroy_keys, event, note, until_someone_waits


def versions(store: Store, stream: str) -> list[int]:
    return [each.version for each in store.read_stream(stream)]


def test_a_stream_never_seen_is_at_revision_0_and_has_nothing(store: Store) -> None:
    stream = store.load(["pairing-1"])["pairing-1"]
    assert (stream.revision, stream.version, stream.programme, stream.events) == (0, 0, None, [])
    assert (stream.key, stream.key_destroyed, stream.barred, stream.waiting) == (None, False, False, [])


def test_versions_of_a_stream_are_consecutive_whatever_stands_between(store: Store) -> None:
    expected = {"pairing-1": 0, "pairing-2": 0}
    events = [event("pairing-1", "A"), event("pairing-2", "B"), event("pairing-1", "C")]
    appended = store.append(batch(expected, *events), NOON)
    assert appended.seqs == sorted(appended.seqs)
    assert len(appended.seqs) == 3
    assert [(each.version, each.type) for each in store.read_stream("pairing-1")] == [(1, "A"), (2, "C")]
    assert versions(store, "pairing-2") == [1]
    note(store, "pairing-1", "pairing-2")
    assert versions(store, "pairing-1") == [1, 2, 3]
    assert versions(store, "pairing-2") == [1, 2]


def test_an_event_comes_back_as_it_was_given(store: Store) -> None:
    given = event("pairing-1", "Noted", cause="7", minutes=3)
    (seq,) = store.append(batch({"pairing-1": 0}, given), NOON).seqs
    (past,) = store.load(["pairing-1"])["pairing-1"].events
    assert (past.version, past.type, past.at, past.data) == (1, given.type, given.at, given.data)
    (stored,) = store.read_stream("pairing-1")
    assert (stored.seq, stored.programme, stored.stream, stored.version) == (seq, "p", "pairing-1", 1)
    assert (stored.type, stored.at, stored.recorded_at) == (given.type, given.at, NOON)
    assert (stored.actor, stored.cause_source, stored.cause_id) == ("upstream", "/hr", "7")
    assert (stored.correlation, stored.data) == (None, given.data)
    assert stored.position is None


def test_a_rollback_on_the_same_connection_is_no_trouble_for_who_comes_after(store: Store, pool: Pool) -> None:
    store.append(batch({"pairing-1": 0}, event("pairing-1")), NOON)
    pool.resize(1, 1)
    for _ in range(2):
        with suppress(ZeroDivisionError), pool.connection() as conn, conn.transaction():
            for _ in range(8):
                conn.execute("SELECT 1")  # until the driver has prepared it
            raise ZeroDivisionError
        assert len(store.load(["pairing-1"])["pairing-1"].events) == 1
        revision = store.load(["pairing-1"])["pairing-1"].revision
        with pytest.raises(Conflict):
            store.append(batch({"pairing-1": revision + 1}, event("pairing-1")), NOON)


def test_the_revision_rises_by_one_with_every_append_however_many_its_events(store: Store) -> None:
    store.append(batch({"pairing-1": 0}, event("pairing-1"), event("pairing-1")), NOON)
    assert store.load(["pairing-1"])["pairing-1"].revision == 1
    store.append(batch({"pairing-1": 1}, event("pairing-1")), NOON)
    assert store.load(["pairing-1"])["pairing-1"].revision == 2


def test_only_events_after_the_version_already_known_are_read(store: Store) -> None:
    for _ in range(3):
        note(store, "pairing-1", "pairing-2")
    loaded = store.load(["pairing-1", "pairing-2"], {"pairing-1": 2})
    assert [each.version for each in loaded["pairing-1"].events] == [3]
    assert [each.version for each in loaded["pairing-2"].events] == [1, 2, 3]


@pytest.mark.parametrize("stale", [0, 2, 7])
def test_a_stale_expectation_is_a_conflict_that_names_the_stream_and_writes_nothing(store: Store, stale: int) -> None:
    note(store, "pairing-1")
    what = batch({"pairing-1": stale, "pairing-2": 0}, event("pairing-1"), event("pairing-2"))
    what.inbox = [arrival("pairing-1", fact="twin")]
    with pytest.raises(Conflict) as conflict:
        store.append(what, NOON)
    assert conflict.value.streams == ("pairing-1",)
    assert versions(store, "pairing-1") == [1]
    assert versions(store, "pairing-2") == []
    assert store.seen([("/hr", "twin")]) == {}
    assert store.load(["pairing-2"])["pairing-2"].revision == 0


def test_all_stale_streams_of_an_append_are_named(store: Store) -> None:
    note(store, "pairing-1", "pairing-2", "pairing-3")
    expected = {"pairing-1": 0, "pairing-2": 1, "pairing-3": 5, "pairing-9": 4}
    with pytest.raises(Conflict) as conflict:
        store.append(batch(expected, event("pairing-2")), NOON)
    assert set(conflict.value.streams) == {"pairing-1", "pairing-3", "pairing-9"}


def test_what_was_only_read_must_hold_too(store: Store) -> None:
    note(store, "programme-p")
    note(store, "programme-p")
    with pytest.raises(Conflict) as conflict:
        store.append(batch({"programme-p": 1, "pairing-1": 0}, event("pairing-1")), NOON)
    assert conflict.value.streams == ("programme-p",)
    store.append(batch({"programme-p": 2, "pairing-1": 0}, event("pairing-1")), NOON)
    assert store.load(["programme-p"])["programme-p"].revision == 2


def test_that_a_stream_did_not_exist_yet_must_hold_too(store: Store) -> None:
    note(store, "participant-1")
    with pytest.raises(Conflict):
        store.append(batch({"participant-1": 0, "pairing-1": 0}, event("pairing-1")), NOON)


def test_writing_what_was_not_read_is_refused_before_the_database_is_asked(store: Store) -> None:
    with pytest.raises(ValueError, match="pairing-2: written without an expected revision"):
        store.append(batch({"pairing-1": 0}, event("pairing-1"), event("pairing-2")), NOON)


def test_an_event_needs_a_stream_that_belongs_to_a_programme(store: Store) -> None:
    with pytest.raises(psycopg.errors.NotNullViolation):
        store.append(Append(expected={"pairing-1": 0}, events=[event("pairing-1")]), NOON)


def test_a_stream_with_events_never_changes_its_programme(store: Store) -> None:
    note(store, "pairing-1", programme="p")
    note(store, "pairing-1", programme="q")
    assert {each.programme for each in store.read_stream("pairing-1")} == {"p"}


def test_an_append_of_nothing_but_an_expectation_is_fine(store: Store) -> None:
    appended = store.append(Append(expected={"pairing-1": 0}), NOON)
    assert (appended.seqs, appended.arrivals) == ([], [])


def test_two_who_only_read_the_same_stream_do_not_wait_for_each_other(store: Store, pool: Pool) -> None:
    note(store, "programme-p")
    with pool.connection() as one, pool.connection() as two, one.transaction(), two.transaction():
        two.execute("SET LOCAL lock_timeout = '2s'")
        append_in(one, batch({"programme-p": 1, "pairing-1": 0}, event("pairing-1")))
        append_in(two, batch({"programme-p": 1, "pairing-2": 0}, event("pairing-2")))


def test_one_who_writes_waits_for_one_who_has_read(store: Store, pool: Pool) -> None:
    note(store, "programme-p")
    with pool.connection() as one, pool.connection() as two, one.transaction():
        append_in(one, batch({"programme-p": 1, "pairing-1": 0}, event("pairing-1")))
        two.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            append_in(two, batch({"programme-p": 1}, event("programme-p")))
        two.execute("RESET lock_timeout")


@pytest.mark.parametrize("revision", [0, 1])
def test_one_who_waited_for_another_writer_finds_what_that_one_wrote(store: Store, pool: Pool, revision: int) -> None:
    for _ in range(revision):
        note(store, "pairing-1")
    with ThreadPoolExecutor(1) as thread, pool.connection() as first, pool.connection() as watcher:
        with first.transaction():
            append_in(first, batch({"pairing-1": revision}, event("pairing-1")))
            second = thread.submit(store.append, batch({"pairing-1": revision}, event("pairing-1")), NOON)
            until_someone_waits(watcher)
        with pytest.raises(Conflict, match="changed since they were read"):
            second.result()
    assert versions(store, "pairing-1") == list(range(1, revision + 2))


def test_streams_are_locked_in_one_order_whatever_order_they_were_read_in(store: Store, pool: Pool) -> None:
    names = ["pairing-1", "pairing-2", "participant-1"]
    note(store, *names)
    with ThreadPoolExecutor(1) as thread, pool.connection() as first, pool.connection() as watcher:
        with first.transaction():
            first.execute("SELECT FROM pairway.stream WHERE stream = 'pairing-1' FOR UPDATE")
            backwards = batch(dict.fromkeys(reversed(names), 1), event("pairing-2"), event("pairing-1"))
            waiting = thread.submit(store.append, backwards, NOON)
            until_someone_waits(watcher)
            # Nothing that comes after the one it waits for is locked yet.
            first.execute("SELECT FROM pairway.stream FOR UPDATE NOWAIT")
        assert len(waiting.result().seqs) == 2


def test_of_many_who_write_on_one_reading_exactly_one_succeeds(store: Store) -> None:
    note(store, "pairing-1", "pairing-2")

    def attempt(number: int) -> bool:
        order = ["pairing-1", "pairing-2"] if number % 2 else ["pairing-2", "pairing-1"]
        try:
            store.append(batch(dict.fromkeys(order, 1), *map(event, order)), NOON)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(16))) == 1
    assert versions(store, "pairing-1") == versions(store, "pairing-2") == [1, 2]


def test_of_many_who_meet_on_a_stream_never_seen_exactly_one_succeeds(store: Store) -> None:
    def attempt(number: int) -> bool:
        try:
            store.append(batch({"pairing-1": 0, f"pairing-x{number}": 0}, event("pairing-1")), NOON)
        except Conflict as conflict:
            return "pairing-1" not in conflict.streams
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(16))) == 1
    assert versions(store, "pairing-1") == [1]


def test_a_deadlock_with_others_is_a_conflict(store: Store, pool: Pool) -> None:
    note(store, "pairing-1", "pairing-2")
    with ThreadPoolExecutor(1) as thread, pool.connection() as other, other.transaction():
        # Locks in the wrong order, as none of ours ever does.
        other.execute("SELECT FROM pairway.stream WHERE stream = 'pairing-2' FOR UPDATE")
        expected = {"pairing-1": 1, "pairing-2": 1}
        append = thread.submit(store.append, batch(expected, event("pairing-1"), event("pairing-2")), NOON)
        with pool.connection() as watcher:
            until_someone_waits(watcher)
        # Ours waits longer already and so looks first; where we may, we make sure of it.
        other.execute(
            "SELECT set_config('deadlock_timeout', '1h', true) FROM pg_roles WHERE rolname = current_user AND rolsuper"
        )
        other.execute("SELECT FROM pairway.stream WHERE stream = 'pairing-1' FOR UPDATE")
        with pytest.raises(Conflict) as conflict:
            append.result()
    assert conflict.value.streams == ("pairing-1", "pairing-2")
    assert versions(store, "pairing-1") == [1]


# Claims and keys


def test_a_claim_is_held_by_whoever_made_it_first(store: Store) -> None:
    claimed = batch({"participant-1": 0}, event("participant-1"))
    claimed.claims = {"p/mentor/anna": "participant-1"}
    store.append(claimed, NOON)
    second = batch({"participant-2": 0}, event("participant-2"))
    second.claims = {"p/mentor/anna": "participant-2", "p/protege/anna": "participant-2"}
    with pytest.raises(Conflict) as conflict:
        store.append(second, NOON)
    assert conflict.value.streams == ("participant-2",)
    assert store.holders(["p/mentor/anna", "p/protege/anna"]) == {"p/mentor/anna": "participant-1"}
    assert versions(store, "participant-2") == []


def test_a_stream_may_claim_again_what_it_holds(store: Store) -> None:
    for revision in (0, 1):
        what = batch({"participant-1": revision}, event("participant-1"))
        what.claims = {"p/mentor/anna": "participant-1"}
        store.append(what, NOON)
    assert versions(store, "participant-1") == [1, 2]


def test_a_key_is_made_once(store: Store) -> None:
    what = batch({"pairing-1": 0}, event("pairing-1"))
    what.keys = {"pairing-1": b"wrapped"}
    store.append(what, NOON)
    assert store.load(["pairing-1"])["pairing-1"].key == b"wrapped"
    again = batch({"pairing-1": 1}, event("pairing-1"))
    again.keys = {"pairing-1": b"another"}
    with pytest.raises(Conflict) as conflict:
        store.append(again, NOON)
    assert conflict.value.streams == ("pairing-1",)
    assert store.load(["pairing-1"])["pairing-1"].key == b"wrapped"


def test_a_destroyed_key_is_never_made_again(store: Store) -> None:
    assert store.keep_key("pairing-1", b"wrapped") == b"wrapped"
    assert store.keep_key("pairing-1", b"another") == b"wrapped"
    assert destroy_keys(store, "pairing-1", "pairing-2") == ["pairing-1"]
    assert store.key("pairing-1") is None
    stream = store.load(["pairing-1"])["pairing-1"]
    assert (stream.key, stream.key_destroyed) == (None, True)
    what = batch({"pairing-1": 0}, event("pairing-1"))
    what.keys = {"pairing-1": b"another"}
    with pytest.raises(Conflict):
        store.append(what, NOON)
    with pytest.raises(ValueError, match="never made again"):
        store.keep_key("pairing-1", b"another")


# Facts, and those that wait


def test_a_fact_is_seen_with_what_became_of_it(store: Store) -> None:
    what = batch({"pairing-1": 0}, event("pairing-1"))
    what.inbox = [arrival("pairing-1", fact="a"), arrival("pairing-1", "refused", fact="b")]
    appended = store.append(what, NOON)
    seen = store.seen([("/hr", "a"), ("/hr", "b"), ("/hr", "c"), ("/crm", "a")])
    assert {key: each.disposition for key, each in seen.items()} == {
        ("/hr", "a"): "accepted",
        ("/hr", "b"): "refused",
    }
    assert [seen["/hr", name].arrival for name in "ab"] == appended.arrivals
    assert seen["/hr", "a"].body == b"sealed"


def test_a_fact_that_another_client_brought_at_the_same_time_is_a_conflict(store: Store) -> None:
    store.append(Append(inbox=[arrival(None, "refused", fact="a")]), NOON)
    what = batch({"pairing-1": 0}, event("pairing-1"))
    what.inbox = [arrival("pairing-1", fact="a")]
    with pytest.raises(Conflict, match="one source and id"):
        store.append(what, NOON)
    assert versions(store, "pairing-1") == []


def test_an_invalid_fact_is_kept_but_not_remembered_as_seen(store: Store) -> None:
    for _ in range(2):
        store.append(Append(inbox=[arrival(None, "invalid", fact="a")]), NOON)
    assert store.seen([("/hr", "a")]) == {}
    store.append(Append(inbox=[arrival("pairing-1", "refused", fact="a")]), NOON)
    assert store.seen([("/hr", "a")])["/hr", "a"].disposition == "refused"


def test_text_that_postgresql_cannot_hold_stops_nothing(store: Store) -> None:
    odd = "a\0b\ud800"
    row = arrival(None, "refused", fact=odd)
    store.append(Append(inbox=[row]), NOON)
    assert store.seen([("/hr", odd), ("/hr", "else")]).keys() == {("/hr", odd)}


def test_a_parked_fact_waits_at_a_stream_that_need_not_exist(store: Store) -> None:
    row = arrival("pairing-1", "parked", fact="a", waits_for="participant-1")
    (number,) = store.append(Append(expected={"participant-1": 0}, inbox=[row]), NOON).arrivals
    stream = store.load(["participant-1"])["participant-1"]
    assert (stream.version, stream.revision) == (0, 1)
    (waiting,) = stream.waiting
    assert (waiting.arrival, waiting.source, waiting.id, waiting.stream) == (number, "/hr", "a", "pairing-1")
    assert waiting.body == b"sealed"
    with pytest.raises(Conflict):
        store.append(batch({"participant-1": 0}, event("participant-1")), NOON)


def test_parking_at_a_stream_that_was_not_read_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="participant-1"):
        store.append(Append(inbox=[arrival("pairing-1", "parked", waits_for="participant-1")]), NOON)


def test_facts_wait_in_order_of_arrival_and_settled_ones_wait_no_more(store: Store) -> None:
    rows = [arrival("pairing-1", "parked", fact=name, waits_for="pairing-1") for name in "abc"]
    a, b, c = store.append(Append(expected={"pairing-1": 0}, inbox=rows), NOON).arrivals
    assert [each.id for each in store.load(["pairing-1"])["pairing-1"].waiting] == ["a", "b", "c"]

    settling = batch({"pairing-1": 1, "pairing-2": 0}, event("pairing-1"))
    settling.settled = [
        Settled(a, "accepted"),
        Settled(b, "refused", reason="The pairing has ended."),
        Settled(c, "parked", waits_for="pairing-2", programme="p"),
    ]
    store.append(settling, NOON)
    assert store.load(["pairing-1"])["pairing-1"].waiting == []
    assert [each.id for each in store.load(["pairing-2"])["pairing-2"].waiting] == ["c"]
    seen = store.seen([("/hr", name) for name in "abc"])
    assert [seen["/hr", name].disposition for name in "abc"] == ["accepted", "refused", "parked"]
    assert seen["/hr", "b"].reason == "The pairing has ended."


def test_a_fact_that_another_settled_is_a_conflict(store: Store) -> None:
    row = arrival("pairing-1", "parked", waits_for="pairing-1")
    (number,) = store.append(Append(expected={"pairing-1": 0}, inbox=[row]), NOON).arrivals
    store.append(Append(expected={"pairing-1": 1}, touched={"pairing-1"}, settled=[Settled(number, "refused")]), NOON)
    late = batch({"pairing-2": 0}, event("pairing-2"))
    late.settled = [Settled(number, "accepted")]
    with pytest.raises(Conflict) as conflict:
        store.append(late, NOON)
    assert conflict.value.streams == ("pairing-1",)
    assert versions(store, "pairing-2") == []


def test_a_touched_stream_and_a_barred_one_are_at_a_new_revision(store: Store) -> None:
    store.append(Append(expected={"pairing-1": 0}, touched={"pairing-1"}), NOON)
    assert store.load(["pairing-1"])["pairing-1"].revision == 1
    store.append(Append(expected={"pairing-1": 1}, barred={"pairing-1": True}), NOON)
    stream = store.load(["pairing-1"])["pairing-1"]
    assert (stream.revision, stream.barred) == (2, True)
    lifted = batch({"pairing-1": 2}, event("pairing-1"))
    lifted.barred = {"pairing-1": False}
    store.append(lifted, NOON)
    assert not store.load(["pairing-1"])["pairing-1"].barred
