"""`pairway sweep`: what time alone causes, up to an instant."""

from __future__ import annotations

import sys
from argparse import Namespace

from eventstore.imports import held_programmes
from pairway.commands.arguments import Commands, command, instant
from pairway.faults import Fault
from pairway.progress import progress
from pairway.settings import Settings
from pairway.sweeping import sweep
from pairway.wiring import open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "sweep", "bring every pairing forward to an instant, as the workers do")
    parser.add_argument("--as-of", type=instant, metavar="INSTANT", help="such as 2026-06-30T23:00:00+02:00; else now")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with open_parts(settings) as parts:
        now = parts.now()
        instant = args.as_of or now
        if instant > now:
            raise Fault(
                f"{instant.isoformat()} lies ahead of the clock ({now.isoformat(timespec='seconds')}): "
                "what has not happened yet cannot be recorded. Give an instant up to now."
            )
        held = held_programmes(parts.pool)
        with progress("sweep") as tell:
            swept = sweep(parts, instant, lambda so_far: tell(so_far.pairings, f"{so_far.pairings:,} pairings"))
    for programme in sorted(held):
        print(f"Left alone: {programme}, as an import of it is open.", file=sys.stderr)
    print(f"Brought {swept.pairings:,} pairings forward to {instant.isoformat()}: {swept.events:,} events.")
    return 0
