"""The command line: finds the command, and turns what a person can put right into one sentence."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from pairway.commands import commands
from pairway.commands.arguments import with_common
from pairway.faults import Fault
from pairway.logging import configure_logging
from pairway.settings import Settings, read_settings

A_BUG, INTERRUPTED, PIPE_CLOSED = 70, 130, 141


def parser(arguments: Sequence[str] = ()) -> ArgumentParser:
    """The command line for these arguments, or all of it, every command with its own."""
    whole = with_common(
        ArgumentParser(
            prog="pairway",
            description="Mentoring programmes, from the upstream facts to the MPM report.",
            epilog="Exit codes: 0 done, 1 found a fault, 2 wrong use. Settings are PAIRWAY_* variables.",
        )
    )
    whole.add_argument("--version", action="version", version=f"pairway {version('pairway')}")
    subparsers = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in commands(arguments):
        command.add(subparsers)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    args = _parsed(given)
    # Facts and events hold no circles: looking for them as seldom as this saves a tenth of an import's time.
    gc.set_threshold(50_000, 20, 100)
    settings: Settings | None = None
    try:
        settings = _with_arguments(read_settings(), args)
        configure_logging(
            "debug" if getattr(args, "verbose", False) else settings.log_level,
            settings.log_format,
            to=sys.stdout if getattr(args, "service", False) else sys.stderr,
        )
        code = int(args.run(args, settings))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has seen enough; the interpreter must not find that out again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the one place where what is known to happen becomes a sentence
        fault = error if isinstance(error, Fault) else _fault(error, settings)
        if getattr(args, "verbose", False):
            traceback.print_exception(error)
        print(f"pairway: {fault.sentence}", file=sys.stderr)
        return fault.exit_code
    return code


def _parsed(given: Sequence[str]) -> Namespace:
    """Loads the command. All of it stays: looking for garbage in it meanwhile takes a fifth of the time it takes."""
    gc.disable()
    try:
        return parser(given).parse_args(given)
    finally:
        gc.enable()


def _with_arguments(settings: Settings, args: Namespace) -> Settings:
    """The settings, with what the command line says over them."""
    data, host, port = (getattr(args, name, None) for name in ("data", "host", "port"))
    return replace(
        settings,
        data=settings.data if data is None else data,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )


def _fault(error: Exception, settings: Settings | None) -> Fault:
    """What is known to happen, in words; anything else is a bug, and is shown whole."""
    from pairway.troubles import told  # which loads the database's driver, that not every command needs

    if settings is not None and (sentence := told(error, settings)) is not None:
        return Fault(sentence)
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return Fault(f"{error.strerror}{where}.")
    traceback.print_exception(error)
    return Fault("This is a bug in Pairway; the lines above say where.", A_BUG)


if __name__ == "__main__":
    sys.exit(main())
