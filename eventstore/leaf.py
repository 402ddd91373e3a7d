"""What is hashed of an event: every column, spelt in one way only, which is how PostgreSQL's binary COPY spells it.

    entry  = "pairway event 1\\n" header SHA-256(data)
    leaf   = SHA-256(0x00 entry)
    header = position seq xid version at recorded_at stream programme type actor cause_source cause_id correlation

Each field of the header is its length in 4 bytes and then its bytes; NULL is the length 0xffffffff and nothing more.
Numbers are big-endian (8 bytes, `version` 4), instants the microseconds since 2000-01-01T00:00:00Z as such a
number, texts UTF-8. So a row is hashed as it leaves the database, without being read into objects first.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import psycopg

from eventstore import queries

SQL = queries.load("proofs.sql")
TAG = b"pairway event 1\n"
NUMBERS = ("position", "seq", "xid", "version", "at", "recorded_at")
TEXTS = ("stream", "programme", "type", "actor", "cause_source", "cause_id", "correlation")

_PREFIX = b"\0" + TAG
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_START = len(_SIGNATURE) + 8
_END = b"\xff\xff"
# field count; position, seq, xid, version, at and recorded_at, each after its length; the length of data
_FIXED = struct.Struct(">h iq iq iq ii iq iq i")
_LENGTHS = (14, 8, 8, 8, 4, 8, 8)
_DATA = _FIXED.size
_quick = struct.Struct(">2x 4xq i8x 12x ii 12x 12x i").unpack_from
_length = struct.Struct(">i")
_int8 = struct.Struct(">iq").pack
_int4 = struct.Struct(">ii").pack


class Unreadable(Exception):
    """A row that no writer of this program can have left so."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Position {position:,} has no whole event any more.")
        self.position = position


class Row(msgspec.Struct, frozen=True, gc=False):
    """An event with every column that it has."""

    position: int
    seq: int
    xid: int
    version: int
    at: datetime
    recorded_at: datetime
    stream: str
    programme: str
    type: str
    actor: str
    cause_source: str
    cause_id: str
    correlation: str | None
    data: bytes


def copied(conn: psycopg.Connection[Any], query: str, values: dict[str, Any]) -> Iterator[bytes]:
    """The rows of one COPY, each as the server sends it."""
    with conn.transaction(), psycopg.ClientCursor(conn) as cursor:
        # a span is read by its keys: a plan that reads the whole table for each would take hours for a long log
        cursor.execute(SQL["pinned"])
        yield from _copied(cursor, query, values)


def _copied(cursor: psycopg.ClientCursor[Any], query: str, values: dict[str, Any]) -> Iterator[bytes]:
    with cursor.copy(SQL[query], values) as copy:
        read: Callable[[], Any] = copy.read
        first = bytes(read())
        if first[: len(_SIGNATURE)] != _SIGNATURE:
            raise ValueError("The server's COPY is of an unknown format.")
        row = first[_START:]
        # always one row a message, says the protocol
        while row and row != _END:
            yield row
            row = bytes(read())
        while read():
            pass


def place(row: bytes) -> tuple[int, int, bytes, bytes]:
    """Position, version, stream and leaf hash of a row; Unreadable where its event is gone or has a hole."""
    try:
        position, seq, four, version, size = _quick(row)
        if seq != 8 or four != 4 or size < 0:
            raise Unreadable(position)
        texts = _DATA + size
        (length,) = _length.unpack_from(row, texts)
        digest = sha256(row[_DATA:texts]).digest()
        leaf = sha256(_PREFIX + row[2 : _DATA - 4] + row[texts:] + digest).digest()
        return position, version, row[texts + 4 : texts + 4 + length], leaf
    except struct.error:
        raise Unreadable(int.from_bytes(row[6:14], "big", signed=True)) from None


def unpack(row: bytes) -> Row:
    """The row with its columns apart."""
    try:
        count, *fixed, size = _FIXED.unpack_from(row)
        if (count, *fixed[::2]) != _LENGTHS or size < 0:
            raise Unreadable(fixed[1])
        start = _DATA + size
        data, texts = row[_DATA:start], []
        for _ in TEXTS:
            (length,) = _length.unpack_from(row, start)
            start += 4
            texts.append(None if length < 0 else row[start : start + length].decode())
            start += max(length, 0)
    except struct.error:
        raise Unreadable(int.from_bytes(row[6:14], "big", signed=True)) from None
    position, seq, xid, version, at, recorded_at = fixed[1::2]
    stream, programme, kind, actor, source, cause, correlation = texts
    if None in (stream, programme, kind, actor, source, cause):
        raise Unreadable(position)
    return Row(
        position,
        seq,
        xid,
        version,
        _EPOCH + timedelta(microseconds=at),
        _EPOCH + timedelta(microseconds=recorded_at),
        str(stream),
        str(programme),
        str(kind),
        str(actor),
        str(source),
        str(cause),
        correlation,
        data,
    )


def entry(row: Row) -> bytes:
    """What is hashed of the event; its leaf is `merkle.leaf_hash` of this."""
    parts = [TAG, _int8(8, row.position), _int8(8, row.seq), _int8(8, row.xid), _int4(4, row.version)]
    parts += [_int8(8, _since(row.at)), _int8(8, _since(row.recorded_at))]
    parts += [_text(getattr(row, name)) for name in TEXTS]
    return b"".join(parts) + sha256(row.data).digest()


def entry_of(row: bytes) -> bytes:
    """The same, of a row as it was copied."""
    position, _, _, _ = place(row)
    texts = _DATA + _length.unpack_from(row, _DATA - 4)[0]
    assert position
    return TAG + row[2 : _DATA - 4] + row[texts:] + sha256(row[_DATA:texts]).digest()


def _since(instant: datetime) -> int:
    passed = instant - _EPOCH
    return (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds


def _text(text: str | None) -> bytes:
    if text is None:
        return b"\xff\xff\xff\xff"
    value = text.encode()
    return _length.pack(len(value)) + value
