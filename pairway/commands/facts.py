"""`pairway facts`: a made-up upstream log, for trying it out and for load."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, at_least_one, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "facts", "make up an upstream log")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    generate = command(actions, "generate", "write a made-up log to standard output")
    generate.add_argument("--pairings", type=at_least_one, metavar="N", default=120)
    generate.add_argument("--months", type=at_least_one, metavar="M", default=12)
    generate.add_argument("--seed", type=int, metavar="S", default=1)
    generate.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
