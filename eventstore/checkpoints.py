"""Hashes the sealed log into its tree, signs how far it has come, and proves what is in it; nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from eventstore import leaf, merkle, outside, queries, tiles
from eventstore.handover import hand_over, trusted
from eventstore.merkle import HASH
from eventstore.notes import BadNote, Checkpoint, Signer, Verifier, opened, signed_by
from eventstore.pool import Pool
from eventstore.tiles import Edge, NoTile, Place

SQL = queries.load("proofs.sql")
AT_ONCE = 16 * tiles.WIDE  # events hashed in one transaction

Connection = psycopg.Connection[Any]


class Forked(Exception):
    """The record no longer continues what was signed for it: nothing more is signed until a person has looked."""


class NotProved(Exception):
    """What is asked for is not under a checkpoint: it is not sealed yet, or was never there."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signed checkpoint."""

    size: int
    root: bytes
    note: str
    made_at: datetime
    key: Verifier


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That the event at this position is in the tree of the checkpoint, at leaf `position - 1`."""

    position: int
    entry: bytes
    path: list[bytes]
    head: Head


class Proofs:
    """The tree of one record. Safe to share between threads; one at a time makes checkpoints, in any process."""

    def __init__(self, pool: Pool, signer: Signer, file: Path | None = None, also: tuple[Verifier, ...] = ()) -> None:
        self._pool = pool
        self.file = file
        self.use(signer, also)

    def use(self, signer: Signer, also: tuple[Verifier, ...] = ()) -> None:
        """Signs with this key from now on, and trusts `also` what those signed, besides the keys it vouched for."""
        self.signer, self.also = signer, also

    @property
    def verifier(self) -> Verifier:
        """What others check its checkpoints with."""
        return self.signer.verifier

    def head(self) -> Head | None:
        """The last checkpoint; none before the first."""
        with self._pool.connection() as conn:
            return self._last(conn)

    def at(self, size: int) -> Head | None:
        """The checkpoint of that size, where one was made."""
        with self._pool.connection() as conn:
            row = conn.execute(SQL["checkpoint"], (size,)).fetchone()
            return self._head(row, trusted(conn, self.verifier, *self.also)) if row else None

    def behind(self) -> int:
        """How many sealed events are under no checkpoint yet."""
        with self._pool.connection() as conn:
            last = conn.execute(SQL["last"]).fetchone()
            return int(_one(conn, "head")) - (last[0] if last else 0)

    def make(self, now: Callable[[], datetime], *, wait: bool = True) -> Head | None:
        """A checkpoint of all that is sealed: a new one, or the last where nothing came since.

        None where another makes one just now and this is not to wait. Forked where the record does not
        continue the last checkpoint, in the database or in the file.
        """
        with self._pool.connection() as conn, _alone(conn, wait=wait) as alone:
            if not alone:
                return None
            try:
                edge = _catch_up(conn)
                last = self._last(conn)
                self._continues(conn, edge, last)
            except (NoTile, BadNote, leaf.Unreadable) as error:
                raise Forked(f"{error} Nothing more is signed; audit verify says more.") from error
            if last is None or last.size < edge.size or last.key != self.verifier:
                checkpoint = Checkpoint(self.signer.name, edge.size, edge.root())
                last = Head(edge.size, checkpoint.root, self.signer.sign(checkpoint.text()), now(), self.verifier)
                conn.execute(SQL["keep_checkpoint"], (last.size, last.note, last.made_at))
            if self.file is not None and outside.last(self.file) != last.note:
                outside.add(self.file, last.note)
            return last

    def grow(self) -> int:
        """Hashes what was sealed since, so that the next checkpoint need not, and says how many events that were.

        0 where another is at it just now. Forked where the record does not continue what was hashed.
        """
        with self._pool.connection() as conn, _alone(conn, wait=False) as alone:
            if not alone or (before := _hashed(conn)) == int(_one(conn, "head")):
                return 0
            try:
                return _catch_up(conn).size - before
            except (NoTile, leaf.Unreadable) as error:
                raise Forked(f"{error} Nothing more is signed; audit verify says more.") from error

    def vouches_for(self, old: Verifier) -> bool:
        """Whether this key, or one that it follows, has taken over from that one."""
        with self._pool.connection() as conn:
            return old in trusted(conn, self.verifier)

    def take_over(self, old: Verifier, now: Callable[[], datetime]) -> Head | None:
        """Vouches for the key that signed until now, and signs the head with the new one."""
        with self._pool.connection() as conn:
            conn.execute(SQL["keep_handover"], (hand_over(old, self.signer), now()))
        return self.make(now)

    def inclusion(self, position: int, head: Head) -> Inclusion:
        """Proves that the event at this position is under that checkpoint; NotProved where it is not."""
        if not 0 < position <= head.size:
            raise NotProved(f"Position {position:,} is not under the checkpoint for {head.size:,} events.")
        with self._pool.connection() as conn:
            rows = list(leaf.copied(conn, "rows", {"after": position - 1, "until": position}))
            path = _hashes(conn, merkle.inclusion(position - 1, head.size))
        entry = leaf.entry_of(rows[0]) if rows else b""
        if merkle.root_by_inclusion(merkle.leaf_hash(entry), position - 1, head.size, path) != head.root:
            raise Forked(f"The event at position {position:,} is not the one that was signed for.")
        return Inclusion(position, entry, path, head)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Proves that the tree of `size` begins with the tree of `old`; NotProved where it was never so large."""
        if not 0 < old <= size:
            raise NotProved(f"A tree of {size:,} events does not begin with one of {old:,}.")
        with self._pool.connection() as conn:
            if size > _hashed(conn):
                raise NotProved(f"There is no checkpoint for {size:,} events yet.")
            return _hashes(conn, merkle.consistency(old, size))

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """The first `width` hashes of a tile; none where it is not that wide."""
        if not 0 <= level < tiles.HIGH:
            return None
        with self._pool.connection() as conn:
            hashes = _tiles(conn, [(level, index)]).get((level, index), b"")[: width * HASH]
        return hashes if len(hashes) == width * HASH else None

    def entries(self, index: int, width: int) -> list[bytes] | None:
        """What was hashed into the leaves of a tile; none where it is not that wide yet."""
        first = index * tiles.WIDE
        with self._pool.connection() as conn:
            if first + width > _hashed(conn):
                return None
            return [leaf.entry_of(row) for row in leaf.copied(conn, "rows", {"after": first, "until": first + width})]

    def tiles(self, wanted: Sequence[Place], size: int) -> dict[Place, bytes]:
        """These tiles as wide as they are in a tree of that size; NoTile where one is not."""
        with self._pool.connection() as conn:
            found = _tiles(conn, wanted)
        for place in wanted:
            wide = tiles.width(size, *place) * HASH
            found[place] = found.get(place, b"")[:wide]
            if len(found[place]) != wide:
                raise NoTile(f"The tile {tiles.path(*place)} is missing or too narrow.")
        return found

    def rows(self, programme: str, until: int) -> Iterator[leaf.Row]:
        """The sealed events of a programme with every column, in global order, as they are stored."""
        with self._pool.connection() as conn:
            for row in leaf.copied(conn, "rows_of_programme", {"programme": programme, "until": until}):
                yield leaf.unpack(row)

    def _last(self, conn: Connection) -> Head | None:
        row = conn.execute(SQL["last"]).fetchone()
        return self._head(row, trusted(conn, self.verifier, *self.also)) if row else None

    def _head(self, row: tuple[int, str, datetime], keys: tuple[Verifier, ...]) -> Head:
        size, note, made_at = row
        checkpoint = opened(note, *keys)
        if checkpoint.size != size:
            raise BadNote(f"The checkpoint for {size:,} events is signed for {checkpoint.size:,}.")
        return Head(size, checkpoint.root, note, made_at, signed_by(note, keys))

    def _continues(self, conn: Connection, edge: Edge, last: Head | None) -> None:
        signed = [(last.size, last.root, "in the database")] if last else []
        note = outside.last(self.file) if self.file is not None else None
        if note is not None:
            kept = opened(note, *trusted(conn, self.verifier, *self.also))
            if last is None or note != last.note:
                signed.append((kept.size, kept.root, f"in {self.file}"))
        for size, root, where in signed:
            if size > edge.size:
                raise Forked(
                    f"The record ends at position {edge.size:,}, but the last checkpoint {where} is for {size:,} "
                    "events. Nothing more is signed. If an older backup was restored, put the file aside; if this is "
                    "another database, give it a file of its own (PAIRWAY_CHECKPOINT_FILE)."
                )
            if _root(conn, size) != root:
                raise Forked(f"The record is not the one of the last checkpoint {where}. Nothing more is signed.")


