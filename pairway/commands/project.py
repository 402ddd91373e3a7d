"""`pairway project`: the projections alone, for production."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "project", "keep the read models up to date")
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
