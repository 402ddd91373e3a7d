"""Shows how far long work has come: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

EVERY = 2.0  # seconds between two plain lines

Tell = Callable[[int, str], None]  # how much is done, and what to say of it


@contextmanager
def progress(what: str, total: int | None = None, *, to: TextIO | None = None) -> Iterator[Tell]:
    """Gives the block a function to tell how much of the total is done; without a total it only counts."""
    out = sys.stderr if to is None else to
    with _bar(what, total, out) if out.isatty() else _plain(what, total, out) as tell:
        yield tell


@contextmanager
def _bar(what: str, total: int | None, out: TextIO) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=out), transient=True) as bars:
        task = bars.add_task(what, total=total, said="")
        yield lambda done, said: bars.update(task, completed=done, said=said)


@contextmanager
def _plain(what: str, total: int | None, out: TextIO) -> Iterator[Tell]:
    told = time.monotonic()

    def tell(done: int, said: str) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            part = f" ({min(100, done * 100 // total)} %)" if total else ""
            print(f"{what}: {said or f'{done:,}'}{part}", file=out, flush=True)

    yield tell
