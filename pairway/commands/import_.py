"""`pairway import`: a log of facts, taken from a file or a pipe."""

from __future__ import annotations

import gc
import json
import os
import stat
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, TextIO

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.importing import DISPOSITIONS, Counts, abandon_log, take_log
from pairway.progress import progress
from pairway.settings import Settings
from pairway.wiring import open_parts

BUFFER = 1024 * 1024


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "import", "take in facts, one CloudEvent a line")
    parser.add_argument("file", metavar="FILE", help="the log, or - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print the counts")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="write there what was not recorded, with reasons")
    parser.add_argument("--abandon", action="store_true", help="give up an import that was left open")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    path = None if args.file == "-" else Path(args.file)
    if args.abandon:
        return _abandon(path, settings)
    # Two batches are in hand at a time: what is looked for circles sooner is mostly what they are made of.
    gc.set_threshold(250_000, 20, 100)
    with ExitStack() as stack:
        file = stack.enter_context(_opened(path))
        rejects = stack.enter_context(_rejects(args.rejects, file)) if args.rejects else None
        parts = stack.enter_context(open_parts(settings))
        size = path.stat().st_size if path is not None and path.is_file() else None
        began = time.monotonic()
        try:
            with progress("import", size) as tell:
                counts = take_log(
                    parts, file, path, rejects, lambda so_far, read: tell(read, f"{so_far.facts:,} facts")
                )
        except KeyboardInterrupt:
            print("Stopped: run it again to go on, or with --abandon to give it up.", file=sys.stderr)
            raise
        took = time.monotonic() - began
    if args.format == "json":
        seen = counts.by_disposition
        print(json.dumps({name: seen[name] for name in DISPOSITIONS if seen[name]}))
    else:
        _print(counts, took)
    return 0


def _print(counts: Counts, took: float) -> None:
    for name in DISPOSITIONS:
        print(f"{name:<10}{counts.by_disposition[name]:>12,}")
    before = f", {counts.recorded_before:,} of them before it was stopped" if counts.recorded_before else ""
    fresh = counts.facts - counts.recorded_before
    print(f"{counts.facts:,} facts{before}; {fresh / max(took, 0.001):,.0f} a second.", file=sys.stderr)


def _abandon(path: Path | None, settings: Settings) -> int:
    with open_parts(settings) as parts:
        given_up = abandon_log(parts, path)
    what = "standard input" if path is None else path
    if not given_up:
        raise Fault(f"No import of {what} is open, so there is none to give up.")
    print(f"Gave up the import of {what}: what it recorded stays, and time goes on for its programmes.")
    return 0


@contextmanager
def _opened(path: Path | None) -> Iterator[BufferedReader[Any]]:
    if path is None:
        assert isinstance(sys.stdin.buffer, BufferedReader)
        yield sys.stdin.buffer
        return
    try:
        file = BufferedReader(path.open("rb", buffering=0), BUFFER)
    except IsADirectoryError:
        raise Fault(f"{path} is a folder: give the file in it that is to be imported.") from None
    except FileNotFoundError:
        raise Fault(f"There is no file {path}.") from None
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        yield file


@contextmanager
def _rejects(path: Path, facts: BufferedReader[Any]) -> Iterator[TextIO]:
    if path.is_file() and os.path.samestat(path.stat(), os.fstat(facts.fileno())):
        # opened for writing, the log would be gone before it is read
        raise Fault(f"{path} is the log that is to be imported: give another file for the rejects.")
    try:
        # for nobody else: facts as they came, with all that they say of people
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)  # it may have been there
    except OSError as error:
        raise Fault(f"The rejects cannot be written to {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:
        yield file
