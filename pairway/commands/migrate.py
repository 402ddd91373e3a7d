"""`pairway migrate`: the record's tables, brought to this version."""

from __future__ import annotations

from argparse import Namespace

from eventstore.migrate import migrate
from pairway.backing import backing
from pairway.commands.arguments import Commands, command
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    command(subparsers, "migrate", "bring the database's tables to this version").set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - it takes no arguments of its own
    """Applies what the tables lack, and names it."""
    with backing(settings) as behind:
        for name in migrate(behind.database_url):
            print(f"applied: {name}")
    print("The database is up to date.")
    return 0
