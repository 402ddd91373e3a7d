"""`pairway report`: the MPM report of a programme."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.commands.arguments import Commands, command, instant
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "report", "print the MPM report of a programme")
    parser.add_argument("programme", metavar="PROGRAMME")
    parser.add_argument("--format", choices=("json", "html", "pdf", "xlsx", "csv"), default="json")
    parser.add_argument(
        "--as-of", type=instant, metavar="INSTANT", help="such as 2026-06-30T23:00:00+02:00; else now"
    )
    parser.add_argument("--audience", choices=("mpm", "management"), default="mpm")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there, not to standard output")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
