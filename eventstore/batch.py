"""Turns one append into the arrays of one server call: the only place that knows their order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from eventstore.arrays import Columns
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
    columns = Columns()
    texts, instants, blobs = columns.texts, columns.instants, columns.blobs
    return [
        texts(streams),
        columns.int8s([batch.expected[stream] for stream in streams]),
        columns.booleans([stream in written for stream in streams]),
        columns.int4s([added.get(stream, 0) for stream in streams]),
        instants([last_at.get(stream) for stream in streams]),
        texts([programmes.get(stream) for stream in streams]) if programmes else None,
        columns.booleans([barred.get(stream) for stream in streams]) if barred else None,
        texts([event.stream for event in events]),
        columns.int4s(back),
        texts([event.type for event in events]),
        instants([event.at for event in events]),
        texts([event.actor for event in events]),
        texts([event.cause_source for event in events]),
        texts([event.cause_id for event in events]),
        texts([event.correlation for event in events]),
        blobs([event.data for event in events]),
        recorded_at,
        texts([row.source for row in inbox]),
        texts([row.id for row in inbox]),
        texts([row.type for row in inbox]),
        texts([row.subject for row in inbox]),
        texts([row.stream for row in inbox]),
        texts([row.programme for row in inbox]),
        instants([row.received_at for row in inbox]),
        instants([row.time for row in inbox]),
        blobs([row.body for row in inbox]),
        texts([row.disposition for row in inbox]),
        texts([row.reason for row in inbox]),
        texts([_json.encode(row.errors).decode() if row.errors else None for row in inbox]),
        texts([row.waits_for for row in inbox]),
        columns.int8s([row.line for row in inbox]),
        texts([row.arrived_as or row.disposition for row in inbox]),
        columns.int8s([row.arrival for row in settled]),
        texts([row.disposition for row in settled]),
        texts([row.reason for row in settled]),
        texts([row.waits_for for row in settled]),
        texts([row.programme for row in settled]),
        texts(list(batch.claims)),
        texts(list(batch.claims.values())),
        texts(list(batch.keys)),
        blobs(list(batch.keys.values())),
        batch.by_time,
        batch.import_id,
        texts(list(batch.named_programmes)),
        batch.lines,
    ]
