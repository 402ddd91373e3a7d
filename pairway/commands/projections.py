"""`pairway projections`: how far the read models are, and making one anew."""

from __future__ import annotations

import time
from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.progress import progress
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts
from projections.rebuild import Rebuilding
from projections.runner import UnknownModel


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "projections", "show how far the read models are, or make one anew")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    command(actions, "status", "position and lag of each").set_defaults(run=run)
    rebuild = command(actions, "rebuild", "make one anew from the record")
    rebuild.add_argument("name", metavar="NAME")
    rebuild.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with open_parts(settings) as parts:
        return _status(parts) if args.action == "status" else _rebuild(parts, args.name)


def _status(parts: Parts) -> int:
    """Where each read model is; 1 where one could not go on with a stream."""
    parts.store.seal()
    stuck = False
    print(f"{'read model':<16}{'position':>12}{'lag':>12}  state")
    for each in parts.projector.status():
        state = "of another version: rebuild it" if each.stale else "ok" if not each.stuck else "stuck"
        print(f"{each.name:<16}{each.position:>12,}{each.lag:>12,}  {state}")
        for one in each.stuck:
            stuck = True
            print(f"    {one.stream} version {one.version} ({one.type}): {one.error}")
    return int(stuck)


def _rebuild(parts: Parts, name: str) -> int:
    parts.store.seal(wait=True)
    began = time.monotonic()
    try:
        with progress(f"rebuild {name}", 100) as tell:
            events = parts.projector.rebuild(
                name, lambda done, total: tell(done * 100 // max(total, 1), f"{done:,} of {total:,} events")
            )
    except (UnknownModel, Rebuilding) as error:
        raise Fault(str(error)) from error
    took = max(time.monotonic() - began, 0.001)
    print(f"Rebuilt {name} from {events:,} events in {took:.1f} s, {events / took:,.0f} a second.")
    return 0
