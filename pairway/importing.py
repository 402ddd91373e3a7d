"""Takes an upstream log into the record batch by batch, and goes on where it stopped if it was killed."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import TextIO

from eventstore import imports
from eventstore.imports import Progress, Rejected
from pairway.batches import Batch, batches
from pairway.faults import Fault
from pairway.recorder import Outcome
from pairway.wiring import Parts

STANDARD_INPUT = "standard input"
DISPOSITIONS = ("accepted", "duplicate", "parked", "refused", "invalid")
# A killed importer's hold on its import goes within moments, but not at once.
PATIENCE = 5.0

Tell = Callable[["Counts", int], None]  # what was done so far, and how many bytes of the log that is


@dataclass(slots=True)
class Counts:
    """How many facts had each disposition on arrival; `recorded_before` those before it was killed."""

    recorded_before: int = 0
    by_disposition: Counter[str] = field(default_factory=Counter)

    @property
    def facts(self) -> int:
        return self.by_disposition.total()


def take_log(parts: Parts, file: BufferedReader, path: Path | None, rejects: TextIO | None, tell: Tell) -> Counts:
    """Runs an import to its end; without a path it comes from standard input. Raises Fault."""
    name, digest, log = _identified(file, path)
    with _opened(parts, name, digest) as begun:
        counts = _recorded_before(parts, begun)
        under_way: deque[Batch] = deque()
        for outcomes in parts.recorder.take_on(
            _facts(_not_yet_recorded(parts, begun, log, rejects), under_way),
            import_id=begun.id,
            first_line=counts.facts + 1,
        ):
            batch = under_way.popleft()
            counts.by_disposition.update(outcome.disposition for outcome in outcomes)
            if rejects is not None:
                _tell_rejects(rejects, batch, outcomes)
            tell(counts, batch.end)
        parts.store.seal(wait=True)
        imports.finish(parts.pool, begun.id, parts.now())
    return counts


def _facts(log: Iterator[Batch], under_way: deque[Batch]) -> Iterator[list[bytes]]:
    """The facts of each batch, which is kept until it is known what became of them."""
    for batch in log:
        under_way.append(batch)
        yield batch.facts


def abandon_log(parts: Parts, path: Path | None) -> int:
    """Gives up what was left open of this file, or of standard input; how many imports that were."""
    name = STANDARD_INPUT if path is None else str(path.resolve())
    left = [
        each
        for each in imports.open_imports(parts.pool)
        if each.name == name or (path is None and each.name.startswith(STANDARD_INPUT + " "))
    ]
    return sum(imports.abandon(parts.pool, each.id, parts.now()) for each in left)


def _identified(file: BufferedReader, path: Path | None) -> tuple[str, bytes, Iterator[Batch]]:
    """What tells this log from others (its content, or a pipe's beginning), and its batches."""
    if path is not None and file.seekable():
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()
        file.seek(0)
        return str(path.resolve()), digest, batches(file)
    log = batches(file)
    first = next(log, Batch())
    digest = hashlib.blake2b(b"\n".join(first.facts), digest_size=32).digest()
    name = STANDARD_INPUT if path is None else str(path.resolve())
    return f"{name} {digest.hex()[:16]}", digest, chain((first,), log)


@contextmanager
def _opened(parts: Parts, name: str, digest: bytes) -> Iterator[Progress]:
    """The open import of this log, or a new one, held against all others."""
    begun = imports.find_open(parts.pool, name, digest)
    if begun is not None and begun.digest != digest:
        raise Fault(
            f"{name} has changed since its import stopped after {begun.lines_done:,} facts. "
            "Put the former file back and run it again, or give that import up with --abandon first."
        )
    import_id = begun.id if begun else imports.open_import(parts.pool, name, digest, parts.now())
    until = time.monotonic() + PATIENCE
    while True:
        with imports.held(parts.pool, import_id) as progress:
            if progress is not None:
                yield progress
                return
        if time.monotonic() > until:
            raise Fault(f"{name} is being imported by another command: wait until that one has ended.")
        time.sleep(0.05)


def _recorded_before(parts: Parts, begun: Progress) -> Counts:
    if not begun.lines_done:
        return Counts()
    counts = Counts(begun.lines_done, Counter(imports.on_arrival(parts.pool, begun.id)))
    # duplicates left no row behind
    counts.by_disposition["duplicate"] += begun.lines_done - counts.facts
    return counts


def _not_yet_recorded(parts: Parts, begun: Progress, log: Iterator[Batch], rejects: TextIO | None) -> Iterator[Batch]:
    """The batches after what was recorded before; what was rejected until then is told again."""
    before = imports.rejected(parts.pool, begun.id) if rejects is not None and begun.lines_done else iter(())
    rejected, passed = next(before, None), 0
    for batch in log:
        size = len(batch.facts)
        recorded = min(size, begun.lines_done - passed)
        for index in range(recorded if rejects is not None else 0):
            if rejected is not None and rejected.line == passed + index + 1:
                assert rejects is not None
                _write_reject(rejects, batch.lines[index], batch.facts[index], rejected)
                rejected = next(before, None)
        passed += size
        if recorded < size:
            yield Batch(batch.facts[recorded:], batch.lines[recorded:], batch.end) if recorded else batch


def _tell_rejects(rejects: TextIO, batch: Batch, outcomes: list[Outcome]) -> None:
    for number, fact, outcome in zip(batch.lines, batch.facts, outcomes, strict=True):
        if outcome.disposition in {"refused", "invalid"}:
            errors = [{"field": error.field, "reason": error.reason} for error in outcome.errors]
            _write_reject(rejects, number, fact, Rejected(number, outcome.disposition, outcome.reason, errors))


def _write_reject(rejects: TextIO, number: int, fact: bytes, rejected: Rejected) -> None:
    """One line of the file of rejects: where it stood, why it was not recorded, and the fact as it came."""
    told: dict[str, object] = {"line": number, "disposition": rejected.disposition}
    if rejected.reason is not None:
        told["reason"] = rejected.reason
    if rejected.errors:
        told["errors"] = rejected.errors
    rejects.write(json.dumps(told | {"fact": _as_json(fact)}, ensure_ascii=False) + "\n")


def _as_json(fact: bytes) -> object:
    """The fact as JSON, or as text where it is none."""
    try:
        return json.loads(fact)
    except (ValueError, RecursionError):
        return fact.decode("utf-8", "replace")
