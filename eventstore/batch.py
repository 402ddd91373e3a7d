"""Turns one append into the arrays of one server call: the only place that knows their order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from eventstore.rows import Append

_json = msgspec.json.Encoder()


def parameters(batch: Append, recorded_at: datetime) -> list[Any]:
    """What the database's `append` is called with; ValueError where the batch contradicts itself."""
    written = batch.written()
    unread = written - batch.expected.keys()
    if unread:
        raise ValueError(f"{', '.join(sorted(unread))}: written without an expected revision.")
    streams = sorted(batch.expected)
    events, inbox, settled = batch.events, batch.inbox, batch.settled

    # An event's version is the stream's new version less the events of the stream that follow it.
    added: dict[str, int] = {}
    last_at: dict[str, datetime] = {}
    back = [0] * len(events)
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        stream = event.stream
        back[index] = following = added.get(stream, 0)
        added[stream] = following + 1
        if not following:
            last_at[stream] = event.at

    programmes, barred = batch.programmes, batch.barred
    return [
        streams,
        [batch.expected[stream] for stream in streams],
        [stream in written for stream in streams],
        [added.get(stream, 0) for stream in streams],
        [last_at.get(stream) for stream in streams],
        [programmes.get(stream) for stream in streams] if programmes else None,
        [barred.get(stream) for stream in streams] if barred else None,
        [event.stream for event in events],
        back,
        [event.type for event in events],
        [event.at for event in events],
        [event.actor for event in events],
        [event.cause_source for event in events],
        [event.cause_id for event in events],
        [event.correlation for event in events],
        [event.data for event in events],
        recorded_at,
        [row.source for row in inbox],
        [row.id for row in inbox],
        [row.type for row in inbox],
        [row.subject for row in inbox],
        [row.stream for row in inbox],
        [row.programme for row in inbox],
        [row.received_at for row in inbox],
        [row.time for row in inbox],
        [row.body for row in inbox],
        [row.digest for row in inbox],
        [row.disposition for row in inbox],
        [row.reason for row in inbox],
        [_json.encode(row.errors).decode() if row.errors else None for row in inbox],
        [row.waits_for for row in inbox],
        [row.line for row in inbox],
        [row.arrival for row in settled],
        [row.disposition for row in settled],
        [row.reason for row in settled],
        [row.waits_for for row in settled],
        [row.programme for row in settled],
        list(batch.claims),
        list(batch.claims.values()),
        list(batch.keys),
        list(batch.keys.values()),
        batch.by_time,
        batch.import_id,
        list(batch.named_programmes),
        batch.lines,
    ]
