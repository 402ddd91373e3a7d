"""Proves the record whole, or names the first position that does not fit: all is worked out anew from the events."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from eventstore import outside, queries, tiles
from eventstore.blame import blame
from eventstore.handover import trusted
from eventstore.merkle import HASH
from eventstore.notes import BadNote, Verifier, opened
from eventstore.spans import AT_ONCE, Fault, Span, jump, spans
from eventstore.tiles import Edge

SQL = queries.load("proofs.sql")
_ALL = 2**63 - 1

Connection = psycopg.Connection[Any]


class Broken(Exception):
    """The record does not fit: the first position where it does not (0 where there is none), and a sentence."""

    def __init__(self, position: int, sentence: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Verified:
    """What was proved."""

    events: int
    streams: int
    checkpoints: int
    signed: int  # the events under the last checkpoint
    unsealed: int


@dataclass(frozen=True, slots=True, order=True)
class _Signed:
    """A checkpoint whose signature fits."""

    size: int
    where: str
    root: bytes


def verify(
    url: str,
    verifier: Verifier,
    file: Path | None = None,
    *,
    also: tuple[Verifier, ...] = (),
    tell: Callable[[int, int], None] = lambda _done, _all: None,
    processes: int = 2,
) -> Verified:
    """Checks every event against every checkpoint of the database and of the file; Broken where one does not fit."""
    # before the database: a checkpoint is in the file only when it is there, and one may be made just now
    kept = list(outside.notes(file)) if file is not None else []
    with psycopg.connect(url, application_name="pairway audit") as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot, head = _one(conn, "SELECT pg_export_snapshot()"), _one(conn, SQL["head"])
        check = _Check(conn, (verifier, *also), kept, f"in {file}", head)
        with spans(url, snapshot, head, processes) as found:
            for span in found:
                check.take(span)
                tell(check.edge.size, head)
        return check.end()


class _Check:
    """Goes along the log once, and holds one span of it, the edge of the tree and the version of each stream."""

    def __init__(
        self, conn: Connection, verifiers: tuple[Verifier, ...], notes: list[str], where: str, head: int
    ) -> None:
        self.edge = Edge()
        self._conn = conn
        self._keys = trusted(conn, *verifiers)
        self._head = head
        row = conn.execute(SQL["last_tile"]).fetchone()
        self._hashed = row[0] * tiles.WIDE + row[1] // HASH if row else 0
        self._versions: dict[bytes, int] = {}
        self._passed = self._checkpoints = 0
        kept = sorted(self._opened(note, where) for note in notes)
        self._kept = {each.size for each in kept}
        self._signed = heapq.merge(self._inside(), kept)
        self._next = next(self._signed, None)
        while self._next and self._next.size == 0:
            self._compare_root()

    def take(self, span: Span) -> None:
        """The next span; Broken at the first position in it that does not fit."""
        fault = self._first_fault(span)
        sound = (fault.position - 1 if fault else _ALL) - span.after
        leaves = span.leaves[: max(0, sound) * HASH]
        stored = self._stored(span.after)
        if fault is None and leaves == stored[: len(leaves)] and len(stored) >= len(leaves):
            self._grow(leaves)
        else:
            self._look_closely(leaves, stored)
        if fault:
            raise Broken(fault.position, fault.sentence)
        self._versions.update(span.lasts)

    def end(self) -> Verified:
        """What can be told only when all events were seen."""
        for size, what in ((self._next.size if self._next else 0, "signed for"), (self._hashed, "hashed")):
            if size > self._head:
                raise Broken(
                    self._head + 1,
                    f"Position {self._head + 1:,} is missing: the record ends before it, but "
                    f"{size:,} events were {what}.",
                )
        for level, index, hashes in self.edge.unfinished():
            self._compare_tile(level, index, hashes)
        self._compare_seals()
        return Verified(self._head, len(self._versions), self._checkpoints, self._passed, self._compare_streams())

    def _first_fault(self, span: Span) -> Fault | None:
        found = [span.fault] if span.fault else []
        for stream, (version, position) in span.firsts.items():
            before = self._versions.get(stream, 0)
            if version != before + 1:
                found.append(jump(position, stream, before, version))
                break
        return min(found, key=lambda fault: fault.position, default=None)

    def _stored(self, after: int) -> bytes:
        """The leaf hashes that were kept when these events were hashed."""
        first = after // tiles.WIDE
        rows = self._conn.execute(SQL["tiles_between"], (first, first + AT_ONCE // tiles.WIDE), binary=True)
        parts = []
        for number, (index, hashes) in enumerate(rows, first):
            if index != number:
                break
            parts.append(hashes)
            if len(hashes) < tiles.FULL:
                break
        return b"".join(parts)

    def _look_closely(self, leaves: bytes, stored: bytes) -> None:
        """Goes on to the first leaf that is not as it was hashed, and says which of the two was changed."""
        after = self.edge.size
        for at in range(0, len(leaves), HASH):
            position = after + at // HASH + 1
            kept = stored[at : at + HASH]
            if kept == leaves[at : at + HASH] or (not kept and position > self._hashed):
                continue
            self._grow(leaves[:at])
            signed = self._next
            while signed and signed.size < position:
                signed = next(self._signed, None)
            why = blame(
                self._conn, position, leaves[at : at + HASH], kept, (signed.size, signed.root) if signed else None
            )
            raise Broken(position, why)
        self._grow(leaves)

    def _grow(self, leaves: bytes) -> None:
        """Takes leaves into the tree, and compares its root wherever a checkpoint was signed."""
        at = 0
        while at < len(leaves):
            step = self.edge.room()
            if self._next and self._next.size > self.edge.size:
                step = min(step, self._next.size - self.edge.size)
            more = leaves[at : at + step * HASH]
            at += len(more)
            for level, index, hashes in self.edge.grow(more):
                if level:
                    self._compare_tile(level, index, hashes)
            while self._next and self._next.size == self.edge.size:
                self._compare_root()

    def _compare_tile(self, level: int, index: int, hashes: bytes) -> None:
        row = self._conn.execute(SQL["tiles"], ([level], [index]), binary=True).fetchone()
        stored: bytes = row[2] if row else b""
        wide = tiles.width(self._hashed, level, index) * HASH
        if stored != hashes[:wide]:
            span = tiles.WIDE**level
            after = (index * tiles.WIDE) * span
            for at in range(0, max(len(stored), len(hashes)), HASH):
                if stored[at : at + HASH] != hashes[at : at + HASH]:
                    after += at // HASH * span
                    break
            raise Broken(
                after + 1,
                f"The hash kept over positions {after + 1:,} to {after + span:,} is not theirs: "
                f"the tile {tiles.path(level, index)} was changed.",
            )

    def _compare_root(self) -> None:
        signed = self._next
        assert signed is not None
        if signed.root != self.edge.root():
            raise Broken(
                self._passed + 1,
                f"Between positions {self._passed + 1:,} and {signed.size:,} the record is not what was signed for, "
                f"and its hashes were changed with it: the checkpoint {signed.where} has another root.",
            )
        self._passed, self._checkpoints = signed.size, self._checkpoints + 1
        self._next = next(self._signed, None)

    def _inside(self) -> Iterator[_Signed]:
        """The checkpoints of the database, with those of the file that it has lost told as such."""
        missing = sorted(self._kept, reverse=True)
        with self._conn.cursor(name="checkpoints") as cursor:
            for size, note in cursor.execute(SQL["checkpoints"]):
                while missing and missing[-1] <= size:
                    if missing.pop() != size:
                        raise _lost(size)
                yield self._opened(note, "in the database", size)
        if missing:
            raise _lost(missing[-1])

    def _opened(self, note: str, where: str, size: int | None = None) -> _Signed:
        try:
            checkpoint = opened(note, *self._keys)
            if size is not None and checkpoint.size != size:
                raise BadNote(f"It is signed for {checkpoint.size:,} events.")
        except BadNote as error:
            told = f" for {size:,} events" if size is not None else ""
            raise Broken(self._passed + 1, f"A checkpoint{told} {where} is not to be trusted: {error}") from None
        return _Signed(checkpoint.size, where, checkpoint.root)

    def _compare_seals(self) -> None:
        row = self._conn.execute(SQL["torn_seals"]).fetchone()
        if row:
            raise Broken(
                row[1] + 1, f"The seals do not follow on each other: after {row[1]:,} one begins at {row[0]:,}."
            )
        last = _one(self._conn, SQL["last_sealed"])
        if last != self._head:
            raise Broken(min(last, self._head) + 1, f"The last seal ends at {last:,}, the record at {self._head:,}.")

    def _compare_streams(self) -> int:
        """Each stream has as many events as its row says; how many events wait to be sealed."""
        unsealed = 0
        with self._conn.cursor(name="unsealed") as cursor:
            for stream, version in cursor.execute(SQL["unsealed"]):
                name = stream.encode()
                unsealed += 1
                if version != self._versions.get(name, 0) + 1:
                    raise Broken(
                        self._head + 1,
                        f"An event that is not sealed yet is version {version:,} of {stream}, "
                        f"where version {self._versions.get(name, 0) + 1:,} is to come.",
                    )
                self._versions[name] = version
        seen = 0
        with self._conn.cursor(name="versions") as cursor:
            for stream, version in cursor.execute(SQL["versions"]):
                found = self._versions.get(stream.encode(), 0)
                seen += found > 0
                if found != version:
                    raise Broken(0, f"{stream} is to have {version:,} events, but {found:,} are there.")
        if seen != len(self._versions):
            raise Broken(0, f"{len(self._versions) - seen:,} streams have events, but no row of their own.")
        return unsealed


def _lost(size: int) -> Broken:
    return Broken(0, f"A checkpoint that the file has, at or before {size:,} events, was taken out of the database.")


def _one(conn: Connection, query: Any) -> Any:
    row = conn.execute(query).fetchone()
    assert row is not None
    return row[0]
