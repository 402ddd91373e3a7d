"""A log is read a batch at a time, whatever its lines are like."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from domain.wire import LARGEST_FACT, LARGEST_READ
from pairway.batches import BYTES, FACTS, KEPT, batches


class Endless(io.RawIOBase):
    """A line that goes on and on, made up while it is read."""

    def __init__(self, length: int, after: bytes) -> None:
        self.left, self.after = length, after

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader hands in nothing else
        if self.left:
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size
        size = min(len(buffer), len(self.after))
        buffer[:size], self.after = self.after[:size], self.after[size:]
        return size


def read(log: bytes) -> list[tuple[int, bytes]]:
    return [
        (line, fact)
        for batch in batches(io.BufferedReader(io.BytesIO(log)))
        for line, fact in zip(batch.lines, batch.facts, strict=True)
    ]


@pytest.mark.parametrize(
    ("log", "facts"),
    [
        (b"", []),
        (b"\n \n\t\r\n", []),
        (b"a\nb\n", [(1, b"a"), (2, b"b")]),
        (b"a\nb", [(1, b"a"), (2, b"b")]),
        (b"a\r\n\r\nb\r\n", [(1, b"a"), (3, b"b")]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [(1, b"a"), (2, b"\xef\xbb\xbfb")]),
        (b"a\x00b\n\xff\xfe\n", [(1, b"a\x00b"), (2, b"\xff\xfe")]),
        (b"a\rb\n", [(1, b"a\rb")]),
    ],
)
def test_every_line_that_is_not_blank_is_a_fact_and_keeps_its_number(
    log: bytes, facts: list[tuple[int, bytes]]
) -> None:
    assert read(log) == facts


def test_batches_are_the_same_whenever_the_same_log_is_read() -> None:
    log = b"".join(b"%d\n" % number for number in range(FACTS * 2 + 1))
    found = [len(batch.facts) for batch in batches(io.BufferedReader(io.BytesIO(log)))]
    assert found == [FACTS, FACTS, 1]


def test_the_end_of_a_batch_is_where_its_last_line_ends() -> None:
    log = b"a\n\nbb\n" * FACTS
    ends = [batch.end for batch in batches(io.BufferedReader(io.BytesIO(log)))]
    assert ends[-1] == len(log)


def test_long_lines_make_small_batches() -> None:
    line = b"x" * LARGEST_FACT + b"\n"
    log = line * 200
    found = list(batches(io.BufferedReader(io.BytesIO(log))))
    assert len(found) > 1
    assert all(sum(map(len, batch.facts)) <= BYTES + LARGEST_FACT for batch in found)


@pytest.mark.parametrize("length", [LARGEST_FACT, LARGEST_FACT + 1, LARGEST_READ])
def test_a_line_that_is_read_for_its_name_is_whole(length: int) -> None:
    assert [len(fact) for _, fact in read(b"x" * length + b"\r\nb\n")] == [length, 1]


def test_a_line_of_a_hundred_megabytes_costs_no_memory_and_the_next_is_read() -> None:
    log = io.BufferedReader(Endless(100_000_000, b"\nnext\n"))
    tracemalloc.start()
    try:
        (batch,) = list(batches(log))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert batch.facts == [b"x" * KEPT, b"next"]
    assert batch.lines == [1, 2]
    assert peak < 8 * 1024 * 1024


def test_a_line_that_never_ends_ends_with_the_log() -> None:
    log = io.BufferedReader(Endless(3_000_000, b""))
    (batch,) = list(batches(log))
    assert [len(fact) for fact in batch.facts] == [KEPT]
