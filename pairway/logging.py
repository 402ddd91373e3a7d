"""One line an occurrence, JSON for machines and colour for people, and never anything about a person."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Names of fields that hold a person, or what someone said in confidence (domain sections on privacy).
PERSONAL = frozenset(
    {
        "actual", "agenda", "answer", "answers", "attributes", "authorization", "body", "comment", "comments",
        "content", "cookie", "data", "did_not", "display_name", "email", "emails", "fact", "feedback",
        "full_name", "goals", "improvement", "mail", "master_key", "message_body", "name", "names", "note",
        "notes", "password", "payload", "phone", "raw", "remarks", "secret", "text", "title", "token", "why",
        "worked",
    }
)  # fmt: skip
ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


_PERSONAL = frozenset(map(_letters, PERSONAL))
HIDDEN = "(not logged)"
LONGEST_TEXT = 300  # characters: ids, names of events and sentences of our own are shorter
DEEPEST = 4
MOST_MEMBERS = 50


def configure_logging(level: str = "info", style: str = "auto", *, to: TextIO | None = None) -> None:
    """Sets up the log of this process: `auto` is text on a terminal and JSON lines elsewhere.

    Commands log to standard error, as their results are on standard output; services give `to=sys.stdout`.
    """
    out = sys.stderr if to is None else to
    as_text = style == "text" or (style == "auto" and out.isatty())
    render: list[Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=out.isatty(),
            )
        ]
        if as_text
        else [structlog.processors.JSONRenderer(default=repr)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            told_where_it_broke,
            without_personal_data,
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _tame_the_standard_library(LEVELS[level])


def told_where_it_broke(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception as its kind and the code it came through, without its text, which may quote anything."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if isinstance(given, tuple):
        error = given[1]
    if error is None:
        return event
    event["error"] = type(error).__qualname__
    event["where"] = _trace(error)
    return event


def without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hides every field that is known to be personal, at any depth, and cuts what is too long to be ours."""
    return {str(name): _clean(str(name), value, 0) for name, value in event.items()}


def _clean(name: str, value: object, depth: int) -> object:
    if _plain(name) in _PERSONAL:
        return HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _clean_text(value)
    if depth >= DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        members = list(value.items())[:MOST_MEMBERS]
        return {str(inner): _clean(str(inner), member, depth + 1) for inner, member in members}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", member, depth + 1) for member in list(value)[:MOST_MEMBERS]]
    # bytes, and objects whose repr would show their fields
    return f"({type(value).__name__})"


def _clean_text(text: str) -> str:
    """A text of our own as it is; one that looks like a document, a letter or an address is somebody's."""
    if text.lstrip()[:1] in ("{", "[", "<"):
        return f"{HIDDEN}: {len(text)} characters"
    if len(text) > LONGEST_TEXT:
        text = f"{text[:40]}... ({len(text)} characters)"
    # nor may a text end the line and begin another, or colour the terminal
    return ADDRESS.sub("(address)", "".join(letter if letter.isprintable() else " " for letter in text))


def _plain(name: str) -> str:
    """A field's name however it is written: `Worked`, `did-not`, `displayName`, `participant.name`."""
    return _letters(name.rsplit(".", 1)[-1])


def _trace(error: BaseException) -> list[str]:
    where, frames = error.__traceback__, []
    while where is not None:
        code = where.tb_frame.f_code
        frames.append(f"{where.tb_frame.f_globals.get('__name__', '?')}.{code.co_name}:{where.tb_lineno}")
        where = where.tb_next
    return frames[-20:]


class _Handed(logging.Handler):
    """Hands what libraries log with the standard library to our own log, under the same rules."""

    def emit(self, record: logging.LogRecord) -> None:
        say = structlog.get_logger().bind(logger=record.name)
        # the format, not what was put into it: a library's arguments may be anyone's data
        say.log(record.levelno, str(record.msg), exc_info=record.exc_info)


def _tame_the_standard_library(level: int) -> None:
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Handed):
            root.removeHandler(handler)
    root.addHandler(_Handed())
    root.setLevel(max(level, logging.WARNING))
    # that a step does not take a fact is a decision like any other, not something to warn of
    logging.getLogger("transitions").setLevel(logging.ERROR)
