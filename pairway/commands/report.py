"""`pairway report`: the MPM report of a programme."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from api.report.page import as_document
from pairway.commands.arguments import Commands, command, instant
from pairway.faults import Fault
from pairway.reports import csv, json, pdf, xlsx
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts
from projections.reporting import Reports


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "report", "print the MPM report of a programme")
    parser.add_argument("programme", metavar="PROGRAMME")
    parser.add_argument("--format", choices=tuple(WRITERS), default="json")
    parser.add_argument("--as-of", type=as_given, metavar="INSTANT", help="such as 2026-06-30T23:00:00+02:00; else now")
    parser.add_argument("--audience", choices=("mpm", "management"), default="mpm")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there, not to standard output")
    parser.set_defaults(run=run)


def as_given(text: str) -> datetime:
    """An instant in its own offset, as the report then shows it."""
    instant(text)
    return datetime.fromisoformat(text)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    if args.out is None and args.format in BINARY and sys.stdout.isatty():
        raise Fault(f"A report as {args.format} is no text for a terminal: name a file with --out.")
    with open_parts(settings) as parts:
        document = _document(parts, args)
    written = WRITERS[args.format](document)
    if args.out is None:
        sys.stdout.buffer.write(written)
    else:
        args.out.write_bytes(written)
    return 0


def _document(parts: Parts, args: Namespace) -> dict[str, Any]:
    reports = Reports(parts.pool, parts.store, parts.codec, parts.keyring)
    if args.as_of is None:
        parts.store.seal(wait=True)
        parts.projector.catch_up()
        found = reports.live(args.programme, parts.now(), args.audience)
    else:
        parts.store.seal(wait=True)
        found = reports.as_of(args.programme, args.as_of, args.audience)
    if found is None:
        when = "" if args.as_of is None else " at that time"
        raise Fault(f"There is no programme {args.programme}{when}.")
    return found


WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "json": json.render,
    "html": lambda document: as_document(document).encode(),
    "pdf": pdf.render,
    "xlsx": xlsx.render,
    "csv": csv.render,
}
BINARY = ("pdf", "xlsx")
