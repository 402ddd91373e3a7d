"""`pairway work`: the workers alone, for production."""

from __future__ import annotations

from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.running import keep_keys_fresh, running, until_told
from pairway.settings import Settings
from pairway.wiring import open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "work", "run the workers and their clock")
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - it takes no arguments of its own
    """Does it; returns the exit code."""
    # here, so that no other command waits until the queue is imported
    from pairway.service import signing, working

    with (
        until_told() as stop,
        open_parts(settings, queue=True) as parts,
        running(
            stop,
            {
                "workers": working(parts),
                "checkpoints": signing(parts),
                "keys": keep_keys_fresh(parts.database_url, parts.let_go),
            },
        ),
    ):
        print("The workers are at work; Ctrl-C stops them.", flush=True)
        stop.wait()
    return 0
