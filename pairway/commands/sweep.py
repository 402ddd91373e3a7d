"""`pairway sweep`: what time alone causes, up to an instant."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command, instant
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "sweep", "bring every pairing forward to an instant, as the workers do")
    parser.add_argument(
        "--as-of", type=instant, metavar="INSTANT", help="such as 2026-06-30T23:00:00+02:00; else now"
    )
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - to be built
    """Does it; returns the exit code."""
    raise Fault(f"pairway {args.command} is not built yet.")
