"""Recorded events as others see them: times as the programme's people know them, sealed texts withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.may_see import withheld
from domain import events as recorded
from eventstore.codec import Codec
from eventstore.leaf import Row
from eventstore.store import Store, StoredEvent

_UTC = ZoneInfo("UTC")


# What an event may say or leave out; where it says nothing, nothing is shown.
_OPTIONAL = {
    kind: frozenset(each.name for each in fields(kind) if each.default is None) for kind in recorded.EVENTS.values()
}


def told(event: recorded.Event) -> dict[str, Any]:
    """What an event says, as JSON values."""
    optional = _OPTIONAL[type(event)]
    return {
        name: value for name, value in msgspec.to_builtins(event).items() if value is not None or name not in optional
    }


def shown(event: StoredEvent | Row, codec: Codec, zone: ZoneInfo) -> dict[str, Any]:
    """One event, as `events.md` lays it out, in this time zone."""
    data = told(codec.decode(event.type, event.data))
    by_time = event.cause_source == "clock"
    return {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "at": local(event.at, zone),
        "recorded_at": local(event.recorded_at, zone),
        "actor": event.actor,
        "cause": "clock" if by_time else {"source": event.cause_source, "id": event.cause_id},
        "correlation": event.correlation,
        "data": withheld(event.type, data),
    }


class Trail:
    """Shows events; remembers the time zone of each programme, which never changes."""

    def __init__(self, store: Store, codec: Codec) -> None:
        self._store = store
        self._codec = codec
        self._zones: dict[str, ZoneInfo] = {}

    def shown(self, event: StoredEvent) -> dict[str, Any]:
        """One event, as `events.md` lays it out."""
        return shown(event, self._codec, self.zone(event.programme))

    def all(self, events: Iterable[StoredEvent]) -> list[dict[str, Any]]:
        return [self.shown(event) for event in events]

    def local(self, at: datetime | None, programme: str | None) -> str | None:
        """An instant as this programme's people know it; in UTC where no programme is known."""
        return None if at is None else local(at, self.zone(programme) if programme else _UTC)

    def zone(self, programme: str) -> ZoneInfo:
        """The programme's time zone."""
        found = self._zones.get(programme)
        if found is None:
            first = self._store.read_stream(f"programme-{programme}", limit=1)
            opened = self._codec.decode(first[0].type, first[0].data) if first else None
            if not isinstance(opened, recorded.ProgrammeOpened):
                return _UTC
            found = self._zones[programme] = ZoneInfo(opened.timezone)
        return found


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as it is shown: in the programme's zone, with its offset."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.astimezone(zone).isoformat()
