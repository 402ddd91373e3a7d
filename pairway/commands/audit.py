"""`pairway audit`: the record proved whole, and handed to an auditor."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.progress import progress
from pairway.settings import Settings
from pairway.wiring import open_parts


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "audit", "prove the record whole, or hand it to an auditor")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    command(actions, "verify", "prove the whole record").set_defaults(run=run)
    export = command(actions, "export", "write a programme's events and their proofs")
    export.add_argument("programme", metavar="PROGRAMME")
    export.add_argument("--out", type=Path, metavar="DIR", required=True)
    export.set_defaults(run=run)
    check = command(actions, "check", "check such a bundle, with no database")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    if args.action != "export":
        raise Fault(
            f"pairway audit {args.action} needs the proofs, which this version does not make yet: "
            "audit export writes the events and a manifest."
        )
    # here, as it shows events the way the API does: no other command waits until that is imported
    from pairway.bundle import write_bundle

    with open_parts(settings) as parts, progress("export") as tell:
        manifest = write_bundle(parts, args.programme, args.out, lambda done: tell(done, f"{done:,} events"))
    print(f"Wrote {manifest.events:,} events of {args.programme} to {args.out}.")
    return 0
