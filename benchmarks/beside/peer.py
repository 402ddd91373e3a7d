"""The `eventsourcing` library on the same server, as its documentation says it is fastest.

Its events are msgspec Structs under a mapper of msgspec, as in its examples of them; its pool has eight connections.
Events go in through its event store and not through an aggregate, which would cost it more. With `functions` it
inserts through its database function, which takes no lock on the table: quicker, but a reader that follows the
notifications may then miss events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import msgspec
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic

from benchmarks.beside.rounds import repeated
from benchmarks.beside.workload import NOW, SPREAD, Seen, held

AT_ONCE = 500  # events of one insert: above that its time grows faster than they do
PAGE = 2_000
POOL = 8  # connections; as it takes a lock on its table, more of them do not make it quicker


class Held(msgspec.Struct, frozen=True):
    """The meeting, with what this library keeps of every event."""

    originator_id: UUID
    originator_version: int
    timestamp: datetime
    held_on: date
    minutes: int
    mode: str | None
    topics: tuple[str, ...]
    next_due_on: date | None


class AsStruct(Mapper[UUID]):
    """Events to JSON and back by msgspec, with no step between."""

    def to_stored_event(self, domain_event: Held) -> StoredEvent:
        state = msgspec.json.encode(domain_event)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(domain_event.__class__),
            state=state,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Held:
        event: Held = msgspec.json.decode(stored_event.state, type=resolve_topic(stored_event.topic))
        return event


class Peer:
    """The library's event store, repository and notification log."""

    def __init__(self, url: str, writers: int, *, functions: bool = False) -> None:
        parts = urlsplit(url)
        self._app = Application[UUID](
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "MAPPER_TOPIC": get_topic(AsStruct),
                "POSTGRES_DBNAME": parts.path.lstrip("/"),
                "POSTGRES_HOST": parse_qs(parts.query)["host"][0],
                "POSTGRES_PORT": "5432",
                "POSTGRES_USER": parts.username or "",
                "POSTGRES_PASSWORD": "none",
                "POSTGRES_POOL_SIZE": str(min(writers, POOL)),
                "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if functions else "n",
            }
        )
        event = held(1)
        self._fields = (event.held_on, event.minutes, event.mode, event.topics, event.next_due_on)

    def close(self) -> None:
        self._app.close()

    def append(self, writers: int, seconds: float) -> tuple[int, float]:
        """One event at a time, its version unique in its sequence."""

        def begin() -> Callable[[int], None]:
            streams = [uuid4() for _ in range(SPREAD)]
            return lambda number: self._put(self._events(streams[number % SPREAD], number // SPREAD, 1))

        return repeated(writers, seconds, begin)

    def new_streams(self, writers: int, seconds: float, events: int) -> tuple[int, float]:
        """One sequence at a time."""
        return repeated(writers, seconds, lambda: lambda _: self._put(self._events(uuid4(), 0, events)))

    def load(self, seconds: float, events: int) -> tuple[int, float]:
        """Through its repository, with the same fold."""
        stream = uuid4()
        self._put(self._events(stream, 0, events))

        def one(_: int) -> None:
            seen: Any = self._app.repository.get(stream, projector_func=_fold)
            assert seen.meetings == events

        return repeated(1, seconds, lambda: one)

    def bulk(self, events: int, streams_of: int) -> tuple[int, float]:
        """Many new sequences at a time."""
        begun = time.perf_counter()
        for _ in range(0, events, AT_ONCE):
            many = [self._events(uuid4(), 0, streams_of) for _ in range(AT_ONCE // streams_of)]
            self._put([event for one in many for event in one])
        return events, time.perf_counter() - begun

    def catch_up(self, after: int, most: int) -> tuple[int, float]:
        """Page by page of notifications, each mapped to its event."""
        recorder, mapper, read = self._app.recorder, self._app.mapper, 0
        begun = time.perf_counter()
        while read < most and (page := recorder.select_notifications(after, PAGE, inclusive_of_start=False)):
            for notification in page:
                mapper.to_domain_event(notification)
                read += 1
            after = page[-1].id

        return read, time.perf_counter() - begun

    def head(self) -> int:
        """The last notification."""
        return self._app.recorder.max_notification_id() or 0

    def _put(self, events: list[Held]) -> None:
        self._app.events.put(events)

    def _events(self, stream: UUID, after: int, events: int) -> list[Held]:
        return [Held(stream, version, NOW, *self._fields) for version in range(after + 1, after + events + 1)]


def _fold(seen: Seen | None, events: Iterable[Held]) -> Seen:
    seen = seen or Seen()
    for event in events:
        seen.take(event.held_on, event.minutes, event.topics)
    return seen
