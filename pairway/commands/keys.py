"""`pairway keys`: which master key protects the record, and putting a new one in its place."""

from __future__ import annotations

import sys
from argparse import Namespace

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.master_key import KeyFiles, is_given
from pairway.progress import progress
from pairway.rotation import retire, rotate, wrapped
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "keys", "put a new master key in the place of the old")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    command(actions, "status", "how many keys the master key in force wraps").set_defaults(run=run)
    command(actions, "rotate", "wrap every key with a new master key; run again, it goes on").set_defaults(run=run)
    last = command(actions, "retire", "destroy the former master key, when nothing needs it any more")
    last.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    last.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with open_parts(settings) as parts:
        match args.action:
            case "status":
                return _status(parts)
            case "rotate":
                return _rotate(parts)
            case _:
                return _retire(parts, meant=args.yes)


def _status(parts: Parts) -> int:
    """1 where a key is still wrapped with another master key."""
    found = wrapped(parts.store, parts.keyring)
    print(f"{found.in_force:,} keys are wrapped with the master key in force, {found.otherwise:,} otherwise.")
    if found.otherwise:
        print("pairway keys rotate wraps those anew.")
    return int(found.otherwise > 0)


def _rotate(parts: Parts) -> int:
    with progress("rotate") as tell:
        changed = rotate(parts, lambda done: tell(done, f"{done:,} keys"))
    print(f"{changed:,} keys were wrapped anew. The key that signs the record's heads is now {parts.proofs.verifier}")
    if is_given(parts.settings):
        print("Start every process without the second master key; then keys status says whether the old one can go.")
    else:
        former = KeyFiles(parts.settings).former
        print(f"The former master key is kept as {former}, until pairway keys retire destroys it.")
    return 0


def _retire(parts: Parts, *, meant: bool) -> int:
    if not meant:
        if not sys.stdin.isatty():
            raise Fault("Backups made before cannot be read without the former key: add --yes if it is meant.")
        print("Backups made before cannot be read without the former key. Type retire to do it: ", end="", flush=True)
        if sys.stdin.readline().strip() != "retire":
            print("Nothing was done.", file=sys.stderr)
            return 1
    retire(parts)
    print("The former master key is destroyed here: copies of it elsewhere are yours to destroy.")
    return 0
