"""`pairway projections`: how far the read models are, and making one anew."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "projections", "show how far the read models are, or make one anew")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    command(actions, "status", "position and lag of each").set_defaults(run=run)
    rebuild = command(actions, "rebuild", "make one anew from the record")
    rebuild.add_argument("name", metavar="NAME")
    rebuild.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
