"""Every event of a pairing has its sentence, and none tells what the pair keeps to itself."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from domain import events
from domain.narration import sentence, step_after
from domain.policy import Policy
from domain.steps import NEXT
from tests.domain.told import day, goals, noon

ON = day("2025-02-03")
SECRET = "between the two of us"

EXAMPLES: list[tuple[events.Event, str]] = [
    (
        events.PairingProposed("p", "m1", "e1", ON, ON, day("2026-02-03"), "UTC", Policy(), "one"),
        "Proposed: m1 as mentor of e1, from 2025-02-03 to 2026-02-03, in place of one.",
    ),
    (events.StepEntered("goals", ON), "Began agreeing on goals, due by 2025-02-03."),
    (events.StepEntered("workshop", None), "Began the workshop."),
    (events.StepEntered("meetings", ON), "Began the monthly meetings, the next meeting is due by 2025-02-03."),
    (events.StepCompleted("workshop", ON, "lapsed"), "Went on without: the workshop, on 2025-02-03."),
    (events.RequirementWaived("goals", "mpm", "a plan", ON), "Waived agreeing on goals, by the MPM: a plan."),
    (goals("a", on=ON), "Agreed on 1 goal on 2025-02-03."),
    (events.GoalsRevised(ON, (), (), goals("a", "b").goals), "Revised the goals, now 2 goals on 2025-02-03."),
    (
        events.MeetingHeld(ON, 60, agenda=SECRET, notes=SECRET, next_due_on=day("2025-03-06")),
        "Met on 2025-02-03 for 60 minutes; the next is due by 2025-03-06.",
    ),
    (
        events.MeetingMissed(ON, "ill", "protege"),
        "The meeting planned for 2025-02-03 did not take place because of the protégé.",
    ),
    (events.ContractSigned("mentor", ON), "The mentor signed the contract on 2025-02-03."),
    (events.ContractLapsed(ON), "The contract was not signed by 2025-02-03; they go on without."),
    (events.GoalProgressed("g1", 40, noon(ON)), "Goal g1 is at 40 percent."),
    (events.FeedbackOpened(2, ON), "Feedback on quarter 2 was asked for, due by 2025-02-03."),
    (
        events.FeedbackGiven(2, "protege", 4, 3, True, ON, SECRET),
        "The protégé gave feedback on quarter 2, late: satisfaction 4, progress 3 of 5.",
    ),
    (events.FeedbackClosed(2, ("mentor",)), "The feedback on quarter 2 closed, without the mentor."),
    (events.FeedbackClosed(2, ()), "The feedback on quarter 2 closed: both gave it."),
    (events.TermEnded(ON, False), "The term ended on 2025-02-03."),
    (
        events.TermEnded(ON, True, "mpm", "goals_met"),
        "The term was ended early on 2025-02-03 by the MPM: goals met.",
    ),
    (
        events.EvaluationGiven("mentor", 5, False, False, ON, SECRET, SECRET, SECRET),
        "The mentor gave the final evaluation: satisfaction 5 of 5, would not recommend it.",
    ),
    (events.DeadlineMissed("meeting", ON), "The monthly meeting was due by 2025-02-03 and is late."),
    (
        events.DeadlineMissed("feedback", ON, 1, ("mentor", "protege")),
        "Feedback on quarter 1 was due by 2025-02-03 and is late, missing from the mentor and the protégé.",
    ),
    (
        events.DeadlineMissRescinded("meeting", ON, day("2025-02-01")),
        "The monthly meeting, due by 2025-02-03, was in time after all: 2025-02-01.",
    ),
    (events.FlagRaised("low_rating", "a low one"), "Flag raised: low rating (a low one)."),
    (events.FlagCleared("low_rating", "a better one"), "Flag cleared: low rating (a better one)."),
    (events.FlagAcknowledged("silent", "mpm", "called"), "The MPM looked at the flag silent: called."),
    (events.PairingPaused(ON, "leave", ON), "Paused from 2025-02-03, until 2025-02-03: leave."),
    (events.PairingResumed(ON, 1), "Resumed on 2025-02-03; what was pending moves by 1 day."),
    (
        events.PairingClosedEarly("no_time", "clock", ON, "goals", ()),
        "Closed early on 2025-02-03 by the passing of time in agreeing on goals: no time.",
    ),
    (events.ClosureReviewed("mpm", "rematch"), "The MPM reviewed the closing: rematch."),
    (events.PairingCompleted(ON, ("mentor",)), "Completed on 2025-02-03, without an evaluation from the mentor."),
]


@pytest.mark.parametrize(("event", "expected"), EXAMPLES)
def test_an_event_is_told_in_one_plain_sentence(event: events.Event, expected: str) -> None:
    assert sentence(event) == expected


def test_every_event_of_a_pairing_has_its_sentence() -> None:
    assert {type(event) for event, _ in EXAMPLES} == set(get_args(events.PairingEvent))


@pytest.mark.parametrize("event", [event for event, _ in EXAMPLES])
def test_no_sentence_tells_what_is_sealed(event: events.Event) -> None:
    sealed = events.SEALED.get(type(event).__name__, ())
    assert {field.name for field in fields(event)} >= set(sealed)
    written: Any = event
    told = replace(written, **dict.fromkeys(sealed, SECRET))
    assert SECRET not in sentence(told)


def test_a_pairing_stands_where_the_table_of_steps_says() -> None:
    assert step_after("meetings", events.FeedbackOpened(1, ON)) == NEXT["open_quarter", "meetings"]
    assert step_after("feedback", events.FeedbackClosed(1, ())) == NEXT["close_round", "feedback"]
    assert step_after("goals", events.PairingClosedEarly("other", "hr", ON, "goals", ())) == NEXT["close", "goals"]
    assert step_after("evaluation", events.PairingCompleted(ON, ())) == NEXT["finish", "evaluation"]
    assert step_after("goals", events.StepEntered("first_meeting", ON)) == "first_meeting"
    assert step_after("goals", events.FlagRaised("blocked", "x")) == "goals"
