"""Who may see what, asked here and nowhere else: accounts will be put in this place.

Until there are accounts everybody who reaches this service is the one local MPM, who sees the names and e-mail
addresses of the people in the programmes, but never what a pair wrote, which is the pair's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events import SEALED

WITHHELD = "(withheld)"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks, and what they may see."""

    names: bool
    what_a_pair_wrote: bool = False


LOCAL_MPM = Reader(names=True)


def withheld(event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's data for a trail or feed, where no reader sees a sealed text, names among them."""
    sealed = SEALED.get(event_type, ())
    return {name: WITHHELD if name in sealed and value is not None else value for name, value in data.items()}


def shown_name(reader: Reader, name: str | None) -> str:
    """A participant's name for this reader; withheld too where the key was destroyed."""
    return name if reader.names and name else WITHHELD
