"""Workers and the tick together, in threads of this process, from their start to a clean end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import dramatiq
import redis

from projections.due import Due
from workers import tick
from workers.actors import actors
from workers.broker import redis_broker
from workers.forward import Deciding

# Deciding takes turns in one process: more threads would only wait for each other.
THREADS = 2
IDLE = 500  # milliseconds after which an idle worker looks again
STOPPING = 8_000  # milliseconds for what is in hand


def work(
    redis_url: str,
    deciding: Deciding,
    due: Callable[[datetime, int], Sequence[Due]],
    seal: Callable[[], int],
    now: Callable[[], datetime],
    waits_for: Callable[[int], str | None],
) -> Callable[[threading.Event], None]:
    """The loop that works until it is told to stop: it finishes what it has in hand, the rest stays queued."""

    def loop(stop: threading.Event) -> None:
        broker = redis_broker(redis_url)
        declared = actors(broker, deciding, seal, now, waits_for)
        worker = dramatiq.Worker(broker, worker_threads=THREADS, worker_timeout=IDLE)
        worker.start()
        try:
            with redis.Redis.from_url(redis_url) as client:
                sent_before = tick.marks(client)
                tick.run(stop, now, lambda at: tick.tick(at, due, sent_before, declared.bring_forward.send))
        finally:
            worker.stop(STOPPING)
            broker.close()

    return loop
