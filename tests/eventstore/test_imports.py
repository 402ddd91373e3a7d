"""While an import is open, what time alone causes is not recorded for its programmes."""

from __future__ import annotations

import pytest

from eventstore import imports
from eventstore.pool import Pool
from eventstore.rows import Append, Held
from eventstore.store import Store
from tests.eventstore.writing import NOON, arrival, batch, event, note


def by_time(store: Store, stream: str) -> list[int]:
    what = batch({stream: store.load([stream])[stream].revision}, event(stream))
    what.by_time = True
    return store.append(what, NOON).seqs


def opened(pool: Pool, name: str = "facts.ndjson") -> int:
    return imports.open_import(pool, name, b"digest", NOON)


def test_time_stands_still_for_the_programmes_of_an_open_import_and_for_no_other(store: Store, pool: Pool) -> None:
    note(store, "pairing-1", "pairing-2", programme="p")
    note(store, "pairing-9", programme="q")
    number = opened(pool)
    what = batch({"pairing-1": 1}, event("pairing-1"))
    what.import_id = number
    store.append(what, NOON)

    with pytest.raises(Held) as held:
        by_time(store, "pairing-2")
    assert held.value.programmes == ("p",)
    assert len(store.read_stream("pairing-2")) == 1
    assert by_time(store, "pairing-9")

    assert imports.held_programmes(pool) == {"p"}
    assert imports.finish(pool, number, NOON)
    assert by_time(store, "pairing-2")
    assert imports.held_programmes(pool) == set()


def test_an_import_that_is_given_up_holds_nothing(store: Store, pool: Pool) -> None:
    note(store, "pairing-1")
    number = opened(pool)
    store.append(Append(expected={"pairing-1": 1}, import_id=number), NOON)
    assert imports.abandon(pool, number, NOON)
    assert by_time(store, "pairing-1")


def test_facts_go_on_during_an_import(store: Store, pool: Pool) -> None:
    note(store, "pairing-1")
    store.append(Append(expected={"pairing-1": 1}, import_id=opened(pool)), NOON)
    assert note(store, "pairing-1")


def test_programmes_that_a_fact_only_names_are_held(store: Store, pool: Pool) -> None:
    note(store, "pairing-1", programme="p")
    store.append(Append(import_id=opened(pool), named_programmes={"p"}), NOON)
    with pytest.raises(Held):
        by_time(store, "pairing-1")


def test_a_stream_that_gets_its_programme_brings_it_to_the_imports_that_spoke_of_it(store: Store, pool: Pool) -> None:
    row = arrival("pairing-1", "parked", waits_for="pairing-1")
    number = opened(pool)
    store.append(Append(expected={"pairing-1": 0}, inbox=[row], import_id=number), NOON)
    assert imports.held_programmes(pool) == set()
    note(store, "pairing-1", programme="p")
    assert imports.held_programmes(pool) == {"p"}
    with pytest.raises(Held):
        by_time(store, "pairing-1")


def test_an_open_import_is_found_again_by_its_name_and_a_finished_one_is_not(pool: Pool) -> None:
    number = opened(pool)
    assert opened(pool) == number
    assert opened(pool, "other.ndjson") != number
    assert imports.finish(pool, number, NOON)
    assert not imports.finish(pool, number, NOON)
    assert not imports.abandon(pool, number, NOON)
    assert opened(pool) != number


def test_an_import_says_how_many_lines_are_done(store: Store, pool: Pool) -> None:
    number = opened(pool)
    for _ in range(2):
        store.append(Append(import_id=number, lines=500), NOON)
    (each,) = imports.open_imports(pool)
    assert (each.id, each.name, each.lines_done, each.programmes) == (number, "facts.ndjson", 1000, [])
