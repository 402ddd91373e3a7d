"""Reads the sealed log span by span, for a check of all of it: leaf hashes, and how each stream goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import psycopg

from eventstore import leaf

AT_ONCE = 64 * 256  # events of one span
ALONE = 8 * AT_ONCE  # up to so many events one process is quicker than several


@dataclass(frozen=True, slots=True)
class Fault:
    """The first position that does not fit, and why, in a sentence."""

    position: int
    sentence: str


@dataclass(slots=True)
class Span:
    """What a check needs of the events after `after`, up to the first that does not fit in itself."""

    after: int
    leaves: bytes
    firsts: dict[bytes, tuple[int, int]]  # of each stream the first version in the span, and its position
    lasts: dict[bytes, int]
    fault: Fault | None


def read_span(conn: psycopg.Connection[Any], after: int, until: int) -> Span:
    """Reads the events at positions after `after` up to `until`, which are to be there without a hole."""
    place = leaf.place
    leaves: list[bytes] = []
    firsts: dict[bytes, tuple[int, int]] = {}
    lasts: dict[bytes, int] = {}
    fault: Fault | None = None
    expected = after
    # below the first position nothing may be
    lowest = after or -(2**63)
    for row in leaf.copied(conn, "rows", {"after": lowest, "until": until}):
        if fault:
            continue
        expected += 1
        try:
            position, version, stream, hashed = place(row)
        except leaf.Unreadable as error:
            fault = Fault(expected, str(error)) if error.position == expected else _hole(expected, error.position)
            continue
        if position != expected:
            fault = _hole(expected, position)
            continue
        before = lasts.get(stream)
        if before is None:
            firsts[stream] = version, position
        elif version != before + 1:
            fault = jump(position, stream, before, version)
            continue
        lasts[stream] = version
        leaves.append(hashed)
    if fault is None and expected != until:
        fault = Fault(expected + 1, f"Position {expected + 1:,} is missing, and the record goes on after it.")
    return Span(after, b"".join(leaves), firsts, lasts, fault)


def jump(position: int, stream: bytes, before: int, version: int) -> Fault:
    """An event that is not the next of its stream."""
    name = stream.decode(errors="replace")
    return Fault(
        position, f"Position {position:,} is version {version:,} of {name}, where version {before + 1:,} is to come."
    )


def _hole(expected: int, position: int) -> Fault:
    if position < 1:
        return Fault(position, f"Position {position:,} is there, but the first is 1.")
    if position < expected:
        return Fault(position, f"Position {position:,} is there twice.")
    return Fault(expected, f"Position {expected:,} is missing: the next that is there is {position:,}.")


@contextmanager
def spans(url: str, snapshot: str, head: int, processes: int) -> Iterator[Iterator[Span]]:
    """Every span up to the head, in order, as this snapshot has it, read by so many processes."""
    bounds = [(after, min(head, after + AT_ONCE)) for after in range(0, head, AT_ONCE)]
    if head <= ALONE or processes < 2:
        with psycopg.connect(url, application_name="pairway audit") as conn:
            look_at(conn, snapshot)
            yield (read_span(conn, *each) for each in bounds)
        return
    # not forked: this process has threads, and connections that are its own
    with ProcessPoolExecutor(processes, get_context("spawn"), _open, (url, snapshot)) as executor:
        try:
            yield _ahead(executor, bounds, processes * 2)
        finally:
            executor.shutdown(cancel_futures=True)


def look_at(conn: psycopg.Connection[Any], snapshot: str) -> None:
    """Has a new connection see what another saw at one moment."""
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    psycopg.ClientCursor(conn).execute("SET TRANSACTION SNAPSHOT %s", (snapshot,))


def _ahead(executor: ProcessPoolExecutor, bounds: list[tuple[int, int]], most: int) -> Iterator[Span]:
    """Has a few spans read ahead of the one that is looked at."""
    waiting: list[Future[Span]] = []
    left = iter(bounds)
    for each in left:
        waiting.append(executor.submit(_read, *each))
        if len(waiting) > most:
            yield waiting.pop(0).result()
    while waiting:
        yield waiting.pop(0).result()


_own: list[psycopg.Connection[Any]] = []


def _open(url: str, snapshot: str) -> None:
    # Ctrl-C is for the process that has us read
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    conn = psycopg.connect(url, application_name="pairway audit")
    look_at(conn, snapshot)
    _own.append(conn)


def _read(after: int, until: int) -> Span:
    return read_span(_own[0], after, until)
