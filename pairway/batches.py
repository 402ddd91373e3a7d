"""Reads an upstream log in batches of lines, in memory that no long file or line makes grow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.wire import LARGEST_FACT, LARGEST_READ

# Of a line too long to be read for its name this much is kept: a byte too many, so that it is told so.
KEPT = LARGEST_FACT + 1
_LIMIT = LARGEST_READ + 2  # with the end of the line
FACTS = 1000
BYTES = 4 * 1024 * 1024
_GULP = 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Batch:
    """Facts as they came, the number of the line of each, and how many bytes of the file end with them."""

    facts: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    end: int = 0


def batches(file: BinaryIO, most: int = FACTS) -> Iterator[Batch]:
    """The lines of a file that are not blank, in batches that are the same whenever the same file is read."""
    batch, held, number, end = Batch(), 0, 0, 0
    while line := file.readline(_LIMIT):
        number += 1
        end += len(line)
        if len(line) == _LIMIT and not line.endswith(b"\n"):
            end += _skip_the_rest(file)
            line = line[:KEPT]
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        fact = line.rstrip(b"\r\n")
        if not fact.strip():
            continue
        batch.facts.append(fact)
        batch.lines.append(number)
        batch.end = end
        held += len(fact)
        if len(batch.facts) >= most or held >= BYTES:
            yield batch
            batch, held = Batch(), 0
    if batch.facts:
        yield batch


def _skip_the_rest(file: BinaryIO) -> int:
    """Reads on to the end of the line, keeping nothing; how many bytes that was."""
    skipped = 0
    while piece := file.readline(_GULP):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
