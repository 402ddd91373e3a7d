"""Sections 4 and 5: the final evaluation of both, its deadline, its grace, and what still comes after completion."""

from __future__ import annotations

import pytest

from domain import events
from domain.facts import Fact
from tests.domain.story import (
    a_pair_in,
    closed,
    day,
    evaluation,
    feedback,
    given,
    goals,
    held,
    left,
    like,
    paused,
    progressed,
    signed,
    sweep,
    waived,
)


def test_the_evaluation_is_due_thirty_days_after_the_term_s_end_not_after_it_was_told() -> None:
    story = given(a_pair_in("meetings"), closed("2025-02-20", "goals_met", on="2025-02-01"))
    assert story.pairing().due == {"evaluation": day("2025-03-03")}


def test_an_evaluation_after_its_due_date_is_late() -> None:
    story = given(a_pair_in("evaluation"))
    story.when(evaluation("mentor", "2025-05-10")).then(like(events.EvaluationGiven, late=False))
    story = given(a_pair_in("evaluation"), sweep("2025-05-11"))
    story.when(evaluation("mentor", "2025-05-11")).then(like(events.EvaluationGiven, late=True))


def test_a_role_gives_its_evaluation_once() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-04-11"))
    story.when(evaluation("mentor", "2025-04-12")).refused("already")


@pytest.mark.parametrize("step", ["registration", "goals", "first_meeting", "meetings", "feedback"])
def test_an_evaluation_before_its_step_waits_for_it(step: str) -> None:
    given(a_pair_in(step)).when(evaluation("mentor", "2025-04-07")).parked()


def test_evaluations_that_waited_complete_the_pairing_when_the_term_ends() -> None:
    story = given(a_pair_in("meetings"), evaluation("mentor", "2025-02-01"), evaluation("protege", "2025-02-01"))
    story.when(closed("2025-02-05", "goals_met")).then(
        like(events.TermEnded, early=True, reason="goals_met", by="mpm"),
        events.StepCompleted("meetings", day("2025-02-05"), "done"),
        events.StepEntered("evaluation", day("2025-03-07")),
        events.EvaluationGiven,
        events.EvaluationGiven,
        events.StepCompleted("evaluation", day("2025-02-05"), "done"),
        events.PairingCompleted(day("2025-02-05"), ()),
    )


def test_a_missed_evaluation_is_rescinded_when_both_turn_out_to_have_given_it_in_time() -> None:
    story = given(a_pair_in("evaluation"), sweep("2025-05-11"), evaluation("mentor", "2025-05-09"))
    story.when(evaluation("protege", "2025-05-10")).then(
        like(events.EvaluationGiven, late=False),
        events.DeadlineMissRescinded("evaluation", day("2025-05-10"), day("2025-05-10")),
        events.StepCompleted("evaluation", day("2025-05-10"), "done"),
        events.PairingCompleted(day("2025-05-10"), ()),
    )


def test_the_first_evaluation_alone_rescinds_nothing() -> None:
    story = given(a_pair_in("evaluation"), sweep("2025-05-11"))
    story.when(evaluation("mentor", "2025-05-09")).then(events.EvaluationGiven)


def test_both_evaluations_after_a_miss_complete_late_and_clear_what_was_overdue_after_the_end() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-05-01"), sweep("2025-05-24"))
    assert story.flags() == ["overdue"]
    story.when(evaluation("protege", "2025-05-25")).then(
        like(events.EvaluationGiven, late=True),
        events.StepCompleted("evaluation", day("2025-05-25"), "done"),
        events.PairingCompleted(day("2025-05-25"), ()),
        events.FlagCleared("overdue", "ended"),
    )
    assert not story.pairing().done["evaluation"].on_time


def test_after_completion_a_role_that_gave_none_may_still_give_its_evaluation() -> None:
    story = given(a_pair_in("evaluation"), sweep("2025-06-09")).in_step("completed")
    story.when(evaluation("mentor", "2025-06-20")).then(like(events.EvaluationGiven, late=True))
    story.when(evaluation("mentor", "2025-06-21")).refused("already")
    story.when(evaluation("protege", "2025-05-01")).then(like(events.EvaluationGiven, late=False))
    assert len(story.history(events.PairingCompleted)) == 1
    story.in_step("completed")


def test_no_evaluation_is_taken_after_an_early_closing() -> None:
    given(a_pair_in("closed_early")).when(evaluation("mentor", "2025-01-10")).refused("closed early")


def test_an_evaluation_that_waited_for_a_pairing_that_closes_early_is_refused_then() -> None:
    story = given(a_pair_in("meetings"), evaluation("mentor", "2025-02-01")).when(closed("2025-02-05"))
    assert [one.disposition for one in story.last.settled] == ["refused"]


@pytest.mark.parametrize(
    "fact",
    [
        goals("2025-05-01"),
        signed("mentor", "2025-05-01"),
        progressed("2025-05-01", 50),
        waived("contract", "2025-05-01"),
        paused("2025-05-01"),
        closed("2025-05-01"),
        feedback("mentor", "2025-05-01"),
    ],
    ids=lambda fact: fact.type.rsplit(".", 1)[1],
)
@pytest.mark.parametrize("end", ["completed", "closed_early"])
def test_every_other_fact_is_refused_after_the_end(end: str, fact: Fact) -> None:
    story = given(a_pair_in(end))
    story.when(fact).refused("ended")


def test_a_meeting_in_evaluation_is_recorded() -> None:
    given(a_pair_in("evaluation")).when(held("2025-04-12")).then(events.MeetingHeld)


def test_a_closing_in_evaluation_completes_and_keeps_by_reason_and_note() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-04-11"))
    story.when(closed("2025-04-12", "no_contact", by="hr", note="gone quiet")).then(
        events.PairingCompleted(day("2025-04-12"), ("protege",), "hr", "no_contact", "gone quiet")
    ).in_step("completed")


def test_a_leaver_in_evaluation_completes_naming_who_gave_no_evaluation() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-04-11"))
    story.when(left("e", "2025-04-12")).then(
        like(events.PairingCompleted, completed_on=day("2025-04-12"), missing=("protege",), by="protege")
    ).in_step("completed")
