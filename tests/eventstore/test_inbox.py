"""The inbox as people look at it, and how far each reader of the log has come."""

from __future__ import annotations

import msgspec

from eventstore import inbox
from eventstore.pool import Pool
from eventstore.rows import Append
from eventstore.store import Store
from tests.eventstore.writing import NOON, arrival


def filled(store: Store) -> list[int]:
    rows = [
        arrival("pairing-1"),
        arrival("pairing-1", "parked", fact="a", waits_for="pairing-1"),
        arrival("pairing-2", "refused", fact="b"),
        msgspec.structs.replace(arrival(None, "invalid"), errors=[{"field": "time", "reason": "is missing"}]),
        arrival("pairing-2", "parked", fact="c", waits_for="participant-1"),
    ]
    rows[1] = msgspec.structs.replace(rows[1], programme="p")
    rows[2] = msgspec.structs.replace(rows[2], programme="p", reason="The pairing has ended.")
    return store.append(Append(expected={"pairing-1": 0, "participant-1": 0}, inbox=rows), NOON).arrivals


def test_the_inbox_is_read_page_by_page_newest_first(store: Store, pool: Pool) -> None:
    arrivals = filled(store)
    first = inbox.page(pool, limit=2)
    assert [row.arrival for row in first] == arrivals[:2:-1]
    assert [row.arrival for row in inbox.page(pool, before=first[-1].arrival)] == arrivals[2::-1]


def test_the_inbox_is_filtered(store: Store, pool: Pool) -> None:
    arrivals = filled(store)
    assert [row.id for row in inbox.page(pool, disposition="parked")] == ["c", "a"]
    assert [row.id for row in inbox.page(pool, disposition="parked", programme="p")] == ["a"]
    assert [row.id for row in inbox.page(pool, stream="pairing-2")] == ["c", "b"]
    assert inbox.page(pool, source="/crm") == []
    (invalid,) = inbox.page(pool, disposition="invalid")
    assert invalid.errors == [{"field": "time", "reason": "is missing"}]
    assert inbox.one(pool, arrivals[2]) == inbox.page(pool, disposition="refused")[0]
    assert inbox.one(pool, arrivals[-1] + 1) is None


def test_what_waits_is_counted_by_programme(store: Store, pool: Pool) -> None:
    filled(store)
    assert [(each.programme, each.disposition, each.facts) for each in inbox.counts(pool)] == [
        (None, "invalid", 1),
        (None, "parked", 1),
        ("p", "parked", 1),
        ("p", "refused", 1),
    ]
    assert inbox.waited_for(pool) == ["pairing-1", "participant-1"]
