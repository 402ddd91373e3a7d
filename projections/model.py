"""What a read model is: a pure fold of streams of one kind into lines of one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from domain.events import Event
from eventstore.rows import StoredEvent

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class ReadModel:
    """`kind`: the first word of its streams, before the dash; `sql`: create, index, load, clear and copy.

    A row loaded is (id, version, position, ...), and `restore` makes of it the state that `begin` made once.
    `lines` are the rows to write, as COPY reads them, each ending with a newline.
    """

    name: str
    kind: str
    sql: Mapping[str, bytes]
    blob_shape: str
    begin: Callable[[str], Any]
    restore: Callable[[tuple[Any, ...]], Any]
    evolve: Callable[[Any, StoredEvent, Event], None]
    lines: Callable[[Any], str]
    shape: str = field(init=False)

    def __post_init__(self) -> None:
        said = self.sql["create"] + self.sql["index"] + self.blob_shape.encode()
        object.__setattr__(self, "shape", sha256(said).hexdigest()[:16])

    def table(self, number: int) -> str:
        """The name of its table of this number; the view of its own name shows the one in use."""
        return f"{self.name}_{number}"


@dataclass(slots=True)
class Folded:
    """A state, with the place of the last event folded into it."""

    id: str
    state: Any
    version: int = 0
    position: int = 0


def text(value: str | None) -> str:
    """A text for COPY."""
    if value is None:
        return "\\N"
    # four looks of our own are quicker than one of a regular expression
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.translate(_ESCAPES)
    return value


def plain(value: int | date | datetime | None) -> str:
    """A number, date or instant for COPY."""
    return "\\N" if value is None else str(value)


@lru_cache(maxsize=4096)
def _day(ordinal: int) -> str:
    return str(date.fromordinal(ordinal))


# Neighbours in a stream often share their instants, and writing one out costs more than a look-up.
@lru_cache(maxsize=4096)
def instant(at: datetime) -> str:
    """An instant for COPY; those of the record are in UTC, and put together in a third of the time of `str`."""
    if at.utcoffset():
        return str(at)
    fraction = f".{at.microsecond:06}" if at.microsecond else ""
    return f"{_day(at.toordinal())} {at.hour}:{at.minute}:{at.second}{fraction}+00"


def words(values: tuple[str, ...]) -> str:
    """An array of texts for COPY."""
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return text("{" + ",".join(quoted) + "}")


def raw(value: bytes | None) -> str:
    """Bytes for COPY."""
    return "\\N" if value is None else "\\\\x" + value.hex()
