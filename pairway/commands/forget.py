"""`pairway forget`: a person's names, and what their pairs wrote, made unreadable for good."""

from __future__ import annotations

import sys
from argparse import Namespace

from domain.forgetting import Forgotten, Nobody
from domain.refusals import Refused
from pairway.commands.arguments import Commands, command
from pairway.faults import Fault
from pairway.settings import Settings
from pairway.sweeping import caught_up
from pairway.wiring import Parts, open_parts

LONGEST_NAME = 60


def add(subparsers: Commands) -> None:
    """Adds the command and its arguments."""
    parser = command(subparsers, "forget", "destroy a participant's keys, so that nobody can read who they were")
    parser.add_argument("participant", metavar="PARTICIPANT")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why; it stays in the record, so name nobody")
    parser.add_argument("--by", metavar="WHO", default="mpm", help="who asks for it (mpm)")
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    parser.set_defaults(run=run)


def run(args: Namespace, settings: Settings) -> int:
    """Does it; returns the exit code."""
    with open_parts(settings) as parts:
        parts.projector.prepare()
        try:
            if not (args.yes or _is_meant(parts, args.participant)):
                print("Nothing was done.", file=sys.stderr)
                return 1
            done = parts.forget(args.participant, args.by, args.reason)
        except Nobody as error:
            raise Fault(str(error)) from None
        except Refused as error:
            raise Fault(f"Nothing was done: {error.reason}.") from None
        caught_up(parts)
    _say(done)
    return 0


def _is_meant(parts: Parts, participant: str) -> bool:
    """Asks on a terminal; elsewhere nobody can be asked."""
    whom = parts.forget.whom(participant)
    if whom.state is not None and whom.state.forgotten:
        return True  # nothing is left to be destroyed
    if not sys.stdin.isatty():
        raise Fault("This cannot be undone, and there is nobody to ask: add --yes if it is meant.")
    name = _printable(whom.names[0]) if whom.names else "nobody whose name can be read"
    role = f"{whom.state.role} in {whom.state.programme}" if whom.state else "not registered"
    print(
        f"{participant} is {name}, {role}.\n"
        f"Their names and addresses, and all that was written in {_listed(whom.pairings, 'pairing')}, "
        "will be unreadable for ever: nobody can undo it.\n"
        f"Type {participant} to do it: ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip() == participant


def _say(done: Forgotten) -> None:
    if done.before:
        print(f"{done.participant} was forgotten before, on {done.at:%Y-%m-%d}: position {done.position:,}.")
    else:
        where = f"position {done.position:,}" if done.position is not None else "they were never registered"
        print(f"{done.participant} is forgotten: {_listed(done.keys, 'key')} destroyed ({where}).")
        print("Backups made before hold these keys until they are gone: see docs/forgetting.md.")
    if done.elsewhere:
        print(f"The same person is also known as {', '.join(done.elsewhere)}: each is forgotten by itself.")
    if done.open_texts:
        print(
            "Texts that are not sealed (reasons, titles, notes of the MPM) may still name them, in the events at "
            f"{_listed(tuple(f'{each:,}' for each in done.open_texts), 'position')}; the record keeps them as they are."
        )


def _listed(ids: tuple[str, ...], noun: str) -> str:
    """How many, and which."""
    if not ids:
        return f"no {noun}"
    shown = ", ".join(ids[:10]) + (", ..." if len(ids) > 10 else "")
    return f"{len(ids)} {noun}{'s' if len(ids) > 1 else ''} ({shown})"


def _printable(name: str) -> str:
    """A name as a terminal may show it: it ends no line, turns no writing round and colours nothing."""
    shown = "".join(letter if letter.isprintable() else " " for letter in name[:LONGEST_NAME])
    return shown + ("..." if len(name) > LONGEST_NAME else "")
