"""Kinds of argument that several commands share."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, _SubParsersAction
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = _SubParsersAction[ArgumentParser]
else:
    Commands = _SubParsersAction


def command(subparsers: Commands, name: str, does: str) -> ArgumentParser:
    """A command's parser, with what every command takes."""
    return with_common(subparsers.add_parser(name, help=does, description=does[0].upper() + does[1:] + "."))


def with_common(parser: ArgumentParser) -> ArgumentParser:
    """Adds what may stand before a command's name as well as after it."""
    parser.add_argument(
        "--data",
        type=Path,
        default=SUPPRESS,
        metavar="DIR",
        help="where the embedded servers keep their data",
    )
    parser.add_argument("--verbose", "-v", action="store_true", default=SUPPRESS, help="log more")
    return parser


def with_address(parser: ArgumentParser) -> ArgumentParser:
    """Adds where to listen."""
    parser.add_argument("--host", help="address to listen on (PAIRWAY_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=port, metavar="N", help="port to listen on (PAIRWAY_PORT, else 8000)")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen on another address than this machine's own although there are no accounts yet",
    )
    return parser


def instant(text: str) -> datetime:
    """A moment with its offset, such as 2026-06-30T23:00:00+02:00, kept as it was written."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no instant such as 2026-06-30T23:00:00+02:00") from None
    if moment.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no offset: write Z or one such as +02:00 at its end")
    return moment


def day(text: str) -> date:
    """A date such as 2026-06-30."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-06-30") from None
    if not 1950 <= found.year < 2200:
        raise ArgumentTypeError(f"{text!r} is not between 1950 and 2199")
    return found


def port(text: str) -> int:
    """A port's number; 0 takes any that is free."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ArgumentTypeError(f"{text!r} is no port number from 0 to 65535")
    return int(text)


def at_least_one(text: str) -> int:
    """A number from 1."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)
