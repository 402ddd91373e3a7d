"""`pairway facts`: a made-up upstream log, for trying it out and for load."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pairway.commands.arguments import Commands, at_least_one, command, day
from pairway.faults import Fault
from pairway.generate import LONGEST_MONTHS, ZONE, facts
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "facts", "make up an upstream log")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    generate = command(actions, "generate", "write a made-up log to standard output")
    generate.add_argument("--pairings", type=at_least_one, metavar="N", default=120)
    generate.add_argument("--months", type=at_least_one, metavar="M", default=12)
    generate.add_argument("--seed", type=int, metavar="S", default=1)
    generate.add_argument("--ending", type=day, metavar="DATE", help="the day the log ends at (today)")
    generate.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - a made-up log needs none
    """Writes the log, a fact a line; returns the exit code."""
    if args.months > LONGEST_MONTHS:
        raise Fault(f"--months {args.months} is too long: at most {LONGEST_MONTHS}.")
    ending = args.ending or datetime.now(UTC).astimezone(ZoneInfo(ZONE)).date()
    out = sys.stdout.buffer
    for line in facts(args.pairings, args.months, args.seed, ending):
        out.write(line + b"\n")
    return 0
