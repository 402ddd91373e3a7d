"""Section 5: meetings held and missed, the monthly due date, late tellings, goals and their progress."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from tests.domain.story import (
    Story,
    a_pair_in,
    both_signed,
    closed,
    day,
    given,
    goal,
    goals,
    held,
    like,
    missed,
    progressed,
    sweep,
    waived,
)


def rescinded(story: Story) -> list[events.Event]:
    return story.history(events.DeadlineMissRescinded)


# The monthly due date


def test_the_first_monthly_due_date_is_the_latest_meeting_held_so_far_plus_the_gap() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-20"), held("2025-01-21", on="2025-01-14"))
    story.when(*both_signed("2025-01-22")).then(
        events.ContractSigned,
        events.StepCompleted("first_meeting", day("2025-01-22"), "done"),
        events.StepEntered("meetings", day("2025-02-20")),
    )


def test_the_first_meeting_told_is_the_evidence_though_an_earlier_one_is_told_later() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-20"), held("2025-01-21", on="2025-01-14"))
    story.when(*both_signed("2025-01-15"))
    assert story.pairing().done["first_meeting"].completed_on == day("2025-01-20")


def test_the_contract_is_due_fourteen_days_after_the_first_meeting_told() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-20"), held("2025-01-21", on="2025-01-14"))
    assert story.pairing().due == {"contract": day("2025-02-03")}


def test_a_contract_already_settled_is_not_due_after_the_first_meeting() -> None:
    story = given(a_pair_in("first_meeting"), waived("contract", "2025-01-12"), held("2025-01-13"))
    assert story.pairing().due == {"meeting": day("2025-02-13")}


def test_a_meeting_sets_the_next_due_date_to_its_own_plus_the_gap() -> None:
    given(a_pair_in("meetings")).when(held("2025-02-10")).then(like(events.MeetingHeld, next_due_on=day("2025-03-13")))


def test_a_meeting_told_late_never_moves_the_next_due_date_back() -> None:
    story = given(a_pair_in("meetings"), held("2025-02-10"))
    story.when(held("2025-02-12", on="2025-01-20")).then(like(events.MeetingHeld, next_due_on=day("2025-03-13")))


def test_a_meeting_in_feedback_moves_the_due_date_too() -> None:
    given(a_pair_in("feedback")).when(held("2025-04-07")).then(like(events.MeetingHeld, next_due_on=day("2025-05-08")))


@pytest.mark.parametrize("step", ["first_meeting", "evaluation", "completed", "closed_early"])
def test_a_meeting_outside_steps_6_and_7_names_no_next_due_date(step: str) -> None:
    story = given(a_pair_in(step)).when(held("2025-04-12", on="2025-01-09"))
    assert like(events.MeetingHeld, next_due_on=None) in story.events()


# Misses rescinded


def test_a_monthly_miss_is_rescinded_by_a_meeting_within_the_gap_before_its_due_date() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-14")).when(held("2025-02-15", on="2025-02-13"))
    story.then(
        like(events.MeetingHeld, next_due_on=day("2025-03-16")),
        events.DeadlineMissRescinded("meeting", day("2025-02-13"), day("2025-02-13")),
    )


@pytest.mark.parametrize(("on", "meets"), [("2025-01-13", False), ("2025-01-14", True), ("2025-02-14", False)])
def test_a_meeting_on_the_edge_of_the_gap_or_after_the_due_date_rescinds_nothing(on: str, *, meets: bool) -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-14")).when(held("2025-02-15", on=on))
    assert bool(rescinded(story)) is meets


def test_one_meeting_rescinds_one_miss_the_earliest() -> None:
    policy = Policy(meeting_gap_days=31)
    story = given(a_pair_in("meetings", policy), sweep("2025-04-05"))
    assert story.pairing().meeting_misses == (day("2025-02-13"), day("2025-03-16"))
    story.when(held("2025-04-05", on="2025-03-10"), held("2025-04-05", on="2025-02-10"))
    assert [like(events.DeadlineMissRescinded, due_on=day(on)) for on in ("2025-03-16", "2025-02-13")] == rescinded(
        story
    )
    story.when(held("2025-04-05", on="2025-02-10"))
    assert len(rescinded(story)) == 2


def test_a_first_meeting_miss_is_rescinded_by_any_meeting_held_in_time_whenever_it_is_told() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-01-25"), held("2025-01-26"))
    assert not rescinded(story)
    story.when(held("2025-03-26", on="2025-01-24"))
    assert [like(events.DeadlineMissRescinded, deadline="first_meeting", met_on=day("2025-01-24"))] == rescinded(story)


def test_the_first_meeting_is_on_time_if_any_meeting_was_held_in_time() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-01-25"), held("2025-01-26"))
    story.when(held("2025-01-27", on="2025-01-20"), *both_signed("2025-01-28"))
    assert story.pairing().done["first_meeting"] == (day("2025-01-28"), "done", True)


def test_the_first_meeting_is_on_time_though_its_contract_was_late() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-20"), *[waived("contract", "2025-02-01")])
    assert story.pairing().done["first_meeting"] == (day("2025-02-01"), "done", True)


def test_first_meeting_is_done_however_its_contract_was_settled() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-20"), sweep("2025-02-04"))
    assert story.pairing().done["first_meeting"].outcome == "done"
    assert story.pairing().contract == "lapsed"


# Missed meetings


def test_a_missed_meeting_may_have_been_planned_ahead() -> None:
    story = given(a_pair_in("meetings")).when(missed("2025-02-01", on="2025-02-10"))
    story.then(like(events.MeetingMissed, planned_on=day("2025-02-10")))


# After the end


@pytest.mark.parametrize("end", ["completed", "closed_early"])
@pytest.mark.parametrize("fact", [held, missed])
def test_after_the_end_a_meeting_dated_by_then_is_recorded_with_no_further_effect(end: str, fact: object) -> None:
    ended_on = "2025-04-11" if end == "completed" else "2025-01-09"
    assert callable(fact)
    story = given(a_pair_in(end))
    before = story.pairing()
    story.when(fact("2025-05-01", on=ended_on))
    assert story.events()[-1] == like(events.MeetingHeld if fact is held else events.MeetingMissed)
    assert (story.pairing().step, story.pairing().due.keys() - before.due.keys()) == (end, set())
    assert story.pairing().latest_held_on == before.latest_held_on
    after = "2025-04-12" if end == "completed" else "2025-01-10"
    story.when(fact("2025-05-01", on=after)).refused("ended on")


def test_the_day_it_ended_is_the_day_it_was_closed_on_not_the_day_that_was_told() -> None:
    story = given(a_pair_in("meetings"), closed("2025-02-20", on="2025-02-01"))
    story.when(held("2025-02-21", on="2025-02-02")).refused("ended on 2025-02-01")


# Goals


@pytest.mark.parametrize("step", ["first_meeting", "meetings", "feedback"])
def test_in_steps_5_to_7_goals_agreed_replace_the_goals(step: str) -> None:
    story = given(a_pair_in(step)).when(goals("2025-04-07", on="2025-01-15", goals=(goal("g2"),)))
    assert like(events.GoalsRevised, agreed_on=day("2025-01-15"), goals=(goal("g2"),)) in story.events()
    assert list(story.pairing().goals) == ["g2"]


def test_goals_that_keep_their_id_keep_their_progress() -> None:
    story = given(a_pair_in("meetings"), progressed("2025-02-01", 40))
    story.when(goals("2025-02-05", goals=(goal("g2"), goal("g1"))))
    assert {name: one.percent for name, one in story.pairing().goals.items()} == {"g2": 0, "g1": 40}


def test_a_goal_s_competency_is_one_of_the_programme_s() -> None:
    story = given(a_pair_in("goals"))
    story.when(goals("2025-01-10", goals=(goal(competency="sing"),))).refused("sing")
    story.when(goals("2025-01-10", goals=(goal(competency="lead"),))).then(
        events.GoalsAgreed, events.StepCompleted, events.StepEntered
    )


def test_progress_of_an_unknown_goal_is_refused() -> None:
    given(a_pair_in("meetings")).when(progressed("2025-02-01", 40, "g9")).refused("no goal g9")


def test_progress_older_than_the_figure_in_force_is_refused() -> None:
    story = given(a_pair_in("meetings"), progressed("2025-02-02", 40))
    story.when(progressed("2025-02-01", 60)).refused("newer figure")
    story.when(progressed("2025-02-02", 30)).then(like(events.GoalProgressed, percent=30))


def test_progress_that_waited_is_as_old_as_it_was_told() -> None:
    story = given(a_pair_in("goals"), progressed("2025-01-09", 40), progressed("2025-01-08", 20))
    story.when(goals("2025-01-10"))
    assert [one.percent for one in story.history() if isinstance(one, events.GoalProgressed)] == [40]
