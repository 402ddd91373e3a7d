"""The parts of the service as loops, put together from what was wired; `up` runs all of them."""

from __future__ import annotations

from eventstore import inbox
from pairway.running import Loop, keep_signing
from pairway.wiring import Parts
from projections.due import due
from workers.crew import work


def signing(parts: Parts) -> Loop:
    """The checkpoints, as often as is set."""
    return keep_signing(parts.proofs, parts.now, parts.settings.checkpoint_seconds)


def working(parts: Parts) -> Loop:
    """The workers and the tick of their clock."""
    assert parts.redis_url is not None, "the workers' parts are opened with a queue"
    # the due list is a read model: without its tables there is nothing to ask
    parts.projector.prepare()

    def waits_for(arrival: int) -> str | None:
        row = inbox.one(parts.pool, arrival)
        return row.waits_for if row else None

    return work(
        parts.redis_url,
        parts.recorder,
        lambda instant, most: due(parts.pool, instant, most),
        parts.store.seal,
        parts.now,
        waits_for,
    )
