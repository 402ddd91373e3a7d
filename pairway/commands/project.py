"""`pairway project`: the projections alone, for production."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.running import keep_projecting, keep_sealing, running, until_told
from pairway.settings import Settings
from pairway.wiring import open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "project", "keep the read models up to date")
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - it takes no arguments of its own
    """Does it; returns the exit code."""
    with until_told() as stop, open_parts(settings) as parts:
        loops = {
            "sealer": keep_sealing(parts.store.seal),
            "projector": keep_projecting(parts.projector, parts.database_url),
        }
        with running(stop, loops):
            print("The read models are kept up to date; Ctrl-C stops it.", flush=True)
            stop.wait()
    return 0