def _catch_up(conn: Connection) -> Edge:
    """Hashes what was sealed since, batch by batch, each batch a transaction."""
    size, head = _hashed(conn), int(_one(conn, "head"))
    found = _tiles(conn, tiles.right_edge(size))
    unfinished = [found.get((level, size >> tiles.HIGH * (level + 1)), b"") for level in range(tiles.HIGH)]
    for level, hashes in enumerate(unfinished):
        if len(hashes) != (size >> tiles.HIGH * level) % tiles.WIDE * HASH:
            raise NoTile(f"The tile {tiles.path(level, size >> tiles.HIGH * (level + 1))} is missing or torn.")
    edge = Edge(size, unfinished)
    while edge.size < head:
        until = min(head, edge.size - edge.size % AT_ONCE + AT_ONCE)
        done = []
        leaves: list[bytes] = []
        for row in leaf.copied(conn, "rows", {"after": edge.size, "until": until}):
            position, _, _, hashed = leaf.place(row)
            if position != edge.size + len(leaves) + 1:
                raise Forked(f"Position {edge.size + len(leaves) + 1:,} is missing: after it comes {position:,}.")
            leaves.append(hashed)
            if len(leaves) == edge.room():
                done += edge.grow(b"".join(leaves))
                leaves.clear()
        done += edge.grow(b"".join(leaves))
        if edge.size != until:
            raise Forked(f"Position {edge.size + 1:,} is missing: the record goes on after it.")
        _keep(conn, done + edge.unfinished())
    return edge


