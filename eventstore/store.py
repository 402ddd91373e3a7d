"""The record: loads streams, appends to several in one transaction, seals and reads the global order."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, pairwise
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import RowMaker, args_row

from eventstore import queries
from eventstore.arrays import Columns, storable
from eventstore.batch import parameters
from eventstore.company import Alone, Asked, Company, apart, fits
from eventstore.pool import Pool
from eventstore.quick import Quick, rows_of
from eventstore.rows import Append, Appended, Conflict, Forgetting, Held, Past, Seen, StoredEvent, Stream, Waiting
from eventstore.together import Together

__all__ = ["Append", "Appended", "Conflict", "Held", "Seen", "Store", "StoredEvent", "Stream", "Waiting"]

SQL = queries.load("store.sql")
READING = queries.load("reading.sql")

# The first stream of a range, and the one that it ends before; none where it is open at that end.
Slice = tuple[str | None, str | None]
WHOLE: Slice = (None, None)

PAGE = 400  # events: a socket has room for some 500, so the next page is there when one has been looked at
AHEAD = 100 * PAGE
PATIENCE = 0.5  # of the time that the last appends took, for their writers to come back with the next

# Not a fault of the caller: another writer was quicker, or the two waited for each other.
_RETRY = {"40001", "40P01", "23505", "PW001"}


def _stored(cursor: psycopg.Cursor[Any]) -> RowMaker[StoredEvent]:
    return args_row(StoredEvent)(cursor)


class Store:
    """The record in one database. Safe to share between threads; every call is one transaction of its own."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._quick = Quick(pool, queries.load("load.sql"))
        self._in_company: Together[Asked, Appended] = Together(Company(pool), apart, PATIENCE)

    # Deciding

    def load(self, streams: Collection[str], known: Mapping[str, int] | None = None) -> dict[str, Stream]:
        """These streams with their events, keys and waiting facts; one never seen has revision 0.

        `known` gives the version up to which the caller has a stream already: only later events are read.
        """
        names = list(streams)
        if not names:
            return {}
        columns = Columns()
        after = [known.get(name, 0) for name in names] if known else [0] * len(names)
        found: dict[str, Stream] = {}
        waited_for = []
        for row in rows_of(self._quick(b"load", [columns.texts(names), columns.int4s(after)])):
            one, waits = _loaded(*row)
            found[one.name] = one
            if waits:
                waited_for.append(one.name)
        if waited_for:
            # Read later, it can only be newer than the revision, and then the append says so.
            with self.pool.connection() as conn:
                waiting = conn.cursor(binary=True, row_factory=args_row(Waiting))
                for each in waiting.execute(SQL["load_waiting"], (columns.texts(waited_for),)):
                    found[each.waits_for].waiting.append(each)
        return found

    def holders(self, claims: Collection[str]) -> dict[str, str]:
        """Who holds these claims, of those that are held."""
        with self.pool.connection() as conn:
            return dict(conn.execute(SQL["holders"], (list(claims),), binary=True).fetchall())

    def seen(self, ids: Collection[tuple[str, str]]) -> dict[tuple[str, str], Seen]:
        """The facts of these (source, id) that came before; invalid ones are not remembered."""
        if not ids:
            return {}
        stored = {(storable(source), storable(fact_id)): (source, fact_id) for source, fact_id in ids}
        texts = Columns().texts
        values = (texts([source for source, _ in stored]), texts([fact_id for _, fact_id in stored]))
        with self.pool.connection() as conn:
            rows = conn.execute(SQL["seen"], values, binary=True).fetchall()
        return {stored[row[0], row[1]]: Seen(*row[2:]) for row in rows}

    def append(self, batch: Append, recorded_at: datetime) -> Appended:
        """Records it all or nothing.

        Raises Conflict where a revision, claim, key or (source, id) is no longer as it was read, and Held
        where `by_time` meets an open import. ValueError: the batch contradicts itself.
        What threads append at the same time shares a commit where it is nothing but events.
        """
        if fits(batch):
            try:
                return self._in_company((batch, recorded_at))
            except Alone:
                pass
        return self._append(batch, recorded_at)

    def _append(self, batch: Append, recorded_at: datetime) -> Appended:
        values = parameters(batch, recorded_at)
        try:
            with self.pool.connection() as conn:
                row = conn.execute(SQL["append"], values, binary=True).fetchone()
        except psycopg.Error as error:
            if error.sqlstate in _RETRY:
                raise _conflict(error, batch) from error
            raise
        assert row is not None
        conflicts, held, seqs, arrivals = row
        if conflicts:
            raise Conflict(tuple(conflicts))
        if held:
            raise Held(tuple(sorted(held)))
        return Appended(seqs or [], arrivals or [])

    # The global order

    def seal(self, *, wait: bool = False) -> int:
        """Gives positions to what was committed since the last seal, and says how many.

        0: nothing new, or another is at it; with `wait` it waits for that other, and everything committed
        before this call is sealed when it returns.
        """
        with self.pool.connection() as conn:
            row = conn.execute(SQL["seal"], (wait,), binary=True).fetchone()
        assert row is not None
        return int(row[0])

    def positions(self, seqs: Collection[int]) -> dict[int, int]:
        """The positions of these events, of those that are sealed."""
        with self.pool.connection() as conn:
            return dict(conn.execute(SQL["positions"], (list(seqs),), binary=True).fetchall())

    def sealed(self, seqs: Collection[int]) -> dict[int, int]:
        """The positions of these committed events, sealing first where that is still to be done."""
        found = self.positions(seqs)
        if len(found) < len(seqs):
            self.seal(wait=True)
            found = self.positions(seqs)
        return found

    def head(self) -> int:
        """The last position; 0 while nothing is sealed."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["head"], binary=True).fetchone()
        assert row is not None
        return int(row[0])

    def read(self, after: int, limit: int) -> list[StoredEvent]:
        """The next sealed events in global order, at most `limit`; fewer means that the head is reached."""
        with self.pool.connection() as conn:
            return [event for page in _pages(conn, after, limit, limit) for event in _asked(conn, page).fetchall()]

    def read_on(self, after: int) -> Iterator[list[StoredEvent]]:
        """Page by page from there to the head, the next pages on their way while one is looked at."""
        with self.pool.connection() as conn, conn.pipeline():
            asked: deque[psycopg.Cursor[StoredEvent]] = deque()
            while pages := _pages(conn, after, AHEAD, PAGE):
                after = pages[-1].last
                for page in pages:
                    asked.append(_asked_now(conn, page))
                    if len(asked) > 2:
                        yield asked.popleft().fetchall()
                while asked:
                    yield asked.popleft().fetchall()

    def read_stream(self, stream: str, after: int = 0, limit: int | None = None) -> list[StoredEvent]:
        """One stream after version `after`, also what is not sealed yet (`position` is then none)."""
        with self.pool.connection() as conn:
            cursor = conn.cursor(binary=True, row_factory=_stored)
            return cursor.execute(READING["read_stream"], {"stream": stream, "after": after, "limit": limit}).fetchall()

    def caused_by(self, source: str, fact_id: str) -> list[StoredEvent]:
        """What one fact caused, in the order in which it was recorded."""
        with self.pool.connection() as conn:
            cursor = conn.cursor(binary=True, row_factory=_stored)
            return cursor.execute(READING["caused_by"], {"source": source, "id": fact_id}).fetchall()

    def caused(self, facts: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
        """The same for many facts (source, id), as numbers of writing; those that caused nothing are left out."""
        found: dict[tuple[str, str], list[int]] = {}
        if not facts:
            return found
        stored = {(storable(source), storable(fact_id)): (source, fact_id) for source, fact_id in facts}
        texts = Columns().texts
        values = (texts([source for source, _ in stored]), texts([fact_id for _, fact_id in stored]))
        with self.pool.connection() as conn:
            for source, fact_id, seq in conn.execute(READING["caused"], values, binary=True, prepare=False):
                found.setdefault(stored[source, fact_id], []).append(seq)
        return found

    def by_position(
        self, programme: str | None = None, *, as_of: datetime | None = None, until: int | None = None
    ) -> Iterator[StoredEvent]:
        """Sealed events in global order, streamed: of one programme, `at` up to `as_of`, up to a position."""
        return self._stream("by_position", programme=programme, as_of=as_of, until=until)

    def by_stream(
        self,
        programme: str | None = None,
        *,
        as_of: datetime | None = None,
        until: int | None = None,
        streams: Slice = WHOLE,
    ) -> Iterator[StoredEvent]:
        """The same events stream by stream, each by version: for folds that keep one stream in hand."""
        first, before = streams
        return self._stream("by_stream", programme=programme, as_of=as_of, until=until, first=first, before=before)

    def slices(self, each: int) -> list[Slice]:
        """All streams in order, cut into slices of about so many events; a stream is never in two."""
        with self.pool.connection() as conn:
            firsts = [row[0] for row in conn.execute(READING["slices"], {"each": each}, binary=True).fetchall()]
        return list(pairwise([None, *firsts[1:], None]))

    def _stream(self, query: str, **values: object) -> Iterator[StoredEvent]:
        with (
            self.pool.connection() as conn,
            conn.transaction(),
            conn.cursor(name="reading", row_factory=_stored) as cursor,
        ):
            if query == "by_stream" and values["programme"] is None:
                # The whole log comes in the order of its index from the first row on, instead of being sorted first.
                conn.execute("SET LOCAL enable_sort = off")
            cursor.execute(READING[query], values, binary=True)
            while rows := cursor.fetchmany(2000):
                yield from rows

    # Keys

    def key(self, name: str) -> bytes | None:
        """The wrapped key of this name; none where there is none or it was destroyed."""
        with self.pool.connection() as conn:
            row = conn.execute(SQL["key"], (name,), binary=True).fetchone()
        return row[0] if row else None

    def keep_key(self, name: str, wrapped: bytes) -> bytes:
        """Keeps a new key unless there is one already, and gives the one that holds."""
        with self.pool.connection() as conn:
            conn.execute(SQL["keep_key"], (name, wrapped), binary=True)
        kept = self.key(name)
        if kept is None:
            raise ValueError(f"The key of {name} was destroyed; it is never made again.")
        return kept

    def forget(self, what: Forgetting, recorded_at: datetime) -> tuple[list[str], int | None]:
        """Destroys these keys for good, all or none: what they sealed can never be opened again.

        Names those that were there, and gives the `seq` of the event. Raises Conflict as `append` does.
        """
        streams, event = sorted(what.expected), what.event
        values = {
            "streams": streams,
            "revisions": [what.expected[stream] for stream in streams],
            "participant": what.participant,
            "keys": sorted(what.keys),
            "type": event.type if event else None,
            "at": event.at if event else None,
            "recorded_at": recorded_at,
            "actor": event.actor if event else None,
            "source": event.cause_source if event else None,
            "id": event.cause_id if event else None,
            "data": event.data if event else None,
            "rest": list(what.rest),
            "rest_bodies": list(what.rest.values()),
            "refused": list(what.refused),
            "why": what.why,
            "emptied": list(what.emptied),
        }
        try:
            with self.pool.connection() as conn, conn.transaction():
                # whatever else is committed in a hurry: what was forgotten must not come back after a crash
                conn.execute(SQL["durable"])
                row = conn.execute(SQL["forget"], values, binary=True).fetchone()
        except psycopg.Error as error:
            if error.sqlstate in _RETRY:
                raise Conflict(tuple(streams), "two writers met") from error
            raise
        assert row is not None
        conflicts, seq, destroyed = row
        if conflicts:
            raise Conflict(tuple(conflicts))
        return destroyed, seq

    def wrapped_keys(self, after: str, limit: int) -> list[tuple[str, bytes]]:
        """The wrapped keys that are there, in order of their names, a batch after that name."""
        with self.pool.connection() as conn:
            return conn.execute(SQL["wrapped_keys"], (after, limit), binary=True).fetchall()

    def rewrap(self, keys: Sequence[tuple[str, bytes, bytes]]) -> int:
        """Puts newly wrapped keys (name, before, after) in their place; one that was destroyed since stays so."""
        if not keys:
            return 0
        names, before, after = (list(column) for column in zip(*keys, strict=True))
        with self.pool.connection() as conn:
            row = conn.execute(SQL["rewrap_keys"], (names, before, after), binary=True).fetchone()
        assert row is not None
        return int(row[0])

    def tell_keys_changed(self) -> None:
        """Lets every process know that the master key is another now."""
        with self.pool.connection() as conn:
            conn.execute(SQL["tell_keys"])


class _Page(NamedTuple):
    """Positions up to `last`, and by how much the seqs there are less than they, at least and at most."""

    after: int
    last: int
    least_apart: int
    most_apart: int


def _pages(conn: psycopg.Connection[Any], after: int, limit: int, page: int) -> list[_Page]:
    """What there is of the next positions, in pages."""
    asked = {"after": after, "limit": limit, "page": page}
    rows = conn.execute(READING["pages"], asked, prepare=False, binary=True).fetchall()
    begins = [after, *(row[0] for row in rows)]
    return [_Page(begin, *row) for begin, row in zip(begins, rows, strict=False)]


def _asked(conn: psycopg.Connection[Any], page: _Page) -> psycopg.Cursor[StoredEvent]:
    """Asks for the events of a page. Not prepared: a plan from when there were few would be kept."""
    cursor = conn.cursor(binary=True, row_factory=_stored)
    if page.least_apart == page.most_apart:
        # sealed as they were written, one after the other: no join, which goes to each event by itself
        asked = {"after": page.after, "last": page.last, "apart": page.least_apart}
        return cursor.execute(READING["as_written"], asked, prepare=False)
    return cursor.execute(READING["read"], {"after": page.after, "limit": page.last - page.after}, prepare=False)


def _asked_now(conn: psycopg.Connection[Any], page: _Page) -> psycopg.Cursor[StoredEvent]:
    """The same in a pipeline: the server sends the page to its end, not only when the next one fills its buffer."""
    cursor = _asked(conn, page)
    conn.pgconn.send_flush_request()
    conn.pgconn.flush()
    return cursor


def _loaded(
    name: str,
    programme: str | None,
    version: int,
    revision: int,
    barred: bool,
    key: bytes | None,
    destroyed: bool,
    types: str | None,
    ats: list[datetime],
    datas: list[bytes],
    waits: bool,
) -> tuple[Stream, bool]:
    """One row of `load`: the stream, and whether facts wait for it."""
    stream = Stream(name, programme, version, revision, barred, key, destroyed)
    if types is not None:
        past = types.split("\n")
        stream.events.extend(map(Past, count(version - len(past) + 1), past, ats, datas))
    return stream, waits


def _conflict(error: psycopg.Error, batch: Append) -> Conflict:
    if error.sqlstate == "PW001" and error.diag.message_detail:
        return Conflict(tuple(error.diag.message_detail.split("\n")), error.diag.message_primary or "changed")
    why = "two facts of one source and id came at once" if error.sqlstate == "23505" else "two writers met"
    return Conflict(tuple(sorted(batch.expected)), why)
