"""Says which was changed where an event and the hash that was kept of it do not fit: the one, the other, or both."""

from __future__ import annotations

from typing import Any

import psycopg

from eventstore import merkle, queries, tiles

SQL = queries.load("proofs.sql")

Connection = psycopg.Connection[Any]


def blame(conn: Connection, position: int, now: bytes, kept: bytes, signed: tuple[int, bytes] | None) -> str:
    """The sentence: `now` is the leaf worked out from the event, `kept` the one of the tile, `signed` size and root."""
    which = f"Position {position:,}"
    if not kept:
        return f"The hash kept of position {position:,} is gone: its tile is missing or was cut short."
    if signed is None:
        return f"{which} is not the event that was hashed: it, or its hash, was changed before a checkpoint was signed."
    size, root = signed
    path = _path(conn, position, size)
    if path is None:
        return f"{which} is not the event that was hashed, and other hashes are gone, too."
    if merkle.root_by_inclusion(kept, position - 1, size, path) == root:
        return f"{which} is not the event that was signed for: it was changed since.{_named(conn, position)}"
    if merkle.root_by_inclusion(now, position - 1, size, path) == root:
        return f"{which} is the event that was signed for, but the hash kept of it was changed."
    return f"{which} is not the event that was hashed, and hashes were changed with it."


def _path(conn: Connection, position: int, size: int) -> list[bytes] | None:
    """The proof of a position from the hashes that were kept, where they are all there."""
    spans = merkle.inclusion(position - 1, size)
    wanted = tiles.needed(spans)
    levels, indexes = [level for level, _ in wanted], [index for _, index in wanted]
    rows = conn.execute(SQL["tiles"], (levels, indexes), binary=True)
    found = {(level, index): hashes for level, index, hashes in rows}
    hash_at = tiles.hash_at(lambda place: found.get(place, b""))
    try:
        return [merkle.hash_of(span, hash_at) for span in spans]
    except tiles.NoTile:
        return None


def _named(conn: Connection, position: int) -> str:
    row = conn.execute(SQL["named"], (position,)).fetchone()
    return f" It says now that it is version {row[1]:,} of {row[0]}, {row[2]}." if row else ""
