"""The way in for what upstream systems tell: bytes into a typed fact, or every fault in them with its path.

Only what is wrong whatever the state of the world is said here; what the rules forbid is refused later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain import wire
from domain.fact_data import (
    ClosureReviewed,
    ContractSigned,
    EvaluationGiven,
    FactData,
    FeedbackGiven,
    FlagAcknowledged,
    GoalProgressed,
    GoalsAgreed,
    LineChanged,
    MeetingHeld,
    MeetingMissed,
    PairingClosed,
    PairingPaused,
    PairingProposed,
    PairingResumed,
    ParticipantApproved,
    ParticipantAssessed,
    ParticipantChanged,
    ParticipantDeclined,
    ParticipantLeft,
    ParticipantRegistered,
    ParticipantTrained,
    ProgrammeClosed,
    ProgrammeOpened,
    RequirementWaived,
)
from domain.fact_rules import FACTS
from domain.fields import Check, Shape, Unfit, below, identifier, instant, name_of_a_fact, shown, unfit
from domain.wire import NoJson, parse

__all__ = [
    "FACTS",
    "ClosureReviewed",
    "ContractSigned",
    "EvaluationGiven",
    "Fact",
    "FactData",
    "FeedbackGiven",
    "FieldError",
    "FlagAcknowledged",
    "GoalProgressed",
    "GoalsAgreed",
    "Invalid",
    "LineChanged",
    "MeetingHeld",
    "MeetingMissed",
    "NoJson",
    "PairingClosed",
    "PairingPaused",
    "PairingProposed",
    "PairingResumed",
    "ParticipantApproved",
    "ParticipantAssessed",
    "ParticipantChanged",
    "ParticipantDeclined",
    "ParticipantLeft",
    "ParticipantRegistered",
    "ParticipantTrained",
    "ProgrammeClosed",
    "ProgrammeOpened",
    "RequirementWaived",
    "content",
    "correlation",
    "decode",
    "parse",
    "stream_of",
]

AHEAD_AT_MOST = timedelta(minutes=5)
MOST_ERRORS = 100

_STREAMS = {kind: kind.split(".")[1] + "-" for kind in FACTS}
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.!#$&^_-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)
# Tracing must never cost a fact: what is not plain is left out, and nothing is said.
_CORRELATION = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A CloudEvent that fits; `time` is in UTC."""

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    data: FactData
    correlation: str | None = None
    stream: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stream", _STREAMS[self.type] + self.subject)


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is a path such as `data.goals[1].title`; empty where the whole is wrong."""

    field: str
    reason: str


# A line may be cut before it is read: how long it was is not always known.
TOO_LARGE = FieldError("", f"is longer than {wire.LARGEST_FACT:,} bytes, the most that a fact may be")


@dataclass(frozen=True, slots=True)
class Invalid:
    """Every fault of a fact, and as much of its name as can be told."""

    errors: tuple[FieldError, ...]
    source: str | None = None
    id: str | None = None
    type: str | None = None
    subject: str | None = None

    @property
    def stream(self) -> str | None:
        """The stream that this fact seems to be about."""
        return stream_of(self.type, self.subject)


def stream_of(kind: str | None, subject: str | None) -> str | None:
    """The stream of a fact of this type about this subject, where both are known."""
    prefix = _STREAMS.get(kind) if kind else None
    return prefix + subject if prefix and subject else None


def _version(value: object) -> str:
    if value != "1.0":
        unfit(f'must be "1.0", not {shown(value)}')
    return "1.0"


def _known_type(value: object) -> str:
    if not isinstance(value, str) or value not in FACTS:
        unfit(f"must be a type of fact that is known, such as mentoring.pairing.proposed, not {shown(value)}")
    return value


_ATTRIBUTES = Shape(
    dict,
    specversion=_version,
    source=name_of_a_fact,
    id=name_of_a_fact,
    type=_known_type,
    subject=identifier,
    time=instant,
)


def decode(raw: bytes, now: datetime) -> Fact | Invalid:
    """One CloudEvent in structured mode; `now` is the service's clock, which a fact may not run ahead of."""
    size = len(raw) if len(raw) <= wire.LARGEST_FACT else len(raw.strip())
    if size > wire.LARGEST_READ:
        return Invalid((TOO_LARGE,))
    try:
        value, suspect = wire.read(raw)
    except NoJson as wrong:
        return Invalid((TOO_LARGE if size > wire.LARGEST_FACT else FieldError("", str(wrong)),))
    return _judged(value, now, size, suspect)


