"""The tick of the clock: asks who is due and sends their ids; any number of them may run at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import redis
import structlog

from projections.due import Due
from workers.broker import NAMESPACE

EVERY = 1.0  # seconds between two ticks while nothing is due
MOST = 10_000  # pairings a tick
TOGETHER = 50  # pairings a message, or a few more
# Who was sent and is still due after this long was lost on the way, and is sent again.
LOST_AFTER = 60

log = structlog.get_logger(__name__)


def tick(
    now: datetime,
    due: Callable[[datetime, int], Sequence[Due]],
    sent_before: Callable[[Iterable[str]], list[bool]],
    send: Callable[[list[str]], object],
) -> int:
    """Sends everyone who is due and was not sent for the same instant a moment ago; how many were due.

    `due` gives each mentor's pairings together, and they go together: what happens in them reaches the mentor's
    stream in its order.
    """
    found = list(due(now, MOST))
    fresh = dict(zip(found, (not before for before in sent_before([key(each) for each in found])), strict=True))
    message: list[str] = []
    sent = 0
    for _, group in groupby(found, key=attrgetter("mentor")):
        pairings = list(group)
        if any(fresh[each] for each in pairings):
            message.extend(each.pairing for each in pairings)
        if len(message) >= TOGETHER:
            send(message)
            sent, message = sent + len(message), []
    if message:
        send(message)
        sent += len(message)
    if sent:
        log.info("tick", due=len(found), sent=sent)
    return len(found)


def key(due: Due) -> str:
    """The name of one pairing's one instant, the same whoever finds it due."""
    return f"{NAMESPACE}:due:{due.pairing}:{due.due_at.isoformat()}"


def marks(client: redis.Redis) -> Callable[[Iterable[str]], list[bool]]:
    """Marks names in Redis for a while, and says which were marked already; a lost mark costs a message."""

    def sent_before(names: Iterable[str]) -> list[bool]:
        with client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.set(name, b"1", ex=LOST_AFTER, nx=True)
            return [answer is None for answer in pipe.execute()]

    return sent_before


def run(stop: threading.Event, now: Callable[[], datetime], once: Callable[[datetime], int]) -> None:
    """Ticks until told to stop."""
    while not stop.wait(EVERY):
        once(now())
