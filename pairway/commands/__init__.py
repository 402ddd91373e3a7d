"""The commands, one module each, in the order in which the help lists them."""

from __future__ import annotations

from argparse import Namespace
from typing import Protocol

from pairway.commands import (
    audit,
    facts,
    import_,
    migrate,
    project,
    projections,
    report,
    serve,
    show,
    sweep,
    up,
    work,
)
from pairway.commands.arguments import Commands
from pairway.settings import Settings


class Command(Protocol):
    """What the module of a command has to offer."""

    def add(self, subparsers: Commands) -> None:
        """Adds the command and its arguments."""

    def run(self, args: Namespace, settings: Settings) -> int:
        """Does it; returns the exit code."""


COMMANDS: tuple[Command, ...] = (
    up,
    import_,
    sweep,
    report,
    show,
    audit,
    projections,
    serve,
    project,
    work,
    migrate,
    facts,
)
