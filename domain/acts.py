"""What the MPM may do as things stand, told from the tables and states by which facts are judged before one is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from domain.fact_rules import CLOSING_REASONS
from domain.health import open_flags
from domain.pairing import Pairing
from domain.participant import Participant
from domain.programme import Programme
from domain.steps import judge

REQUIREMENTS = ("assessment", "workshop", "goals", "contract")
OUTCOMES = ("rematch", "end")
FOR_GOALS_MET = ("meetings", "feedback", "evaluation")


class PairingAct(NamedTuple):
    """`fact`: its row in the table of steps; `choices`: what may be chosen now, nothing where it cannot be done."""

    code: str
    fact: str
    choices: Callable[[Pairing], tuple[str, ...]]


def waivable(pairing: Pairing) -> tuple[str, ...]:
    """The requirements that are asked for and not settled yet."""
    return tuple(
        one
        for one in REQUIREMENTS
        if getattr(pairing.policy, one, None) != "off"
        and one not in pairing.waived
        and one not in pairing.done
        and not (one == "contract" and pairing.contract is not None)
    )


def unseen_flags(pairing: Pairing) -> tuple[str, ...]:
    """The open flags that nobody has acknowledged."""
    return tuple(signal for signal, flag in sorted(open_flags(pairing).items()) if not flag.acknowledged)


def closing_reasons(pairing: Pairing) -> tuple[str, ...]:
    """Before they meet regularly there are no goals to have met."""
    met = pairing.step in FOR_GOALS_MET
    return tuple(reason for reason in CLOSING_REASONS if met or reason != "goals_met")


# In the order in which they are offered.
PAIRING_ACTS = (
    PairingAct("acknowledge", "flag_acknowledged", unseen_flags),
    PairingAct("review", "closure_reviewed", lambda pairing: () if pairing.reviewed else OUTCOMES),
    PairingAct("waive", "waived", waivable),
    PairingAct("resume", "resumed", lambda pairing: ("resume",) if pairing.paused is not None else ()),
    PairingAct("pause", "paused", lambda pairing: ("pause",) if pairing.paused is None else ()),
    PairingAct("close", "closed", closing_reasons),
)


def acts_on_pairing(pairing: Pairing) -> dict[str, tuple[str, ...]]:
    """The acts that are possible now, each with what may be chosen."""
    return {
        act.code: choices
        for act in PAIRING_ACTS
        if judge(act.fact, pairing.step) == "taken" and (choices := act.choices(pairing))
    }


def acts_on_participant(participant: Participant) -> dict[str, tuple[str, ...]]:
    """Approving and declining, while neither was done; nothing for somebody who was forgotten."""
    open_still = participant.approved_on is None and not (participant.gone or participant.forgotten)
    return {"approve": ("approve",), "decline": ("decline",)} if open_still else {}


def acts_on_programme(programme: Programme) -> dict[str, tuple[str, ...]]:
    """A programme is closed to new pairings once."""
    return {} if programme.closed else {"close": ("close",)}
