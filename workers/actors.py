"""The actors: they take ids, and doing it twice, late or in ten processes changes nothing in the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import dramatiq
import structlog
from dramatiq import Actor

from domain.refusals import Refused
from workers.forward import Deciding, brought_forward

QUEUE = "pairings"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actors:
    """What can be sent; every one of them on the one broker that it was declared for."""

    bring_forward: Actor[[list[str]], None]
    retry: Actor[[int], None]


def actors(
    broker: dramatiq.Broker,
    deciding: Deciding,
    seal: Callable[[], int],
    now: Callable[[], datetime],
    waits_for: Callable[[int], str | None],
) -> Actors:
    """Declares the actors on a broker; `waits_for` names the stream that a parked fact waits for."""

    def bring_forward(pairings: list[str]) -> None:
        events = brought_forward(deciding, pairings, now())
        if events:
            seal()
        log.info("brought forward", pairings=len(pairings), events=events)

    def retry(arrival: int) -> None:
        # what waits is tried whenever its pairing moves on, so moving that on is trying it
        kind, _, pairing = (waits_for(arrival) or "").partition("-")
        if kind == "pairing":
            bring_forward([pairing])

    return Actors(
        bring_forward=dramatiq.actor(broker=broker, queue_name=QUEUE, throws=Refused)(bring_forward),
        retry=dramatiq.actor(broker=broker, queue_name=QUEUE, throws=Refused)(retry),
    )
