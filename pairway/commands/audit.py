"""`pairway audit`: the record proved whole, and handed to an auditor."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.progress import progress
from pairway.settings import Settings


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "audit", "prove the record whole, or hand it to an auditor")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    command(actions, "verify", "prove the whole record").set_defaults(run=run)
    command(actions, "checkpoint", "sign the head of the record now, and print it").set_defaults(run=run)
    export = command(actions, "export", "write a programme's events and their proofs")
    export.add_argument("programme", metavar="PROGRAMME")
    export.add_argument("--out", type=Path, metavar="DIR", required=True)
    export.set_defaults(run=run)
    check = command(actions, "check", "check such a bundle, with no database")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--key", metavar="KEY", help="the key that it is to be signed with, as you got it elsewhere")
    check.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    match args.action:
        case "verify":
            return _verify(settings)
        case "checkpoint":
            return _checkpoint(settings)
        case "export":
            return _export(args, settings)
        case _:
            return _check(args)


def _verify(settings: Settings) -> int:
    """Works the whole record out anew; 1 where a position does not fit."""
    from eventstore.verify import Broken
    from eventstore.verify import verify as prove
    from pairway.wiring import open_parts

    with open_parts(settings) as parts:
        total = parts.store.head()
        file = parts.proofs.file
        with progress("verify", total) as tell:
            try:
                found = prove(
                    parts.database_url,
                    parts.proofs.verifier,
                    file,
                    also=parts.proofs.also,
                    tell=lambda done, _all: tell(done, f"{done:,} events"),
                )
            except Broken as error:
                raise Fault(error.sentence, exit_code=1) from None
    if not found.events and not found.unsealed:
        # a slip in the address begins a record of its own, which says nothing of the one that was meant
        print("The record is empty: there is no event to prove. Where there should be some, it is another record:")
        print("look at --data, PAIRWAY_DATA and PAIRWAY_DATABASE_URL.")
        return 0
    print(
        f"The record is whole: {found.events:,} events of {found.streams:,} streams, "
        f"{found.checkpoints:,} checkpoints (in the database and in {file}), "
        f"the last for {found.signed:,} events."
    )
    if found.events > found.signed:
        print(
            f"{found.events - found.signed:,} events are under no checkpoint yet; pairway audit checkpoint signs one."
        )
    if found.unsealed:
        print(f"{found.unsealed:,} events wait for their position.")
    return 0


def _checkpoint(settings: Settings) -> int:
    """Signs what is there now."""
    from eventstore.checkpoints import Forked
    from eventstore.notes import BadNote
    from pairway.wiring import open_parts

    with open_parts(settings) as parts:
        parts.store.seal(wait=True)
        try:
            made = parts.proofs.make(parts.now)
        except (Forked, BadNote) as error:
            raise Fault(str(error), exit_code=1) from None
        except OSError as error:
            raise Fault(f"The checkpoint cannot be added to {parts.proofs.file}: {error.strerror}.") from None
        assert made is not None, "it was waited for"
        print(made.note, end="")
    return 0


def _export(args: Namespace, settings: Settings) -> int:
    """Writes the bundle."""
    # here, as it shows events the way the API does: no other command waits until that is imported
    from pairway.bundle import write_bundle
    from pairway.wiring import open_parts

    with open_parts(settings) as parts, progress("export") as tell:
        manifest = write_bundle(parts, args.programme, args.out, lambda done: tell(done, f"{done:,} events"))
        key = parts.proofs.verifier
    print(f"Wrote {manifest.events:,} events of {args.programme} to {args.out}.")
    print(f"Give the auditor this key by another way than the bundle: {key}")
    return 0


def _check(args: Namespace) -> int:
    """Checks a bundle; 1 where it does not fit."""
    from domain import events
    from domain.upcasts import UPCASTS
    from eventstore.codec import Codec
    from eventstore.notes import BadNote, Verifier
    from pairway.auditing.check import NotSound, check

    try:
        key = Verifier.read(args.key) if args.key else None
    except BadNote as error:
        raise Fault(f"--key cannot be used: {error}") from None
    if not args.folder.is_dir():
        raise Fault(f"There is no folder {args.folder}: give the folder that audit export wrote.")
    with progress("check") as tell:
        try:
            found = check(
                args.folder,
                Codec(events.EVENTS, events.SEALED, UPCASTS),
                key,
                lambda done: tell(done, f"{done:,} events"),
            )
        except NotSound as error:
            raise Fault(str(error), exit_code=1) from None
    manifest = found.manifest
    all_of = "all there are" if manifest.events == manifest.head else f"{manifest.events:,} of {manifest.head:,}"
    print(
        f"The bundle is sound: {manifest.events:,} events of {manifest.programme} ({all_of} in the record at its head),"
        " each proved to be as it was signed for."
    )
    if key is None:
        print(f"Compare the key with the one you were given, or give that as --key: {found.key}")
    return 0
