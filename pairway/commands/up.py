"""`pairway up`: the whole service in one go, for trying it out and for one machine."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack

from pairway.commands.arguments import Commands, command, with_address
from pairway.settings import Settings

# Of the database: a request each, and one for each loop.
CONNECTIONS = 16


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = with_address(command(subparsers, "up", "run the whole service: database, API, projections, workers"))
    parser.add_argument("--demo", action="store_true", help="load a year of a programme of 120 pairings first")
    parser.set_defaults(run=run, service=True)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    # here, so that no other command waits until the web and the queue are imported
    from pairway.demo import load_demo
    from pairway.running import keep_keys_fresh, keep_projecting, keep_sealing, until_told
    from pairway.service import signing, working
    from pairway.serving import listening, serving
    from pairway.wiring import open_parts

    with ExitStack() as stack:
        stop = stack.enter_context(until_told())
        # before anything else, so that a port in use is told before the demo is loaded
        opened = stack.enter_context(listening(settings.host, settings.port, insecure=args.insecure))
        parts = stack.enter_context(open_parts(settings, queue=True, connections=CONNECTIONS))
        if args.demo:
            load_demo(parts, stop)
        loops = {
            "sealer": keep_sealing(parts.store.seal),
            "projector": keep_projecting(parts.projector, parts.database_url),
            "workers": working(parts),
            "checkpoints": signing(parts),
            "keys": keep_keys_fresh(parts.database_url, parts.let_go),
        }
        if address := stack.enter_context(serving(parts, opened, stop, loops, any_host=args.insecure)):
            _say_where(address)
        stop.wait()
    return 0


def _say_where(address: str) -> None:
    print(
        f"\nPairway is up at {address}\n"
        f"  the programmes      {address}/\n"
        f"  the API             {address}/openapi.json\n"
        f"  ready               {address}/readyz\n"
        "Ctrl-C stops it.",
        flush=True,
    )
