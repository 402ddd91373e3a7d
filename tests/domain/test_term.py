"""Section 4: the quarters of a term, its end, and what comes after it."""

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
    proposed,
    reviewed,
    sweep,
    waived,
)

# Quarters


def test_a_quarter_opens_on_its_date_with_its_feedback_due_fourteen_days_later() -> None:
    story = given(a_pair_in("meetings"), held("2025-02-10"), held("2025-03-10"), held("2025-04-04"))
    story.when(sweep("2025-04-05T23:59+00:00")).then()
    story.when(sweep("2025-04-06T00:00+00:00")).then(
        events.FeedbackOpened(1, day("2025-04-20")), at="2025-04-06T00:00+00:00"
    ).in_step("feedback")


@pytest.mark.parametrize(("ends_on", "opened_at_all"), [("2025-04-20", False), ("2025-04-21", True)])
def test_there_is_a_quarter_only_if_its_feedback_is_due_before_the_term_ends(
    ends_on: str, *, opened_at_all: bool
) -> None:
    story = given(
        opened(), READY, proposed(ends_on=ends_on), waived("goals", "2025-01-07"), waived("contract", "2025-01-07")
    )
    story.when(held("2025-01-13"), sweep("2025-05-01")).in_step("evaluation")
    assert bool(story.history(events.FeedbackOpened)) is opened_at_all


def test_a_quarter_dated_on_or_before_the_day_meetings_were_entered_is_skipped_for_good() -> None:
    story = given(opened(), READY, proposed(starts_on="2025-01-13"))
    story.when(waived("goals", "2025-04-13"), waived("contract", "2025-04-13"), held("2025-04-13")).in_step("meetings")
    story.when(sweep("2025-07-13"))
    assert story.history(events.FeedbackOpened) == [events.FeedbackOpened(2, day("2025-07-27"))]
    story.when(feedback("mentor", "2025-07-14", quarter=1)).refused("skipped")


def test_a_quarter_dated_the_day_after_meetings_were_entered_opens() -> None:
    story = given(opened(), READY, proposed(starts_on="2025-01-13"))
    story.when(waived("goals", "2025-04-12"), waived("contract", "2025-04-12"), held("2025-04-12"))
    story.when(sweep("2025-04-13")).then(events.FeedbackOpened(1, day("2025-04-27")))


def test_a_quarter_does_not_open_from_any_other_step() -> None:
    story = given(a_pair_in("first_meeting")).when(sweep("2026-01-05"))
    assert story.history(events.FeedbackOpened) == []


@pytest.mark.parametrize("feedback_days", [1, 14, 27])
def test_monthly_feedback_opens_every_month(feedback_days: int) -> None:
    policy = Policy(feedback_every_months=1, feedback_days=feedback_days)
    story = given(a_pair_in("meetings", policy)).when(sweep("2026-01-05"))
    months = 11 if feedback_days < 31 else 10
    quarters = [event.quarter for event in story.history() if isinstance(event, events.FeedbackOpened)]
    assert quarters == list(range(1, months + 1))


def test_quarters_that_end_a_month_keep_its_last_day() -> None:
    policy = Policy(feedback_every_months=1, feedback_days=27)
    story = given(opened(policy), READY, proposed(starts_on="2025-01-31"))
    story.when(waived("goals", "2025-01-31"), waived("contract", "2025-01-31"), held("2025-01-31"), sweep("2025-05-01"))
    due = [event.due_on for event in story.history() if isinstance(event, events.FeedbackOpened)]
    assert due == [day("2025-03-27"), day("2025-04-27"), day("2025-05-27")]


def test_a_term_shorter_than_a_quarter_has_no_quarter() -> None:
    story = given(opened(), READY, proposed(ends_on="2025-02-20"), waived("goals", "2025-01-07"))
    story.when(waived("contract", "2025-01-07"), held("2025-01-13"))
    story.when(feedback("mentor", "2025-01-20")).refused("does not exist")
    story.when(sweep("2025-02-20")).in_step("evaluation")
    assert story.history(events.FeedbackOpened) == []


# The end of the term


def test_the_term_ends_after_its_months_unless_the_proposal_says_otherwise() -> None:
    assert given(opened(), READY, proposed(starts_on="2025-01-31")).pairing().ends_on == day("2026-01-31")
    story = given(opened(Policy(term_months=1)), READY, proposed(starts_on="2025-01-31"))
    assert story.pairing().ends_on == day("2025-02-28")
    assert given(opened(), READY, proposed(ends_on="2025-03-01")).pairing().ends_on == day("2025-03-01")


def test_the_term_ends_from_first_meeting_if_they_have_met() -> None:
    policy = Policy(term_months=1, contract="required")
    story = given(a_pair_in("first_meeting", policy), held("2025-01-13")).when(sweep("2025-02-06"))
    story.then(
        events.DeadlineMissed("contract", day("2025-01-27")),
        events.TermEnded(day("2025-02-06"), False),
        events.StepEntered("evaluation", day("2025-03-08")),
    )


def test_the_term_s_end_clears_the_overdue_flag_of_a_contract_and_a_silence() -> None:
    policy = Policy(term_months=2, contract="required")
    story = given(a_pair_in("first_meeting", policy), held("2025-01-13"), sweep("2025-03-01"))
    assert story.flags() == ["overdue"]
    story.when(sweep("2025-03-06")).then(
        events.TermEnded, like(events.FlagCleared, signal="overdue"), events.StepEntered
    )
    story = given(a_pair_in("meetings", Policy(term_months=2)), sweep("2025-03-01"))
    assert story.flags() == ["silent"]
    story.when(sweep("2025-03-06")).then(
        events.TermEnded, like(events.FlagCleared, signal="silent"), events.StepCompleted, events.StepEntered
    )


@pytest.mark.parametrize("step", ["registration", "assessment", "workshop", "goals", "first_meeting"])
def test_a_pair_that_never_met_closes_early_by_the_clock_as_not_established(step: str) -> None:
    policy = Policy(workshop="required")
    story = given(a_pair_in(step, policy)).when(sweep("2026-01-06"))
    assert story.history(events.PairingClosedEarly) == [
        like(events.PairingClosedEarly, reason="not_established", by="clock", closed_on=day("2026-01-06"), step=step)
    ]


def test_the_grace_completes_the_pairing_all_the_same_naming_who_gave_no_evaluation() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-04-11"))
    story.when(sweep("2025-05-11"))
    assert story.history(events.DeadlineMissed) == [
        events.DeadlineMissed("evaluation", day("2025-05-10"), None, ("protege",))
    ]
    story.when(sweep("2025-06-09T00:00+00:00"))
    story.then(
        like(events.FlagRaised, signal="overdue"),
        events.PairingCompleted(day("2025-06-09"), ("protege",)),
        like(events.FlagCleared, signal="overdue", why="ended"),
    )


def test_after_an_early_closing_only_the_review_is_due_counted_from_the_day_it_was_recorded() -> None:
    story = given(a_pair_in("meetings"), closed("2025-02-01", on="2025-01-20"))
    assert story.pairing().due == {"closure_review": day("2025-02-15")}
    story.when(sweep("2025-02-16")).then(events.DeadlineMissed("closure_review", day("2025-02-15")))
    story.when(reviewed("2025-02-15")).then(
        events.ClosureReviewed,
        events.DeadlineMissRescinded("closure_review", day("2025-02-15"), day("2025-02-15")),
        like(events.FlagCleared, signal="closed_early"),
    )
