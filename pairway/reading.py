"""Reads facts as they come: at once where they are plainly right, else by the core, which tells what is wrong.

Both go by one table, `domain.fact_rules.FACTS`. Here each type of fact becomes a decoder that the library compiles.
What that does not take it need not explain, so it takes no fields that it does not know, and no escapes, which could
hide what no text may hold. A fact that both take is the same fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import fields as fields_of
from datetime import date, datetime
from functools import cache, partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import astuple

from domain import facts
from domain.facts import Fact, Invalid
from domain.fields import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_TEXT,
    Each,
    EachNamed,
    NoIdTwice,
    Number,
    OneOf,
    Shape,
    Unfit,
    Whole,
    any_text,
    day,
    identifier,
    instant,
    text,
    time_zone,
    yes_or_no,
)
from domain.wire import LARGEST_FACT

# What is to be done with the value that the library made: none where it is right as it is. May raise Unfit.
Then = Callable[[Any], Any] | None

_name = Annotated[str, Meta(min_length=1, max_length=250)]


class _Envelope(Struct, forbid_unknown_fields=True, gc=False):
    """A CloudEvent with the attributes that most senders give."""

    specversion: Literal["1.0"]
    source: _name
    id: _name
    type: str
    subject: str
    time: str
    data: Raw
    datacontenttype: Literal["application/json"] | None = None
    dataschema: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None


_escapes = re.compile(rb"\\u").search
_envelope = msgspec.json.Decoder(_Envelope).decode


def read(raw: bytes, now: datetime) -> Fact | Invalid:
    """One CloudEvent in structured mode; `now` is the service's clock, which a fact may not run ahead of."""
    return at_once(raw, now) or facts.decode(raw, now)


def at_once(raw: bytes, now: datetime) -> Fact | None:
    """The same where the fact is plainly right; else nothing is said of it here."""
    # Of two `data` the first would be passed over, whatever it holds.
    if len(raw) > LARGEST_FACT or _escapes(raw) or raw.count(b'"data"') != 1:
        return None
    try:
        found = _envelope(raw)
        time = instant(found.time)
        if found.type not in facts.FACTS or time - now > facts.AHEAD_AT_MOST:
            return None
        return Fact(
            _said(found.source),
            _said(found.id),
            found.type,
            identifier(found.subject),
            time,
            _decoder(found.type)(found.data),
            None if found.traceparent is None else facts.correlation(found.traceparent),
        )
    except (ValueError, RecursionError, Unfit):
        return None


@cache
def _decoder(kind: str) -> Callable[[Raw], Any]:
    """Reads the data of one type of fact."""
    made, then = _shape(facts.FACTS[kind])
    decode = msgspec.json.Decoder(made).decode
    return lambda data: then(decode(data))


def _shape(shape: Shape) -> tuple[type[Struct], Callable[[Any], Any]]:
    """A struct of the same fields, and what makes the shape's own class of it."""
    rules = {name: (check, null_too, required) for name, check, null_too, required in shape.fields}
    columns: list[tuple[Any, ...]] = []
    then: list[tuple[int, Callable[[Any], Any], Any]] = []
    for place, field in enumerate(fields_of(shape.made)):  # type: ignore[arg-type]  # a dataclass, as all of them
        check, null_too, required = rules[field.name]
        kind, further = _kind(check)
        left_out = None if required else field.default
        if further is not None:
            then.append((place, further, left_out))
            left_out = None
        if null_too or (not required and left_out is None):
            kind = kind | None
        columns.append((field.name, kind) if required else (field.name, kind, left_out))
    struct = msgspec.defstruct(shape.made.__name__, columns, forbid_unknown_fields=True, gc=False)
    made, last = shape.made, shape.further

    def make(found: Struct) -> Any:
        values: Sequence[Any] = astuple(found)
        if then:
            values = changed = list(values)
            for place, further, default in then:
                value = changed[place]
                changed[place] = default if value is None else further(value)
        whole = made(*values)
        if last is not None:
            last(whole)
        return whole

    return struct, make


def _kind(check: Any) -> tuple[Any, Then]:
    """The library's type for a rule, and what it does not say."""
    match check:
        case Whole():
            return Annotated[int, Meta(ge=check.low, le=check.high)], None
        case Number():
            return Annotated[float, Meta(ge=check.low, le=check.high)], None
        case OneOf():
            return Literal[check.words], None
        case Each():
            kind, then = _kind(check.check)
            items = Annotated[
                tuple[kind, ...],  # type: ignore[valid-type]  # made here
                Meta(min_length=check.least, max_length=check.most),
            ]
            return items, None if then is None else partial(_of_each, then)
        case EachNamed():
            kind, then = _kind(check.check)
            assert then is None, "named values are plain"
            return Annotated[dict[str, kind], Meta(min_length=1)], _named  # type: ignore[valid-type]  # made here
        case NoIdTwice():
            kind, then = _kind(check.check)
            return kind, lambda items: NoIdTwice.differ(items if then is None else then(items))
        case Shape():
            return _shape(check)
        case _:
            return _PLAIN[check]


def _of_each(then: Callable[[Any], Any], items: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(then, items))


def _named(found: dict[str, Any]) -> dict[str, Any]:
    for name in found:
        identifier(name)
    return found


def _said(found: str) -> str:
    if found.isspace():
        raise Unfit
    return found


def _in_our_time(found: date) -> date:
    if FIRST_YEAR <= found.year <= LAST_YEAR:
        return found
    raise Unfit


_PLAIN: dict[Callable[[object], Any], tuple[Any, Then]] = {
    any_text: (Annotated[str, Meta(max_length=LONGEST_TEXT)], None),
    text: (Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)], _said),
    identifier: (str, identifier),
    yes_or_no: (bool, None),
    day: (date, _in_our_time),
    time_zone: (str, time_zone),
}
