"""`pairway serve`: the API alone, for production."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command, with_address
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = with_address(command(subparsers, "serve", "serve the API and the pages"))
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
