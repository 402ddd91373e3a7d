"""The eight steps of a mentoring pair and every way between them, in two tables: read this file first.

A pairing is always in exactly one of ten states: one of the eight steps, or one of the two ends.
`WAYS` says how it moves; `FACTS` says what a fact finds in each state: it takes effect, it waits for a later
step, or it is refused. One shared `transitions` Machine is built from both and judges every fact as it comes;
replaying the past needs no judge, so the fold reads `NEXT`, which is the same table as a dict.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Literal, NamedTuple

from transitions import Machine, MachineError, State

STEPS = (
    "registration",
    "assessment",
    "workshop",
    "goals",
    "first_meeting",
    "meetings",
    "feedback",
    "evaluation",
)
ENDS = ("completed", "closed_early")
STATES = (*STEPS, *ENDS)
NUMBER = {step: number for number, step in enumerate(STEPS, start=1)}


class Way(NamedTuple):
    """One way from a state to the next, and what is called so when a pairing goes it."""

    trigger: str
    source: str
    dest: str


WAYS = (
    Way("complete", "registration", "assessment"),
    Way("complete", "assessment", "workshop"),
    Way("complete", "workshop", "goals"),
    Way("complete", "goals", "first_meeting"),
    Way("complete", "first_meeting", "meetings"),
    Way("open_quarter", "meetings", "feedback"),
    Way("close_round", "feedback", "meetings"),
    Way("end_term", "first_meeting", "evaluation"),
    Way("end_term", "meetings", "evaluation"),
    Way("end_term", "feedback", "evaluation"),
    Way("finish", "evaluation", "completed"),
    Way("close", "registration", "closed_early"),
    Way("close", "assessment", "closed_early"),
    Way("close", "workshop", "closed_early"),
    Way("close", "goals", "closed_early"),
    Way("close", "first_meeting", "closed_early"),
    Way("close", "meetings", "closed_early"),
    Way("close", "feedback", "closed_early"),
)
NEXT = {(way.trigger, way.source): way.dest for way in WAYS}

Verdict = Literal["taken", "waits", "refused"]
_VERDICTS: dict[str, Verdict] = {"+": "taken", "w": "waits", "-": "refused"}

# A column a state, in the order of STATES. Where the table says "+", the fact's own rule may still say no.
_TABLE = """
                    reg ass wor goa fir mee fee eva com clo
goals_agreed         w   w   w   +   +   +   +   -   -   -
meeting_held         w   w   w   w   +   +   +   +   +   +
meeting_missed       w   w   w   w   +   +   +   +   +   +
contract_signed      w   w   w   w   +   +   +   -   -   -
goal_progressed      w   w   w   w   +   +   +   +   -   -
feedback_given       +   +   +   +   +   +   +   +   -   -
evaluation_given     w   w   w   w   w   w   w   +   +   -
waived               +   +   +   +   +   +   +   -   -   -
paused               +   +   +   +   +   +   +   +   -   -
resumed              +   +   +   +   +   +   +   +   -   -
closed               +   +   +   +   +   +   +   +   -   -
flag_acknowledged    +   +   +   +   +   +   +   +   +   +
closure_reviewed     w   w   w   w   w   w   w   w   -   +
"""
FACTS: dict[str, dict[str, Verdict]] = {
    name: {state: _VERDICTS[mark] for state, mark in zip(STATES, marks, strict=True)}
    for name, *marks in (line.split() for line in _TABLE.strip().splitlines()[1:])
}


class Cursor:
    """Stands in for a pairing while the Machine is asked: a pairing itself is never a model of it."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _machine() -> Machine:
    machine = Machine(
        model=None,
        states=list(STATES),
        initial=None,
        auto_transitions=False,
    )
    for way in WAYS:
        machine.add_transition(way.trigger, way.source, way.dest)
    for name, verdicts in FACTS.items():
        taken: list[str | Enum | State] = [state for state, verdict in verdicts.items() if verdict == "taken"]
        machine.add_transition(f"take_{name}", taken, None)
    return machine


MACHINE = _machine()


@cache
def judge(fact: str, state: str) -> Verdict:
    """What the Machine says to a fact in a state; the table tells waiting from refusing.

    It says the same every time, so it is asked once for each of the hundred and thirty.
    """
    try:
        MACHINE.events[f"take_{fact}"].trigger(Cursor(state))
    except MachineError:
        return FACTS[fact][state]
    return "taken"


def move(trigger: str, state: str) -> str | None:
    """Where the Machine goes from a state, or None where there is no such way."""
    cursor = Cursor(state)
    try:
        MACHINE.events[trigger].trigger(cursor)
    except MachineError:
        return None
    return cursor.state
