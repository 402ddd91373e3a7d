"""Lists as PostgreSQL's binary arrays, because the driver takes 4 µs a value and a batch has ten thousand."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_header = struct.Struct("!iiIii").pack
_length = struct.Struct("!i").pack
_int4 = struct.Struct("!ii").pack
_int8 = struct.Struct("!iq").pack
int8 = struct.Struct("!q").pack
_FIRST = 20  # where the elements of an array of one dimension begin

_BOOL, _BYTEA, _INT8, _INT4, _TEXT, _TIMESTAMPTZ = 16, 17, 20, 23, 25, 1184


class Array(bytes):
    """A whole array parameter, as the server wants it; the statement says its type (`%s::text[]`)."""


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def _array(oid: int, count: int, elements: Iterable[bytes]) -> Array:
    if not count:
        return Array(_header(0, 0, oid, 0, 0)[:12])
    return Array(_header(1, 1, oid, count, 1) + b"".join(elements))


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: NUL and lone surrogates are kept as a replacement character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class _Texts(dict[str | None, bytes]):
    """Each text is encoded once: sources, types and actors come again and again."""

    def __missing__(self, text: str | None) -> bytes:
        if text is None:
            return _NULL
        value = storable(text).encode()
        self[text] = value = _length(len(value)) + value
        return value


def instant(value: datetime) -> bytes:
    """One instant as the server's binary form has it."""
    since = value - _EPOCH
    return int8((since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds)


class _Instants(dict[datetime | None, bytes]):
    """Each instant is worked out once: what one fact causes happens at one time."""

    def __missing__(self, at: datetime | None) -> bytes:
        if at is None:
            return _NULL
        self[at] = value = _length(8) + instant(at)
        return value


class Columns:
    """Makes the arrays of one call."""

    def __init__(self) -> None:
        self._texts = _Texts()
        self._instants = _Instants()

    def texts(self, values: Sequence[str | None]) -> Array:
        return _array(_TEXT, len(values), map(self._texts.__getitem__, values))

    def instants(self, values: Sequence[datetime | None]) -> Array:
        return _array(_TIMESTAMPTZ, len(values), map(self._instants.__getitem__, values))

    def blobs(self, values: Sequence[bytes | None]) -> Array:
        parts = [_NULL if value is None else _length(len(value)) + value for value in values]
        return _array(_BYTEA, len(values), parts)

    def int4s(self, values: Sequence[int]) -> Array:
        return _array(_INT4, len(values), [_int4(4, value) for value in values])

    def int8s(self, values: Sequence[int | None]) -> Array:
        parts = [_NULL if value is None else _int8(8, value) for value in values]
        return _array(_INT8, len(values), parts)

    def booleans(self, values: Sequence[bool | None]) -> Array:
        kinds = {True: b"\0\0\0\1\1", False: b"\0\0\0\1\0", None: _NULL}
        return _array(_BOOL, len(values), [kinds[value] for value in values])


def int8_in(value: bytes | None) -> int | None:
    """A bigint, as it comes from the server."""
    return None if value is None else int.from_bytes(value, "big", signed=True)


def int8s_in(value: bytes | None) -> list[int | None]:
    """The numbers of a bigint[], as it comes from the server."""
    numbers: list[int | None] = []
    at = _FIRST
    while value is not None and at < len(value):
        if value[at : at + 4] == _NULL:
            numbers.append(None)
            at += 4
        else:
            numbers.append(int.from_bytes(value[at + 4 : at + 12], "big", signed=True))
            at += 12
    return numbers