def _keep(conn: Connection, grown: list[tuple[int, int, bytes]]) -> None:
    levels, indexes, hashes = zip(*grown, strict=True)
    conn.execute(SQL["keep_tiles"], (list(levels), list(indexes), list(hashes)), binary=True)


def _hashed(conn: Connection) -> int:
    row = conn.execute(SQL["last_tile"]).fetchone()
    return row[0] * tiles.WIDE + row[1] // HASH if row else 0


def _tiles(conn: Connection, wanted: Sequence[Place]) -> dict[Place, bytes]:
    levels, indexes = [level for level, _ in wanted], [index for _, index in wanted]
    rows = conn.execute(SQL["tiles"], (levels, indexes), binary=True)
    return {(level, index): hashes for level, index, hashes in rows}


def _hashes(conn: Connection, spans: list[merkle.Span]) -> list[bytes]:
    found = _tiles(conn, tiles.needed(spans))
    hash_at = tiles.hash_at(lambda place: found.get(place, b""))
    return [merkle.hash_of(span, hash_at) for span in spans]


def _root(conn: Connection, size: int) -> bytes:
    return _hashes(conn, [(0, size)])[0]


def _one(conn: Connection, query: str) -> Any:
    row = conn.execute(SQL[query]).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def _alone(conn: Connection, *, wait: bool) -> Iterator[bool]:
    alone = wait or bool(_one(conn, "try_lock"))
    if wait:
        conn.execute(SQL["lock"])
    try:
        yield alone
    finally:
        if alone and not conn.broken:
            conn.execute(SQL["unlock"])
