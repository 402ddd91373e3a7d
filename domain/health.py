"""How a pairing is doing, as the dashboards show it, and which of its deadlines are pending."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from domain.flags import AT_RISK
from domain.pairing import Flag, Pairing
from domain.passing_of_time import DEADLINES
from domain.steps import ENDS

HEALTHS = ("on_track", "attention", "at_risk", "paused", "completed", "closed_early")
_ORDER = {kind: place for place, kind in enumerate(DEADLINES)}


class Deadline(NamedTuple):
    """`missed`: the date has passed, and what it asks for is still to come."""

    kind: str
    due_on: date
    missed: bool


def state_of(pairing: Pairing) -> str:
    """`active`, `paused`, `completed` or `closed_early`."""
    if pairing.step in ENDS:
        return pairing.step
    return "paused" if pairing.paused is not None else "active"


def health(pairing: Pairing) -> str:
    """One of the six words by which the MPM sees where to look."""
    state = state_of(pairing)
    if state != "active":
        return state
    if any(signal in AT_RISK for signal in pairing.flags):
        return "at_risk"
    if pairing.flags or pairing.missed or (pairing.step in ("meetings", "feedback") and _behind(pairing)):
        return "attention"
    return "on_track"


def _behind(pairing: Pairing) -> bool:
    """A monthly meeting or the last round's feedback is missing."""
    if pairing.slipped:
        return True
    if not pairing.rounds:
        return False
    last = pairing.rounds[max(pairing.rounds)]
    return bool(last.missed) and not last.rescinded


def open_flags(pairing: Pairing) -> dict[str, Flag]:
    """The flags that still ask for somebody: after the end only `closed_early`, until it is reviewed."""
    if pairing.step not in ENDS:
        return pairing.flags
    if pairing.reviewed or "closed_early" not in pairing.flags:
        return {}
    return {"closed_early": pairing.flags["closed_early"]}


def deadlines(pairing: Pairing) -> list[Deadline]:
    """What is pending, the earliest first."""
    pending = [Deadline(kind, due_on, missed=False) for kind, due_on in pairing.due.items()]
    pending += [Deadline(kind, due_on, missed=True) for kind, due_on in pairing.missed.items()]
    return sorted(pending, key=lambda deadline: (deadline.due_on, _ORDER[deadline.kind]))


def next_deadline(pairing: Pairing) -> Deadline | None:
    """The earliest date that is still ahead; where all have passed, the one that passed last."""
    pending = deadlines(pairing)
    ahead = [deadline for deadline in pending if not deadline.missed]
    if ahead:
        return ahead[0]
    return pending[-1] if pending else None
