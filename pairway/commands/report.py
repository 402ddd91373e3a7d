"""`pairway report`: the MPM report of a programme."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any

from pairway.commands.arguments import Commands, command, instant
from pairway.faults import Fault
from pairway.reports import json
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts
from projections.reporting import Reports

FORMATS = ("json", "html", "pdf", "xlsx", "csv")
BINARY = ("pdf", "xlsx")


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "report", "print the MPM report of a programme")
    parser.add_argument("programme", metavar="PROGRAMME")
    parser.add_argument("--format", choices=FORMATS, default="json")
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
    written = _written(document, args.format)
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


def _written(document: dict[str, Any], form: str) -> bytes:
    if form == "json":
        return json.render(document)
    # what draws, sets and lays out takes longer to load than most of a report takes to make
    from api.report.page import as_document
    from pairway.reports import csv, pdf, xlsx

    match form:
        case "html":
            return as_document(document).encode()
        case "pdf":
            return pdf.render(document)
        case "xlsx":
            return xlsx.render(document)
        case _:
            return csv.render(document)
