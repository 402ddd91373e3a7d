"""`pairway show`: where a pairing stands, and how it came there."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(
        subparsers, "show", "show a pairing: where it stands, its deadlines and flags, its history"
    )
    parser.add_argument("pairing", metavar="PAIRING")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
