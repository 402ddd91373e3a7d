"""`pairway backup`: the whole database as one file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.backing import backing
from pairway.commands.arguments import Commands, command
from pairway.dumps import dump
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "backup", "write the whole database to a file, also while the service runs")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with backing(settings) as behind:
        size = dump(behind.database_url, args.file)
    print(f"Wrote the database to {args.file}, {size:,} bytes.")
    print("Keep the master key and the checkpoint file, too, each apart from this: they are not in it.")
    return 0
