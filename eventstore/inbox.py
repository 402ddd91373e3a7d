"""The inbox as people look at it: what waits, what was refused, what could not be read, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec
from psycopg.rows import args_row

from eventstore import queries
from eventstore.pool import Pool
from eventstore.rows import Waiting

SQL = queries.load("inbox.sql")


class InboxRow(msgspec.Struct, frozen=True):
    """A fact that arrived and what has become of it; its body is under the key of `stream`, or "inbox"."""

    arrival: int
    source: str | None
    id: str | None
    type: str | None
    subject: str | None
    stream: str | None
    programme: str | None
    received_at: datetime
    time: datetime | None
    disposition: str
    arrived_as: str
    reason: str | None
    errors: list[dict[str, str]] | None
    waits_for: str | None
    import_id: int | None
    line: int | None
    body: bytes


class Count(msgspec.Struct, frozen=True):
    """How many facts of a programme have a disposition; `programme` none where it is not known."""

    programme: str | None
    disposition: str
    facts: int


def page(
    pool: Pool,
    *,
    disposition: str | None = None,
    programme: str | None = None,
    source: str | None = None,
    stream: str | None = None,
    unsettled: bool = False,
    before: int | None = None,
    limit: int = 100,
) -> list[InboxRow]:
    """The newest facts that match, newest first; for the next page, `before` the last arrival of this one.

    `unsettled`: only what was not accepted.
    """
    values = {
        "disposition": disposition,
        "programme": programme,
        "source": source,
        "stream": stream,
        "unsettled": unsettled,
        "before": before,
        "limit": limit,
    }
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(InboxRow), binary=True)
        # Planned for these very filters: one plan for all of them would read the whole inbox.
        return cursor.execute(SQL["page"], values, prepare=False).fetchall()


def one(pool: Pool, arrival: int) -> InboxRow | None:
    """The fact with this number."""
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(InboxRow), binary=True)
        return cursor.execute(SQL["one"], (arrival,)).fetchone()


def parked_of(pool: Pool, streams: Collection[str]) -> list[Waiting]:
    """The parked facts that are sealed with the keys of these streams, whatever they wait for."""
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(Waiting), binary=True)
        return cursor.execute(SQL["parked_of"], (list(streams),)).fetchall()


def arrived_about(pool: Pool, stream: str) -> bool:
    """Whether any fact about this subject ever arrived."""
    with pool.connection() as conn:
        return conn.execute(SQL["arrived_about"], (stream,)).fetchone() == (True,)


def not_recorded(pool: Pool, besides: Collection[str]) -> Iterator[tuple[int, str | None, bytes, bytes]]:
    """What was never recorded and may speak of anybody, streamed: arrival, stream, wrapped key and sealed body.

    These are facts that name no subject and registrations that were turned away, but those of the streams `besides`.
    """
    with pool.connection() as conn, conn.transaction(), conn.cursor(name="not_recorded") as cursor:
        yield from cursor.execute(SQL["not_recorded"], (list(besides),), binary=True)


def counts(pool: Pool, dispositions: Collection[str] = ("parked", "refused", "invalid")) -> list[Count]:
    """How many facts have one of these dispositions, by programme."""
    with pool.connection() as conn:
        cursor = conn.cursor(row_factory=args_row(Count), binary=True)
        return cursor.execute(SQL["counts"], (list(dispositions),)).fetchall()


def by_source(pool: Pool, programme: str | None = None) -> list[tuple[str | None, str, int]]:
    """How many facts of each source are parked, refused or invalid: (source, disposition, facts)."""
    with pool.connection() as conn:
        return conn.execute(SQL["by_source"], {"programme": programme}, binary=True, prepare=False).fetchall()


def waited_for(pool: Pool, limit: int = 1000) -> list[str]:
    """The streams that parked facts wait for, those that wait longest first."""
    with pool.connection() as conn:
        return [row[0] for row in conn.execute(SQL["waited_for"], (limit,), binary=True).fetchall()]
