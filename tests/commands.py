"""Commands as a person starts them: processes of their own, on the database of a test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pairway.wiring import Parts
from tests.parts import environment


def run(parts: Parts, *arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs a command to its end."""
    return subprocess.run(_command(arguments), env=environment(parts), input=stdin, capture_output=True, timeout=300)


@contextmanager
def started(
    parts: Parts,
    *arguments: str | Path,
    redis_url: str | None = None,
    given: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs beside the block; it is killed at the end if it has not ended by then."""
    process = subprocess.Popen(
        _command(arguments),
        env=given or environment(parts, redis_url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def count(parts: Parts, table: str) -> int:
    """How many rows a table of the record has."""
    with parts.pool.connection() as conn:
        row = conn.execute(f"SELECT count(*) FROM pairway.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def _command(arguments: tuple[str | Path, ...]) -> list[str | Path]:
    return [sys.executable, "-m", "pairway.cli", *arguments]
