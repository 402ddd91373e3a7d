"""The only entrance to the core: one fact, or one instant, and the streams it touches; out comes what is recorded.

`decide` and `bring_forward` read a World, which is whatever the caller has loaded so far. Where they need more they
raise Missing, which names it; the caller loads that and asks again. They change nothing in the World: the decision
carries drafts of every place that changed, and the caller puts them in once they are recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain import facts
from domain.taking import Taking
from domain.world import (
    Decision,
    Disposition,
    Missing,
    Place,
    Recorded,
    Settled,
    State,
    Waiting,
    World,
    begin,
    evolve,
    fold,
)

__all__ = [
    "Decision",
    "Disposition",
    "Missing",
    "Place",
    "Recorded",
    "Settled",
    "State",
    "Waiting",
    "World",
    "begin",
    "bring_forward",
    "decide",
    "evolve",
    "fold",
    "streams",
]


def decide(fact: facts.Fact, arrival: int, world: World) -> Decision:
    """What becomes of a fact that has just arrived. Raises Missing."""
    taking = Taking(world)
    decision = taking.decision
    decision.disposition, decision.reason, decision.waits_for = taking.attempt(fact)
    if decision.waits_for is not None:
        taking.park(Waiting(fact, arrival), decision.waits_for)
    return decision


def bring_forward(streams: Iterable[str], instant: datetime, world: World) -> Decision:
    """Everything that time alone causes in these pairings up to and including the instant. Raises Missing."""
    taking = Taking(world)
    taking.bring_forward(streams, instant)
    return taking.decision


def streams(fact: facts.Fact) -> tuple[str, ...]:
    """The streams that a decision on the fact is sure to read."""
    match fact.data:
        case facts.PairingProposed() as data:
            named = (
                f"programme-{data.programme}",
                f"participant-{data.mentor}",
                f"participant-{data.protege}",
            )
            return (fact.stream, *named, *((f"pairing-{data.replaces}",) if data.replaces else ()))
        case facts.ParticipantRegistered() as data:
            return (fact.stream, f"programme-{data.programme}")
        case _:
            return (fact.stream,)
