"""Sections 4 and 5: the quarter's feedback, in time, late, and after its window."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from tests.domain.story import (
    READY,
    a_pair_in,
    closed,
    day,
    evaluation,
    feedback,
    given,
    held,
    like,
    opened,
    paused,
    proposed,
    resumed,
    sweep,
    waived,
)


def test_feedback_is_late_only_after_its_due_date() -> None:
    story = given(a_pair_in("feedback"))
    story.when(feedback("mentor", "2025-04-20T23:59+00:00")).then(like(events.FeedbackGiven, late=False))
    story.when(feedback("protege", "2025-04-21")).then(
        events.DeadlineMissed("feedback", day("2025-04-20"), 1, ("protege",)),
        events.FeedbackClosed(1, ("protege",)),
        like(events.FlagRaised, signal="feedback_missing"),
        like(events.FeedbackGiven, by="protege", late=True),
    )


def test_a_role_gives_its_feedback_of_a_quarter_once() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-07"))
    story.when(feedback("mentor", "2025-04-08")).refused("already")
    story.when(feedback("protege", "2025-04-08"), feedback("protege", "2025-04-09")).refused("already")


@pytest.mark.parametrize("step", ["registration", "goals", "meetings"])
def test_feedback_on_a_quarter_that_may_still_open_is_parked(step: str) -> None:
    given(a_pair_in(step)).when(feedback("mentor", "2025-01-14")).parked()


def test_feedback_that_waited_is_recorded_when_its_quarter_opens() -> None:
    story = given(a_pair_in("meetings"), feedback("mentor", "2025-04-01"))
    story.when(sweep("2025-04-06T00:00+00:00"))
    assert story.events()[-2:] == [
        events.FeedbackOpened(1, day("2025-04-20")),
        like(events.FeedbackGiven, late=False, given_on=day("2025-04-01")),
    ]


def test_feedback_of_both_that_waited_closes_the_round_at_once() -> None:
    story = given(a_pair_in("meetings"), feedback("mentor", "2025-04-01"), feedback("protege", "2025-04-01"))
    story.when(sweep("2025-04-06T00:00+00:00"))
    assert story.events()[-1] == events.FeedbackClosed(1, ())
    story.in_step("meetings")


@pytest.mark.parametrize("quarter", [4, 5, 1000, 10**9])
def test_feedback_on_a_quarter_that_does_not_exist_is_refused(quarter: int) -> None:
    given(a_pair_in("meetings")).when(feedback("mentor", "2025-01-14", quarter)).refused("does not exist")


def test_feedback_on_a_quarter_that_can_open_no_more_is_refused_when_it_is_tried_again() -> None:
    story = given(a_pair_in("meetings"), feedback("mentor", "2025-02-01", quarter=2))
    story.when(closed("2025-02-10", "goals_met"))
    assert [one.disposition for one in story.last.settled] == ["refused"]


def test_feedback_parked_for_a_quarter_that_is_skipped_is_refused_on_entering_meetings() -> None:
    story = given(opened(), READY, proposed(starts_on="2025-01-13"), feedback("mentor", "2025-01-20"))
    story.when(waived("goals", "2025-04-13"), waived("contract", "2025-04-13"), held("2025-04-13"))
    assert [one.disposition for one in story.last.settled] == ["refused"]


def test_a_missed_round_is_rescinded_when_all_that_were_missing_have_come_dated_in_time() -> None:
    story = given(a_pair_in("feedback"), sweep("2025-04-21"), feedback("mentor", "2025-04-19"))
    assert story.events() == [like(events.FeedbackGiven, late=False)]
    story.when(feedback("protege", "2025-04-20")).then(
        like(events.FeedbackGiven, late=False),
        events.DeadlineMissRescinded("feedback", day("2025-04-20"), day("2025-04-20"), 1),
        like(events.FlagCleared, signal="feedback_missing"),
    )


def test_a_missed_round_is_met_on_the_latest_date_of_those_that_were_missing() -> None:
    story = given(a_pair_in("feedback"), sweep("2025-04-21"), feedback("mentor", "2025-04-19"))
    story.when(feedback("protege", "2025-04-15"))
    assert story.history(events.DeadlineMissRescinded) == [
        events.DeadlineMissRescinded("feedback", day("2025-04-20"), day("2025-04-19"), 1)
    ]


def test_a_missed_round_of_which_one_came_late_is_not_rescinded() -> None:
    story = given(a_pair_in("feedback"), sweep("2025-04-21"), feedback("mentor", "2025-04-25"))
    story.when(feedback("protege", "2025-04-20")).then(like(events.FeedbackGiven, late=False))


def test_feedback_is_accepted_after_its_window_in_any_step_until_the_end() -> None:
    story = given(a_pair_in("feedback"), closed("2025-04-10", "goals_met"))
    story.when(feedback("mentor", "2025-04-20")).then(like(events.FeedbackGiven, late=False))
    story.when(feedback("protege", "2025-04-21")).then(like(events.FeedbackGiven, late=True))
    assert story.history(events.DeadlineMissed) == []
    story.when(evaluation("mentor", "2025-04-22"), evaluation("protege", "2025-04-22"))
    story.when(feedback("protege", "2025-04-23")).refused("ended")


def test_a_round_s_due_date_moves_with_a_pause_while_it_is_open() -> None:
    story = given(a_pair_in("feedback"), paused("2025-04-10"), resumed("2025-04-20"))
    story.when(feedback("mentor", "2025-04-30")).then(like(events.FeedbackGiven, late=False))
    story.when(sweep("2025-05-01")).then(
        events.DeadlineMissed("feedback", day("2025-04-30"), 1, ("protege",)),
        events.FeedbackClosed(1, ("protege",)),
        like(events.FlagRaised, signal="feedback_missing"),
    )


def test_a_late_round_does_not_keep_the_next_from_opening() -> None:
    policy = Policy(feedback_every_months=1, feedback_days=27, meeting_gap_days=400, silent_days=400)
    story = given(a_pair_in("meetings", policy)).when(sweep("2025-04-06T00:00+00:00"))
    assert [event.quarter for event in story.history() if isinstance(event, events.FeedbackOpened)] == [1, 2, 3]
    assert [event.due_on for event in story.history() if isinstance(event, events.DeadlineMissed)] == [
        day("2025-03-05"),
        day("2025-04-02"),
    ]
