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
    from pairway.backing import backing
    from pairway.dumps import empty, restore
    from pairway.master_key import OtherMasterKey, where

    with backing(settings) as behind:
        restore(behind.database_url, args.file)
    try:
        _go_on(args.file, settings)
    except OtherMasterKey:
        # else the next attempt, with the right key, would find the place taken
        with backing(settings) as behind:
            empty(behind.database_url)
        raise Fault(
            f"{args.file} was made with another master key, and nothing of it was kept: give the key of that day "
            f"and restore it again. As to that key: {where(settings)}."
        ) from None
    print("Prove it whole with: pairway audit verify")
    return 0


def _go_on(file: Path, settings: Settings) -> None:
    """What was committed but had no position yet gets one, before anything new is recorded; the rest catches up."""
    from eventstore.checkpoints import Forked
    from eventstore.notes import BadNote
    from pairway.wiring import open_parts

    with open_parts(settings) as parts:
        parts.store.seal(wait=True)
        parts.projector.catch_up()
        print(f"Restored {parts.store.head():,} events from {file}; the read models are up to date.")
        try:
            parts.proofs.make(parts.now)
        except (Forked, BadNote) as error:
            raise Fault(str(error), exit_code=1) from None
