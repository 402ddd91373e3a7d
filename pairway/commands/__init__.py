"""The commands, one module each, in the order in which the help lists them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from pairway.commands.arguments import Commands
from pairway.settings import Settings

# Their modules by name: one that is not asked for is not loaded, as the web alone takes longer than most commands do.
COMMANDS = {
    "up": "up",
    "import": "import_",
    "sweep": "sweep",
    "report": "report",
    "show": "show",
    "forget": "forget",
    "keys": "keys",
    "audit": "audit",
    "projections": "projections",
    "serve": "serve",
    "project": "project",
    "work": "work",
    "migrate": "migrate",
    "backup": "backup",
    "restore": "restore",
    "facts": "facts",
}


class Command(Protocol):
    """What the module of a command has to offer."""

    def add(self, subparsers: Commands) -> None:
        """Adds the command and its arguments."""

    def run(self, args: Namespace, settings: Settings) -> int:
        """Does it; returns the exit code."""


def commands(arguments: Sequence[str]) -> list[Command]:
    """The command that these arguments begin with; all of them where they begin with none."""
    asked = [module for name, module in COMMANDS.items() if arguments[:1] == [name]]
    return [cast(Command, import_module(f"pairway.commands.{module}")) for module in asked or COMMANDS.values()]
