"""A record to project: events made by hand, or a whole log of facts taken in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain import events
from domain.events import Event
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.rows import Append, NewEvent
from eventstore.store import Store
from pairway.recorder import Recorder
from projections.read import Reader
from projections.reporting import Reports
from projections.runner import Projector

LOGS = Path(__file__).parents[1] / "examples" / "logs"
LATER = datetime(2026, 7, 1, tzinfo=UTC)
SWEPT = datetime(2026, 6, 30, 21, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One database with everything that writes to it and reads from it."""

    pool: Pool
    store: Store
    codec: Codec
    keyring: Keyring
    recorder: Recorder
    projector: Projector
    reader: Reader
    reports: Reports

    def write(self, stream: str, told: Iterable[tuple[Event, datetime]], *, programme: str = "p") -> None:
        """Appends these events to a stream as they are, and seals them."""
        found = self.store.load([stream])[stream]
        key, keys = self._key(stream, found.key)
        new = [
            NewEvent(
                stream=stream,
                type=self.codec.name(event),
                at=at,
                actor="upstream",
                cause_source="urn:test",
                cause_id="1",
                correlation=None,
                data=self.codec.encode(event, key, stream),
            )
            for event, at in told
        ]
        self.store.append(
            Append(expected={stream: found.revision}, events=new, programmes={stream: programme}, keys=keys), LATER
        )
        self.store.seal(wait=True)

    def _key(self, stream: str, wrapped: bytes | None) -> tuple[bytes, dict[str, bytes]]:
        if wrapped is not None:
            return self.keyring.unwrap(wrapped), {}
        key, wrapped = self.keyring.make()
        return key, {stream: wrapped}

    def take(self, log: str, first: int = 0, last: int | None = None) -> None:
        """Takes the lines of one of the example logs in, and seals what they caused."""
        self.recorder.take((LOGS / log).read_bytes().splitlines()[first:last])
        self.store.seal(wait=True)

    def sweep(self) -> None:
        """Lets time pass until the examples' last day."""
        rows = self.rows("SELECT substr(stream, 9) FROM pairway.stream WHERE stream LIKE 'pairing-%' AND version > 0")
        self.recorder.bring_forward([row[0] for row in rows], SWEPT)
        self.store.seal(wait=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.pool.connection() as conn:
            return conn.execute(query.encode()).fetchall()

    def read_models(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every read model."""
        return {name: self.rows(f"SELECT * FROM projection.{name} ORDER BY 1, 2") for name in self.projector.models}


def open_record(pool: Pool) -> Record:
    store, keyring = Store(pool), Keyring(b"k" * 32)
    codec = Codec(events.EVENTS, events.SEALED)
    return Record(
        pool,
        store,
        codec,
        keyring,
        Recorder(store, codec, keyring, lambda: LATER),
        Projector(pool, store, codec, keyring),
        Reader(pool, codec, keyring),
        Reports(pool, store, codec, keyring),
    )
