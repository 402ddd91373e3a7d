"""Facts as bytes, what the way in says to them, and what it complains of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from domain.facts import (
    Fact,
    Invalid,
    decode,
)

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "source": "urn:portal",
    "id": "portal-1",
    "type": "mentoring.pairing.goal_progressed",
    "subject": "pair-1",
    "time": "2026-06-01T10:00:00+02:00",
    "datacontenttype": "application/json",
    "data": {"goal": "g1", "percent": 40},
}
MEETING: dict[str, Any] = EVENT | {
    "type": "mentoring.pairing.meeting_held",
    "data": {"held_on": "2026-06-01", "minutes": 60, "notes": "NOTES"},
}


def bytes_of(event: object) -> bytes:
    return json.dumps(event).encode()


def judged(event: object) -> Fact | Invalid:
    return decode(bytes_of(event), NOW)


def complaints(outcome: Fact | Invalid) -> dict[str, str]:
    assert isinstance(outcome, Invalid), "this should not have been taken"
    assert outcome.errors
    return {error.field: error.reason for error in outcome.errors}
