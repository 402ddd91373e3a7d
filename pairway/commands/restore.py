"""`pairway restore`: a database from the file that `backup` wrote."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "restore", "fill an empty database from such a file")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code: 1 where what came back does not continue what was signed."""
    from eventstore.checkpoints import Forked
    from eventstore.notes import BadNote
    from pairway.backing import backing
    from pairway.dumps import restore
    from pairway.wiring import open_parts

    with backing(settings) as behind:
        restore(behind.database_url, args.file)
    with open_parts(settings) as parts:
        # what was committed but had no position yet gets one now, before anything new is recorded
        parts.store.seal(wait=True)
        parts.projector.catch_up()
        print(f"Restored {parts.store.head():,} events from {args.file}; the read models are up to date.")
        try:
            parts.proofs.make(parts.now)
        except (Forked, BadNote) as error:
            raise Fault(str(error), exit_code=1) from None
    print("Prove it whole with: pairway audit verify")
    return 0
