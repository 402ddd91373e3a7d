"""Short ways to write into the record, for these tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from typing import Any

import psycopg

from eventstore.batch import parameters
from eventstore.rows import Append, Forgetting, NewEvent, NewInbox
from eventstore.store import SQL, Store

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
_numbers = count(1)


def event(stream: str, kind: str = "Noted", *, cause: str = "1", minutes: int = 0) -> NewEvent:
    return NewEvent(
        stream=stream,
        type=kind,
        at=NOON + timedelta(minutes=minutes),
        actor="upstream",
        cause_source="/hr",
        cause_id=cause,
        correlation=None,
        data=b'{"note":"x"}',
    )


def arrival(
    stream: str | None,
    disposition: str = "accepted",
    *,
    fact: str | None = None,
    waits_for: str | None = None,
) -> NewInbox:
    return NewInbox(
        source="/hr",
        id=fact or f"fact-{next(_numbers)}",
        type="mentoring.noted",
        subject=stream,
        stream=stream,
        programme=None,
        received_at=NOON,
        time=NOON,
        body=b"sealed",
        disposition=disposition,
        waits_for=waits_for,
    )


def batch(expected: dict[str, int], *events: NewEvent, programme: str = "p") -> Append:
    """An append of these events, in one programme."""
    written = {each.stream for each in events}
    return Append(expected=expected, events=list(events), programmes=dict.fromkeys(written, programme))


def note(store: Store, *streams: str, programme: str = "p") -> list[int]:
    """Adds one event to each of these streams, as they stand."""
    revisions = {name: stream.revision for name, stream in store.load(streams).items()}
    return store.append(batch(revisions, *map(event, streams), programme=programme), NOON).seqs


def destroy_keys(store: Store, *streams: str) -> list[str]:
    """Destroys the keys of these streams, as they stand, and records nothing."""
    revisions = {name: stream.revision for name, stream in store.load(streams).items()}
    return store.forget(Forgetting(None, revisions, streams), NOON)[0]


def append_in(conn: psycopg.Connection[Any], what: Append) -> list[int]:
    """The same append, in a transaction that the test itself begins and ends."""
    seqs = try_in(conn, what)
    assert seqs is not None, "a conflict"
    return seqs


def try_in(conn: psycopg.Connection[Any], what: Append) -> list[int] | None:
    """The same, where others may have been quicker: then there is nothing to commit."""
    row = conn.execute(SQL["append"], parameters(what, NOON), binary=True).fetchone()
    assert row is not None
    return None if row[0] else list(row[2] or [])


def until_someone_waits(conn: psycopg.Connection[Any]) -> None:
    """Returns once a transaction of this database waits for a lock of another."""
    give_up = monotonic() + 10
    while not conn.execute(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchall():
        assert monotonic() < give_up, "nobody waited"
