"""The way from upstream to us: who tells what, how late it arrives, how often, and what breaks on the way."""

from __future__ import annotations

import heapq
import json
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
SPECVERSION = "1.0"

# A thread of a story: it waits by yielding the instant to go on at, and tells facts as it goes.
Thread = Generator[datetime, None, None]
Data = dict[str, object]

_encode = json.JSONEncoder(ensure_ascii=False).encode
_SOURCES = {
    "programme": "mpm",
    "registered": "hris",
    "approved": "mpm",
    "declined": "mpm",
    "assessed": "hris",
    "trained": "lms",
    "line_changed": "hris",
    "changed": "hris",
    "left": "hris",
    "proposed": "mpm",
    "waived": "mpm",
    "goals_agreed": "portal",
    "meeting_held": "calendar",
    "meeting_missed": "calendar",
    "contract_signed": "portal",
    "goal_progressed": "portal",
    "feedback_given": "survey",
    "evaluation_given": "survey",
    "paused": "mpm",
    "resumed": "mpm",
    "closed": "mpm",
    "closure_reviewed": "mpm",
    "flag_acknowledged": "mpm",
}
# How often, of all facts told.
SENT_TWICE = 0.025
REUSED_ID = 0.002
BROKEN = 0.008
LOST_FOR_GOOD = 0.15  # of the broken ones
NEVER_LOST = ("participant.registered", "participant.approved", "pairing.proposed")


class Post:
    """Keeps every thread and every fact under way in the order in which it comes next; nothing else is kept."""

    def __init__(self, rng: Random, ends: datetime) -> None:
        self.rng = rng
        self.ends = ends
        self.zone = ZoneInfo(ZONE)
        self.serial = 0
        self.heap: list[tuple[datetime, int, Thread | None, str]] = []
        self.sent: dict[str, int] = {}
        self.now = datetime(1900, 1, 1)  # noqa: DTZ001 - all instants here are of ZONE

    def begin(self, thread: Thread) -> None:
        """Starts a thread at this instant."""
        self._wait(thread)

    def _wait(self, thread: Thread) -> None:
        at = next(thread, None)
        if at is not None:
            self._push(max(at, self.now), thread, "")

    def _push(self, at: datetime, thread: Thread | None, line: str) -> None:
        if at < self.ends:
            self.serial += 1
            heapq.heappush(self.heap, (at, self.serial, thread, line))

    def arrivals(self) -> Iterator[bytes]:
        """The lines of the log, in order of arrival, up to the end."""
        while self.heap:
            self.now, _, thread, line = heapq.heappop(self.heap)
            if thread is None:
                yield line.encode()
            else:
                self._wait(thread)

    def tell(self, kind: str, subject: str, data: Data, promptly: bool = False) -> None:
        """An upstream system says now what has happened; it arrives when it arrives."""
        rng = self.rng
        name = _SOURCES.get(kind.partition(".")[2]) or _SOURCES["programme"]
        number = self.sent[name] = self.sent.get(name, 0) + 1
        event: Data = {
            "specversion": SPECVERSION,
            "id": f"{name}-{number:07d}",
            "source": f"urn:{name}",
            "type": f"mentoring.{kind}",
            "subject": subject,
            "time": self.now.replace(tzinfo=self.zone).isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        arrives = self.now + timedelta(seconds=rng.randrange(2, 60))
        chance = rng.random()
        if not promptly and chance < 0.2:
            arrives += self._delay(chance)
        line = _encode(event)
        chance = rng.random()
        if chance < SENT_TWICE:
            self._push(arrives + timedelta(seconds=rng.randrange(60, 200_000)), None, line)
        elif chance < SENT_TWICE + REUSED_ID:
            other = _encode(event | {"data": data | {"reason": "changed on the way"}})
            self._push(arrives + timedelta(hours=rng.randrange(1, 60)), None, other)
        elif not promptly and chance < SENT_TWICE + REUSED_ID + BROKEN:
            self._push(arrives, None, broken(event, rng))
            if rng.random() < LOST_FOR_GOOD and kind not in NEVER_LOST:
                return
            arrives += timedelta(hours=rng.randrange(1, 30))
        self._push(arrives, None, line)

    def _delay(self, chance: float) -> timedelta:
        """Most of what is late comes the same day; a little takes a week."""
        rng = self.rng
        if chance < 0.012:
            return timedelta(days=rng.randrange(2, 10), hours=rng.randrange(24))
        if chance < 0.05:
            return timedelta(hours=rng.randrange(8, 60))
        return timedelta(minutes=rng.randrange(5, 400))


def broken(event: dict[str, object], rng: Random) -> str:
    """The fact as it arrives when something upstream goes wrong."""
    data = event["data"]
    assert isinstance(data, dict)
    match rng.randrange(6):
        case 0:
            return _encode(event)[: rng.randrange(40, 160)]
        case 1:
            told = event["time"]
            assert isinstance(told, str)
            return _encode(event | {"time": told[:19]})
        case 2:
            return _encode(event | {"type": f"{event['type']}_v2"})
        case 3:
            dated = [name for name in data if name.endswith("_on")]
            return _encode(event | {"data": data | dict.fromkeys(dated, "2025-02-30") if dated else None})
        case _:
            return _encode(event | {"data": dict(list(data.items())[1:])})


def at(day: date, rng: Random) -> datetime:
    """Some time of a working day."""
    return datetime.combine(day, time(rng.randrange(7, 19), rng.randrange(60), rng.randrange(60)))
