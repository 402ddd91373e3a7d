"""What forgetting a person means to the core: what is recorded of it, and what is left of facts that still wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from domain import events, facts
from domain.names import holds_any, words
from domain.participant import Participant, forgotten
from domain.refusals import Refused

WITHHELD = "(withheld)"
LONGEST = 1_000  # characters of the reason, which stays for ever

# What of a fact names somebody, or was written by a pair for itself: the same that is sealed in the events.
CONFIDENTIAL: dict[str, tuple[str, ...]] = {
    "mentoring.participant.registered": ("name", "email"),
    "mentoring.participant.changed": ("name", "email"),
    "mentoring.pairing.meeting_held": ("agenda", "notes"),
    "mentoring.pairing.feedback_given": ("comment",),
    "mentoring.pairing.evaluation_given": ("worked", "did_not", "why"),
}


class Nobody(Exception):
    """Nobody of this id was ever told of."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done, and what a person who asked for it still has to know.

    `elsewhere`: the same person under other ids. `open_texts`: the positions of events whose texts are not sealed (a
    reason, a title, the note of a closing) and hold a word of their name.
    """

    participant: str
    programme: str | None
    at: datetime
    position: int | None
    keys: tuple[str, ...]
    pairings: tuple[str, ...]
    before: bool
    elsewhere: tuple[str, ...] = ()
    open_texts: tuple[int, ...] = ()


def forget(participant: Participant, by: str, reason: str, names: tuple[str, ...]) -> events.ParticipantForgotten:
    """What is recorded when somebody is forgotten; `names` are their names and addresses. Raises Refused."""
    if participant.forgotten:
        raise Refused(forgotten(participant.id))
    for what, text in (("who asks for it", by), ("the reason", reason)):
        if names_them(text, names):
            raise Refused(f"{what} names the person, and would stay in the record for ever: say it without their name")
    return events.ParticipantForgotten(by=by, reason=reason)


def names_them(text: str, names: tuple[str, ...]) -> bool:
    """Whether a text holds a word of these names, or one of these addresses."""
    lower = text.casefold()
    if any("@" in name and name.casefold() in lower for name in names):
        return True
    return holds_any(text, frozenset(word for name in names if "@" not in name for word in words(name)))


def speaks_of(text: str, participant: str, person: str | None, names: tuple[str, ...]) -> bool:
    """Whether a text that could not be read as a fact about anybody seems to be about this person."""
    lower, found = text.casefold(), words(text)
    for name in names:
        if name.casefold() in lower if "@" in name else (named := words(name)) and named <= found:
            return True
    return any(f'"{each}"' in text for each in (participant, person) if each)


def rest_of(fact: facts.Fact) -> bytes:
    """The fact again, as far as it may be kept when its people are forgotten: with it their pairing still goes on."""
    confidential = CONFIDENTIAL.get(fact.type, ())
    data: dict[str, Any] = _plain(fact.data)
    data.update({name: WITHHELD for name in confidential if data[name] is not None})
    rest: dict[str, Any] = {
        "specversion": "1.0",
        "source": fact.source,
        "id": fact.id,
        "type": fact.type,
        "subject": fact.subject,
        "time": fact.time.isoformat(),
        "data": data,
    }
    if fact.correlation is not None:
        rest["traceparent"] = fact.correlation
    return json.dumps(rest, ensure_ascii=False).encode()


def open_texts(event: events.Event) -> Iterator[str]:
    """The texts of an event that are not sealed and so outlive whoever they are about."""
    sealed = events.SEALED.get(type(event).__name__, ())
    for each in fields(event):
        if each.name not in sealed:
            yield from _texts(getattr(event, each.name))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _texts(getattr(value, name))


def _plain(value: Any) -> Any:
    """A value as JSON has it, as the fact that it came in had it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
