"""The rules one value of a fact can break, each a check that returns the value typed or says what is wrong.

A check never echoes text that a person wrote (names, notes), and of other values only the beginning, escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo, available_timezones

LONGEST_TEXT = 10_000
LONGEST_NAME_IN_BYTES = 1_000
LARGEST_COUNT = 1_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
SHOWN_CHARACTERS = 40

T = TypeVar("T")
Check = Callable[[object], T]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
# The common spellings, which the standard library reads as they are.
_PLAIN_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3}(?:[0-9]{3})?)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
# What a system's zone folder holds beside the zones of the IANA.
_NO_ZONES = re.compile(r"localtime|posixrules|Factory|posix/.*|right/.*|.*[^A-Za-z0-9_+/-].*")


class Unfit(Exception):
    """What is wrong with a value: (path below it, reason) for each fault."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        self.errors = errors


def unfit(reason: str) -> NoReturn:
    """This value itself is wrong."""
    raise Unfit(("", reason))


def below(name: str, path: str) -> str:
    """The path of a fault below a field: `goals` and `[1].title` make `goals[1].title`."""
    if not path:
        return name
    return name + path if not name or path[0] == "[" else f"{name}.{path}"


def clipped(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """The beginning of a text, with what cannot be printed escaped."""
    start = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:most])
    return start if len(text) <= most else start + "..."


def shown(value: object) -> str:
    """A value as an error may show it: short, harmless, and never a whole list or object."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{clipped(value)}"' if value else "empty text"
        case int():
            return str(value) if value.bit_length() <= 64 else "a very long number"
        case float():
            return repr(value)
        case list():
            return "a list"
        case _:
            return "an object"


def kind(value: object) -> str:
    """What sort of value came instead of text, without the value."""
    return "a number" if isinstance(value, (int, float)) and not isinstance(value, bool) else shown(value)


# Text and names


def any_text(value: object) -> str:
    if not isinstance(value, str):
        unfit(f"must be text, not {kind(value)}")
    if len(value) > LONGEST_TEXT:
        unfit(f"must be at most {LONGEST_TEXT:,} characters long, not {len(value):,}")
    return value


def text(value: object) -> str:
    """Text that says something: neither empty nor only white space."""
    if not isinstance(value, str):
        unfit(f"must be text, not {kind(value)}")
    if not value or value.isspace():
        unfit("must not be empty")
    if len(value) > LONGEST_TEXT:
        unfit(f"must be at most {LONGEST_TEXT:,} characters long, not {len(value):,}")
    return value


def name_of_a_fact(value: object) -> str:
    """A CloudEvent's `source` or `id`: short enough to be looked up by."""
    found = text(value)
    if len(found) > 250 and len(found.encode("utf-8", "replace")) > LONGEST_NAME_IN_BYTES:
        unfit(f"must be at most {LONGEST_NAME_IN_BYTES:,} bytes long")
    return found


def identifier(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        unfit(f"must be an id (1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a digit), not {shown(value)}")
    return value


class OneOf:
    """One of these words, spelt so."""

    __slots__ = ("_known", "words")

    def __init__(self, *words: str) -> None:
        self.words = words
        self._known = frozenset(words)

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or value not in self._known:
            unfit(f"must be one of {', '.join(self.words)}, not {shown(value)}")
        return value


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if not _NO_ZONES.fullmatch(zone))


@lru_cache(maxsize=1024)
def _is_zone(value: str) -> bool:
    if value == "UTC":
        return True
    if value not in _zones():
        return False
    ZoneInfo(value)
    return True


def time_zone(value: object) -> str:
    """The name of a zone in the IANA's list, in its own spelling."""
    if not isinstance(value, str) or len(value) > 64 or not _is_zone(value):
        unfit(f"must be a time zone of the IANA's list, such as Europe/Berlin, not {shown(value)}")
    return value


# Numbers


class Whole:
    """A whole number, also where it was written 4.0; true and false are no numbers."""

    __slots__ = ("high", "low")

    def __init__(self, low: int, high: int = LARGEST_COUNT) -> None:
        self.low = low
        self.high = high

    def __call__(self, value: object) -> int:
        if type(value) is int and self.low <= value <= self.high:
            return value
        if isinstance(value, float) and value.is_integer() and self.low <= value <= self.high:
            return int(value)
        top = f"from {self.low} to {self.high}"
        span = top if self.high != LARGEST_COUNT else f"{self.low} or more, at most {LARGEST_COUNT:,}"
        unfit(f"must be a whole number {span}, not {shown(value)}")