def content(value: object) -> bytes:
    """What must be the same when a source and id come again: type, subject, time and data, spelt one way."""
    if not isinstance(value, dict):
        return wire.canonical(value)
    get = value.get
    return wire.canonical([get("type"), get("subject"), get("time"), get("data")])


def _judged(value: object, now: datetime, size: int, suspect: bool) -> Fact | Invalid:
    if size > wire.LARGEST_FACT:
        return _invalid(value, [("", TOO_LARGE.reason)])
    if not isinstance(value, dict):
        return Invalid((FieldError("", f"must be a JSON object (one CloudEvent), not {shown(value)}"),))
    if suspect:
        unclean = list(wire.unclean(value))
        if unclean:
            return _invalid(value, unclean + _faults(value, now))
    get = value.get
    try:
        kind = _known_type(get("type"))
        if get("specversion") != "1.0":
            raise Unfit
        time = instant(get("time"))
        if time - now > AHEAD_AT_MOST:
            raise Unfit
        return Fact(
            name_of_a_fact(get("source")),
            name_of_a_fact(get("id")),
            kind,
            identifier(get("subject")),
            time,
            _data(value, kind),
            correlation(value["traceparent"]) if "traceparent" in value else None,
        )
    except Unfit:
        # Only now is it worth the time to look for everything that is wrong.
        return _invalid(value, _faults(value, now))


def _faults(value: dict[str, object], now: datetime) -> list[tuple[str, str]]:
    """Everything that is wrong, of the attributes and of the data alike."""
    faults: list[tuple[str, str]] = []
    try:
        if _ATTRIBUTES(value)["time"] - now > AHEAD_AT_MOST:
            faults.append(("time", "is more than five minutes ahead of the service's clock"))
    except Unfit as wrong:
        faults.extend(wrong.errors)
    try:
        _data(value, value.get("type"))
    except Unfit as wrong:
        faults.extend(wrong.errors)
    return faults


def _data(value: dict[str, object], kind: object) -> Any:
    """The typed data; plain as it is where the type is not known, which is said elsewhere."""
    media = value.get("datacontenttype")
    if (
        media is not None
        and media != "application/json"
        and not (isinstance(media, str) and _JSON_TYPE.fullmatch(media))
    ):
        raise Unfit(("datacontenttype", f"must be application/json, not {shown(media)}"))
    if value.get("data_base64") is not None:
        raise Unfit(("data_base64", "is not taken; send the object itself as `data`"))
    if "data" not in value:
        raise Unfit(("data", "is missing"))
    shape = FACTS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return value["data"]
    try:
        return shape(value["data"])
    except Unfit as wrong:
        raise Unfit(*((below("data", path), reason) for path, reason in wrong.errors)) from None


def correlation(traceparent: object) -> str | None:
    """By what the sender traces this fact, where that is plain."""
    return traceparent if isinstance(traceparent, str) and _CORRELATION.fullmatch(traceparent) else None


def _invalid(value: object, faults: list[tuple[str, str]]) -> Invalid:
    """One error a field, the first that was found; of a flood of them only the beginning."""
    named: dict[str, str] = {}
    for path, reason in faults:
        named.setdefault(path, reason)
    errors = [FieldError(path, reason) for path, reason in named.items()]
    if len(errors) > MOST_ERRORS:
        errors[MOST_ERRORS:] = [FieldError("", f"and {len(errors) - MOST_ERRORS:,} more errors")]
    known = value if isinstance(value, dict) else {}
    return Invalid(
        tuple(errors),
        source=_kept(known.get("source"), name_of_a_fact),
        id=_kept(known.get("id"), name_of_a_fact),
        type=_kept(known.get("type"), name_of_a_fact),
        subject=_kept(known.get("subject"), identifier),
    )


def _kept(value: object, check: Check[str]) -> str | None:
    try:
        found = check(value)
    except Unfit:
        return None
    return None if any(wire.unclean(found)) else found
