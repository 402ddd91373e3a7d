"""`pairway serve`: the API alone, for production."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack

from pairway.commands.arguments import Commands, command, with_address
from pairway.running import keep_keys_fresh, keep_sealing, until_told
from pairway.serving import listening, serving
from pairway.settings import Settings
from pairway.wiring import open_parts

# Of the database: one for each request that is answered at once, and one for the sealer.
CONNECTIONS = 16


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = with_address(command(subparsers, "serve", "serve the API and the pages"))
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with ExitStack() as stack:
        stop = stack.enter_context(until_told())
        opened = stack.enter_context(listening(settings.host, settings.port, insecure=args.insecure))
        parts = stack.enter_context(open_parts(settings, queue=True, connections=CONNECTIONS))
        parts.projector.prepare()
        loops = {
            "sealer": keep_sealing(parts.store.seal),
            "keys": keep_keys_fresh(parts.database_url, parts.let_go),
        }
        if address := stack.enter_context(serving(parts, opened, stop, loops, any_host=args.insecure)):
            print(f"Pairway serves at {address}. Ctrl-C stops it.", flush=True)
        stop.wait()
    return 0
