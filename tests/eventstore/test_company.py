"""Appends in company: each with its own outcome, whatever becomes of the others in the same commit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.company import LARGEST, MOST, Alone, Asked, Company, apart, fits
from eventstore.pool import Pool, open_pool
from eventstore.rows import Append, Appended, Conflict
from eventstore.store import Store
from tests.eventstore.writing import NOON, append_in, batch, event, until_someone_waits

_numbers = count(1)


def asked(stream: str, revision: int, events: int = 1) -> Asked:
    """An append to one stream, which names the programme where it begins it."""
    what = batch({stream: revision}, *(event(stream, minutes=minute) for minute in range(events)))
    if revision:
        what.programmes.clear()
    return what, NOON


def in_company(pool: Pool, *what: Asked) -> Sequence[Appended | Exception]:
    return Company(pool)(list(what))


def told(answers: Sequence[Appended | Exception]) -> list[object]:
    """How many events each has recorded, or what it was told instead."""
    return [len(one.seqs) if isinstance(one, Appended) else type(one) for one in answers]


def versions(store: Store, stream: str) -> list[int]:
    return [each.version for each in store.read_stream(stream)]


def test_each_gets_the_numbers_of_its_own_events(store: Store, pool: Pool) -> None:
    answers = in_company(pool, asked("pairing-b", 0, 3), asked("pairing-a", 0), asked("pairing-c", 0, 2))
    assert told(answers) == [3, 1, 2]
    for stream, answer in zip(("pairing-b", "pairing-a", "pairing-c"), answers, strict=True):
        assert isinstance(answer, Appended)
        stored = store.read_stream(stream)
        assert [each.seq for each in stored] == answer.seqs
        assert [each.version for each in stored] == list(range(1, len(stored) + 1))
        assert [each.at for each in stored] == [event(stream, minutes=minute).at for minute in range(len(stored))]
        assert {each.programme for each in stored} == {"p"}
        assert (store.load([stream])[stream].version, store.load([stream])[stream].revision) == (len(stored), 1)


def test_a_conflict_harms_nobody_beside_it(store: Store, pool: Pool) -> None:
    store.append(batch({"pairing-b": 0}, event("pairing-b")), NOON)
    answers = in_company(
        pool, asked("pairing-a", 0), asked("pairing-b", 0), asked("pairing-c", 7), asked("pairing-d", 0, 2)
    )
    assert told(answers) == [1, Conflict, Conflict, 2]
    assert str(answers[1]) == "pairing-b: changed since they were read."
    assert [versions(store, f"pairing-{name}") for name in "abcd"] == [[1], [1], [], [1, 2]]


def test_single_events_on_streams_that_are_there_go_in_one_statement_each_with_its_own_outcome(
    store: Store, pool: Pool
) -> None:
    for stream, each in (("pairing-a", 1), ("pairing-b", 3), ("pairing-é\ufffd", 2)):
        store.append(*asked(stream, 0, each))
    what = asked("pairing-é\0", 1), asked("pairing-b", 9), asked("pairing-none", 4), asked("pairing-a", 1)
    answers = in_company(pool, *what)
    assert told(answers) == [1, Conflict, Conflict, 1]
    assert [versions(store, f"pairing-{name}") for name in ("é\ufffd", "b", "none", "a")] == [
        [1, 2, 3], [1, 2, 3], [], [1, 2],
    ]  # fmt: skip
    for stream, answer in (("pairing-é\ufffd", answers[0]), ("pairing-a", answers[3])):
        last = store.read_stream(stream)[-1]
        assert isinstance(answer, Appended)
        assert answer.seqs == [last.seq]
        assert (last.programme, last.at, last.recorded_at) == ("p", event(stream).at, NOON)
        assert (store.load([stream])[stream].version, store.load([stream])[stream].revision) == (last.version, 2)
    assert told(in_company(pool, asked("pairing-a", 2), (asked("pairing-b", 1)[0], NOON.replace(tzinfo=None)))) == [
        Alone, Alone,
    ]  # fmt: skip


def test_names_that_are_one_in_the_record_go_one_after_the_other() -> None:
    what = asked("pairing-é\0", 1), asked("pairing-b", 1), asked("pairing-é\ufffd", 1)
    assert apart(what) == [0, 1]


def test_a_poisoned_append_is_told_so_and_those_beside_it_are_recorded(store: Store, pool: Pool) -> None:
    orphan = Append(expected={"pairing-b": 0}, events=[event("pairing-b")]), NOON
    dateless = asked("pairing-c", 0)[0], NOON.replace(tzinfo=None)
    for poison in (orphan, dateless):
        assert told(in_company(pool, asked("pairing-a", 0), poison)) == [Alone, Alone]
    assert versions(store, "pairing-a") == []

    with ThreadPoolExecutor(8) as threads:
        good = [threads.submit(store.append, *asked(f"pairing-good-{number}", 0)) for number in range(6)]
        with pytest.raises(psycopg.errors.NotNullViolation):
            store.append(*orphan)
        assert all(len(one.result().seqs) == 1 for one in good)
    assert versions(store, "pairing-b") == []


def test_a_locked_stream_holds_up_nobody_but_whoever_wants_it(store: Store, pool: Pool) -> None:
    store.append(batch({"pairing-a": 0}, event("pairing-a")), NOON)
    with ThreadPoolExecutor(2) as threads, pool.connection() as other:
        with other.transaction():
            append_in(other, batch({"pairing-a": 1}, event("pairing-a")))
            assert told(in_company(pool, asked("pairing-a", 1), asked("pairing-b", 0))) == [Alone, Alone]
            waits = threads.submit(store.append, *asked("pairing-a", 1))
            until_someone_waits(other)
            assert threads.submit(store.append, *asked("pairing-b", 0)).result(10).seqs
        assert isinstance(waits.exception(10), Conflict)
    assert versions(store, "pairing-a") == [1, 2]


def test_all_whose_connection_was_cut_are_told_and_nothing_stays_in_the_way(store: Store, database_url: str) -> None:
    store.append(batch({"pairing-a": 0}, event("pairing-a")), NOON)
    with open_pool(database_url, largest=1) as single:  # so that the one that is cut is the one that is asked
        for what in ([asked("pairing-a", 1)], [asked("pairing-a", 1), asked("pairing-b", 0)]):
            with single.connection() as conn:
                cut = conn.info.backend_pid
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (cut,))
            with pytest.raises(psycopg.OperationalError):
                in_company(single, *what)
        assert told(in_company(single, asked("pairing-a", 1), asked("pairing-b", 0))) == [1, 1]


def test_only_appends_of_events_to_one_stream_go_in_company() -> None:
    plain = asked("pairing-a", 0, 2)[0]
    assert fits(plain)
    assert not fits(Append())
    assert not fits(batch({"pairing-a": 0, "pairing-b": 0}, event("pairing-a")))
    assert not fits(batch({"pairing-b": 0}, event("pairing-a")))
    assert not fits(asked("pairing-a", 0, LARGEST + 1)[0])
    for name, value in (
        ("touched", {"pairing-a"}), ("barred", {"pairing-a": True}), ("by_time", True), ("import_id", 1),
        ("claims", {"one": "pairing-a"}), ("keys", {"pairing-a": b"key"}), ("named_programmes", {"p"}),
    ):  # fmt: skip
        other = asked("pairing-a", 0)[0]
        setattr(other, name, value)
        assert not fits(other), name


def test_no_two_of_one_stream_and_not_too_many_go_together() -> None:
    assert apart([asked("a", 0), asked("b", 0), asked("a", 1), asked("c", 0)]) == [0, 1, 3]
    large = [asked(f"pairing-{number}", 0, LARGEST) for number in range(MOST // LARGEST + 2)]
    assert apart(large) == list(range(MOST // LARGEST))


def test_a_programme_is_held_by_the_import_that_brought_facts_of_its_stream(store: Store, pool: Pool) -> None:
    with pool.connection() as conn:
        conn.execute("INSERT INTO pairway.import (name, opened_at) VALUES ('one', now())")
        conn.execute(
            "INSERT INTO pairway.inbox (source, id, stream, received_at, body, disposition, arrived_as, import_id)"
            " SELECT '/hr', 'a', 'pairing-a', now(), 'x', 'refused', 'refused', id FROM pairway.import"
        )
        assert told(in_company(pool, asked("pairing-a", 0), asked("pairing-b", 0))) == [1, 1]
        assert conn.execute("SELECT programme FROM pairway.import_programme").fetchall() == [("p",)]


def test_many_who_write_the_same_few_streams_lose_no_update(store: Store) -> None:
    names = [f"pairing-{number}" for number in range(4)]

    def write(number: int) -> int:
        chance, recorded = random.Random(number), 0
        while recorded < 30:
            stream = chance.choice(names)
            many = chance.randint(1, 3)
            try:
                store.append(*asked(stream, store.load([stream])[stream].revision, many))
            except Conflict:
                continue
            recorded += many
        return recorded

    with ThreadPoolExecutor(8) as threads:
        recorded = sum(threads.map(write, range(8)))
    for name in names:
        found = versions(store, name)
        assert found == list(range(1, len(found) + 1))
    assert sum(len(versions(store, name)) for name in names) == recorded


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(
        st.lists(
            st.tuples(st.sampled_from("abcde"), st.sampled_from((0, 0, 0, -1, 1)), st.sampled_from((1, 1, 1, 1, 2, 3))),
            min_size=1,
            max_size=5,
            unique_by=lambda one: one[0],
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_what_is_recorded_in_company_is_what_would_be_one_after_the_other(
    store: Store, pool: Pool, groups: list[list[tuple[str, int, int]]]
) -> None:
    """Against a plain model: a stream, and the revision it is really at, off by some."""
    number = next(_numbers)
    model: dict[str, tuple[int, int]] = {}
    for group in groups:
        expected: list[object] = []
        what = []
        for name, off, events in group:
            stream = f"pairing-{number}-{name}"
            revision, version = model.get(stream, (0, 0))
            what.append(asked(stream, max(0, revision + off), events))
            if max(0, revision + off) == revision:
                model[stream] = revision + 1, version + events
                expected.append(events)
            else:
                expected.append(Conflict)
        assert told(in_company(pool, *what)) == expected
    loaded = store.load(list(model))
    assert {name: (one.revision, one.version) for name, one in loaded.items()} == model
    assert all(versions(store, name) == list(range(1, version + 1)) for name, (_, version) in model.items())
