"""What every side records and reads: the same event, the same fold, the same numbers of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from domain import events
from domain.events import MeetingHeld
from eventstore.codec import Codec

CODEC = Codec(events.EVENTS, events.SEALED)
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TYPE = "MeetingHeld"
PROGRAMME = "programme-1"
SOURCE = "/calendar"
SPREAD = 10  # streams that a writer of single events goes round


def held(number: int) -> MeetingHeld:
    """The event that is recorded: a meeting, as an ordinary one looks."""
    return MeetingHeld(
        held_on=date(2026, 1 + number % 12, 1 + number % 28),
        minutes=30 + number % 60,
        mode="video",
        topics=("goals", "presenting to the board"),
        next_due_on=date(2026, 2, 5),
    )


@dataclass(slots=True)
class Seen:
    """What a fold of such events makes of them."""

    meetings: int = 0
    minutes: int = 0
    last: date | None = None
    topics: dict[str, int] = field(default_factory=dict)

    def take(self, held_on: date, minutes: int, topics: tuple[str, ...]) -> None:
        self.meetings += 1
        self.minutes += minutes
        if self.last is None or held_on > self.last:
            self.last = held_on
        for topic in topics:
            self.topics[topic] = self.topics.get(topic, 0) + 1