class Number:
    """A number, whole or not."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high

    def __call__(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            unfit(f"must be a number from {self.low:g} to {self.high:g}, not {shown(value)}")
        return float(value)


def yes_or_no(value: object) -> bool:
    if value is True or value is False:
        return value
    unfit(f"must be true or false, not {shown(value)}")


# Dates and instants


@lru_cache(maxsize=16_384)
def _day(value: str) -> date | None:
    if not _DATE.fullmatch(value) or not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        return None
    try:
        return date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        return None


def day(value: object) -> date:
    found = _day(value) if isinstance(value, str) and len(value) == 10 else None
    if found is None:
        unfit(f"must be a date that exists, as YYYY-MM-DD from {FIRST_YEAR} to {LAST_YEAR}, not {shown(value)}")
    return found


def instant(value: object) -> datetime:
    """RFC 3339 with an offset, in UTC; finer than microseconds is cut, a leap second ends its minute."""
    if isinstance(value, str) and _PLAIN_INSTANT.fullmatch(value) and _day(value[:10]) is not None:
        return datetime.fromisoformat(value).astimezone(UTC)
    return _rarer_instant(value)


def _rarer_instant(value: object) -> datetime:
    parts = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        unfit(f"must be an RFC 3339 time with an offset, such as 2025-01-06T09:30:00+01:00, not {shown(value)}")
    dated, clock, second, fraction, offset = parts.groups()
    if _day(dated) is None:
        unfit(f"must name a date that exists, from {FIRST_YEAR} to {LAST_YEAR}, not {shown(value)}")
    leap = second == "60"
    micros = "999999" if leap else (fraction or "")[:6].ljust(6, "0")
    zone = "+00:00" if offset in "Zz" else offset
    found = datetime.fromisoformat(f"{dated}T{clock}:{'59' if leap else second}.{micros}{zone}").astimezone(UTC)
    if leap and (found.hour, found.minute) != (23, 59):
        unfit(f"must be a time that exists (a leap second ends a day in UTC), not {shown(value)}")
    return found


# Lists and objects


class Each:
    """A list, in its order, each item by the same rule."""

    __slots__ = ("check", "least", "most")

    def __init__(self, check: Check[Any], least: int = 0, most: int | None = None) -> None:
        self.check = check
        self.least = least
        self.most = most

    def __call__(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            unfit(f"must be a list, not {shown(value)}")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            size = f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"
            unfit(f"must have {size}, not {len(value)}")
        try:
            return tuple(map(self.check, value))
        except Unfit:
            raise Unfit(*_faults_in(value, self.check)) from None


def _faults_in(items: list[object], check: Check[Any]) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        try:
            check(item)
        except Unfit as wrong:
            faults.extend((below(f"[{index}]", path), reason) for path, reason in wrong.errors)
    return faults


class NoIdTwice:
    """The same list, with every item's `id` another."""

    __slots__ = ("check",)

    def __init__(self, check: Each) -> None:
        self.check = check

    def __call__(self, value: object) -> tuple[Any, ...]:
        return self.differ(self.check(value))

    @staticmethod
    def differ(items: tuple[Any, ...]) -> tuple[Any, ...]:
        """The items as they are, or Unfit."""
        seen: dict[Hashable, int] = {}
        faults = []
        for index, item in enumerate(items):
            first = seen.setdefault(item.id, index)
            if first != index:
                faults.append((f"[{index}].id", f"is the id of [{first}] too; each must have its own"))
        if faults:
            raise Unfit(*faults)
        return items


class EachNamed:
    """An object from ids to values by the same rule, one at least."""

    __slots__ = ("check",)

    def __init__(self, check: Check[Any]) -> None:
        self.check = check

    def __call__(self, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            unfit(f"must be an object, not {shown(value)}")
        if not value:
            unfit("must name at least one")
        faults: list[tuple[str, str]] = []
        found: dict[str, Any] = {}
        for name, item in value.items():
            try:
                found[identifier(name)] = self.check(item)
            except Unfit as wrong:
                faults.extend((below(clipped(name), path), reason) for path, reason in wrong.errors)
        if faults:
            raise Unfit(*faults)
        return found


class Maybe:
    """Marks a field that may be left out (or null, which is the same)."""

    __slots__ = ("check",)

    def __init__(self, check: Check[Any]) -> None:
        self.check = check


class OrNull:
    """Marks a field that must be there but may be null."""

    __slots__ = ("check",)

    def __init__(self, check: Check[Any]) -> None:
        self.check = check


Rule = Check[Any] | Maybe | OrNull
Further = Callable[[Any], None]


class Shape:
    """An object's fields, their rules, and the class that they become; unknown fields are ignored."""

    __slots__ = ("closed", "fields", "further", "made")

    def __init__(
        self, made: Callable[..., Any], /, further: Further | None = None, closed: bool = False, **rules: Rule
    ) -> None:
        self.made = made
        self.further = further
        self.closed = closed
        self.fields = tuple(
            (name, rule.check, isinstance(rule, OrNull), not isinstance(rule, Maybe))
            if isinstance(rule, (Maybe, OrNull))
            else (name, rule, False, True)
            for name, rule in rules.items()
        )

    def __call__(self, value: object) -> Any:
        if not isinstance(value, dict):
            unfit(f"must be an object, not {shown(value)}")
        found: dict[str, Any] = {}
        faults: list[tuple[str, str]] = []
        for name, check, null_too, required in self.fields:
            item = value.get(name)
            if item is None:
                if required:
                    if name not in value:
                        faults.append((name, "is missing"))
                    elif null_too:
                        found[name] = None
                    else:
                        faults.append((name, "must not be null"))
                continue
            try:
                found[name] = check(item)
            except Unfit as wrong:
                faults.extend((below(name, path), reason) for path, reason in wrong.errors)
        if self.closed:
            faults.extend(self._unknown(value))
        if faults:
            raise Unfit(*faults)
        made = self.made(**found)
        if self.further is not None:
            self.further(made)
        return made

    def _unknown(self, names: Collection[str]) -> list[tuple[str, str]]:
        known = [field[0] for field in self.fields]
        return [(clipped(name), f"is not known; there are {', '.join(known)}") for name in names if name not in known]
