"""The whole spine without processes around it: facts in, time, read models, report and streams out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from domain import events
from domain.calendar import zone_named
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.store import Store
from pairway.recorder import Recorder
from projections.due import due
from projections.reporting import Reports
from projections.runner import Projector

LOGS = Path(__file__).parent / "logs"
THEN = datetime.fromisoformat("2026-06-30T23:00:00+02:00")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def log(name: str) -> list[bytes]:
    """The facts of an example, in order of arrival."""
    return (LOGS / f"{name}.ndjson").read_bytes().splitlines()


def expected(name: str) -> Any:
    return json.loads((LOGS / f"{name}.expected.json").read_text())


@dataclass
class Whole:
    """Everything on one database; a second one on the same database is another process for all that matters."""

    pool: Pool

    def __post_init__(self) -> None:
        self.store = Store(self.pool)
        self.codec = Codec(events.EVENTS, events.SEALED)
        self.keyring = Keyring(bytes(range(32)))
        self.recorder = Recorder(self.store, self.codec, self.keyring, lambda: NOW)
        self.projector = Projector(self.pool, self.store, self.codec, self.keyring)
        self.reports = Reports(self.pool, self.store, self.codec, self.keyring)

    def take(self, facts: Sequence[bytes], together: int = 500) -> Counter[str]:
        """Takes the facts in, so many a transaction; counts their dispositions on arrival."""
        counts: Counter[str] = Counter()
        for start in range(0, len(facts), together):
            counts.update(one.disposition for one in self.recorder.take(facts[start : start + together]))
        return counts

    def catch_up(self) -> None:
        self.store.seal(wait=True)
        self.projector.catch_up()

    def sweep(self, instant: datetime = THEN) -> None:
        self.catch_up()
        self.recorder.bring_forward([each.pairing for each in due(self.pool, instant)], instant)
        self.catch_up()

    def report(self, programme: str, instant: datetime = THEN) -> Any:
        return self.reports.live(programme, instant)

    def report_as_of(self, programme: str, instant: datetime) -> Any:
        self.store.seal(wait=True)
        return self.reports.as_of(programme, instant, "mpm")

    def streams(self, kinds: Iterable[str] = ("programme-", "participant-", "pairing-")) -> dict[str, list[Any]]:
        """Every stream: its events in order with their instants, without what encryption makes different each time."""
        found: dict[str, list[Any]] = {}
        for stored in self.store.by_stream():
            if stored.stream.startswith(tuple(kinds)):
                decoded = self.codec.decode(stored.type, stored.data)
                event = self.codec.opened(stored.type, decoded, None, stored.stream)
                data = json.loads(msgspec.json.encode(event))
                shown = (stored.at, stored.type, data, stored.cause_source, stored.cause_id)
                found.setdefault(stored.stream, []).append(shown)
        return found

    def shown_like(self, wanted: dict[str, list[dict[str, Any]]], zones: dict[str, str]) -> dict[str, Any]:
        """The pairings' streams with just the fields that the expected ones name, in the programme's time zone."""
        streams = self.streams(("pairing-",))
        return {
            pairing: [
                {
                    field: at.astimezone(zone_named(zones[pairing])).isoformat()
                    if field == "at"
                    else kind
                    if field == "type"
                    else data[field]
                    for field in (wanted[pairing][index] if index < len(wanted[pairing]) else data)
                }
                for index, (at, kind, data, *_) in enumerate(streams[f"pairing-{pairing}"])
            ]
            for pairing in wanted
        }

    def zones(self) -> dict[str, str]:
        """The time zone of each pairing."""
        return {
            stream.removeprefix("pairing-"): recorded[0][2]["timezone"]
            for stream, recorded in self.streams(("pairing-",)).items()
        }
