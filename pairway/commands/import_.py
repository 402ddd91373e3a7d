"""`pairway import`: a log of facts, taken from a file or a pipe."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "import", "take in facts, one CloudEvent a line")
    parser.add_argument("file", metavar="FILE", help="the log, or - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print the counts")
    parser.add_argument(
        "--rejects", type=Path, metavar="FILE", help="write there what was not recorded, with reasons"
    )
    parser.add_argument("--abandon", action="store_true", help="give up an import that was left open")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
