"""`pairway show`: where a pairing stands, and how it came there."""

from __future__ import annotations

import json
from argparse import Namespace

from api import history
from api.may_see import LOCAL_MPM
from api.standing import Standing
from api.trail import Trail
from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings
from pairway.wiring import open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "show", "show a pairing: where it stands, its deadlines and flags, its history")
    parser.add_argument("pairing", metavar="PAIRING")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with open_parts(settings) as parts:
        trail = Trail(parts.store, parts.codec)
        standing = Standing(parts.pool, parts.store, parts.codec, parts.keyring, trail)
        recorded = standing.events(f"pairing-{args.pairing}")
        found = standing.pairing(args.pairing, recorded)
        if found is None:
            raise Fault(f"There is no pairing {args.pairing}.")
        if args.format == "json":
            shown = {**found, "events": trail.all(recorded)}
            print(json.dumps(shown, ensure_ascii=False, indent=1))
            return 0
        mentor, protege = (standing.name(found[role], LOCAL_MPM) for role in ("mentor", "protege"))
        print(history.text(found, mentor, protege, history.days(recorded, parts.codec, trail)), end="")
    return 0
