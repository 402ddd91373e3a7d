"""The queue between processes: dramatiq on Redis, which holds nothing that cannot be asked for again."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Retries

from workers.lines import Lines

NAMESPACE = "pairway"
# A message nobody took for so long says nothing new: what is due is asked for again by then.
OLDEST = 10 * 60 * 1000
RETRIES = 3


def redis_broker(url: str) -> dramatiq.Broker:
    """A broker on the Redis of this URL; it connects at the first message."""
    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq gives its brokers no types
        url=url,
        namespace=NAMESPACE,
        middleware=[
            AgeLimit(max_age=OLDEST),
            Retries(max_retries=RETRIES, min_backoff=500, max_backoff=15_000),
            Lines(),
        ],
    )
