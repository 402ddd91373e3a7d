"""Facts as the OpenAPI shows them: the body of `POST /api/v1/facts` in each of its modes, with examples."""

from __future__ import annotations

from typing import Any

from api.bodies import BATCH, PLAIN, STRUCTURED
from domain.facts import FACTS

EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "source": "urn:calendar",
    "id": "cal-0000815",
    "type": "mentoring.pairing.meeting_held",
    "subject": "p0001",
    "time": "2025-02-23T13:20:28+01:00",
    "datacontenttype": "application/json",
    "data": {"held_on": "2025-02-23", "minutes": 60, "mode": "video"},
}
CLOUDEVENT: dict[str, Any] = {
    "type": "object",
    "description": "A CloudEvent 1.0; `facts.md` says what `data` holds for each type.",
    "required": ["specversion", "source", "id", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "source": {"type": "string", "minLength": 1},
        "id": {"type": "string", "minLength": 1},
        "type": {"type": "string", "enum": sorted(FACTS)},
        "subject": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"type": "string", "enum": ["application/json"]},
        "traceparent": {"type": "string"},
        "data": {"type": "object"},
    },
    "example": EXAMPLE,
}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": CLOUDEVENT, "example": EXAMPLE},
            BATCH: {"schema": {"type": "array", "items": CLOUDEVENT}, "example": [EXAMPLE]},
            PLAIN: {
                "schema": {"oneOf": [CLOUDEVENT, {"type": "array", "items": CLOUDEVENT}]},
                "example": EXAMPLE,
            },
        },
    },
    "description": (
        "CloudEvents in structured, batch or binary mode (`ce-*` headers, `data` as the body). Each fact is kept "
        "with what became of it: 201 accepted, 202 parked, 200 duplicate, 409 refused, 422 invalid. "
        "A batch answers 200 with one answer a fact, in order."
    ),
}
