"""Section 9: closing early, closing with the goals met, and the review of every early closing."""

from __future__ import annotations

import pytest

from domain import events
from domain.fact_rules import CLOSING_REASONS
from tests.domain.story import (
    a_pair_in,
    closed,
    day,
    evaluation,
    feedback,
    given,
    like,
    proposed,
    reviewed,
    sweep,
)

OTHERS = [reason for reason in CLOSING_REASONS if reason != "goals_met"]


@pytest.mark.parametrize("reason", OTHERS)
def test_every_reason_but_goals_met_closes_early(reason: str) -> None:
    story = given(a_pair_in("meetings")).when(closed("2025-02-01", reason, by="protege")).in_step("closed_early")
    assert like(events.PairingClosedEarly, reason=reason, by="protege") in story.events()


def test_a_closing_before_the_proposal_is_refused() -> None:
    given(a_pair_in("goals")).when(closed("2025-01-08", on="2025-01-05")).refused("before the proposal")


@pytest.mark.parametrize("step", ["registration", "assessment", "workshop", "goals", "first_meeting"])
def test_goals_met_before_meetings_is_refused(step: str) -> None:
    given(a_pair_in(step)).when(closed("2025-01-12", "goals_met")).refused("no goals to have met")


def test_goals_met_ends_the_term_early_on_closed_on() -> None:
    story = given(a_pair_in("meetings")).when(closed("2025-02-10", "goals_met", on="2025-02-01", note="well done"))
    story.then(
        events.TermEnded(day("2025-02-01"), True, "mpm", "goals_met", "well done"),
        events.StepCompleted("meetings", day("2025-02-01"), "done"),
        events.StepEntered("evaluation", day("2025-03-03")),
    ).in_step("evaluation")


def test_a_round_still_open_closes_with_it_without_a_miss() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-07"))
    story.when(closed("2025-04-10", "goals_met")).then(
        events.TermEnded,
        events.FeedbackClosed(1, ("protege",)),
        events.StepCompleted("meetings", day("2025-04-10"), "done"),
        events.StepEntered("evaluation", day("2025-05-10")),
    )
    story.when(sweep("2025-05-01")).then()


def test_completed_early_and_terminated_are_never_mixed() -> None:
    story = given(a_pair_in("meetings"), closed("2025-02-10", "goals_met"))
    story.when(evaluation("mentor", "2025-02-11"), evaluation("protege", "2025-02-11")).in_step("completed")
    assert story.history(events.PairingClosedEarly) == []


def test_goals_met_in_evaluation_completes_the_pairing() -> None:
    story = given(a_pair_in("evaluation")).when(closed("2025-04-12", "goals_met"))
    story.then(events.PairingCompleted(day("2025-04-12"), ("mentor", "protege"), "mpm", "goals_met", None))


def test_neither_the_reason_nor_who_closed_it_can_be_changed_afterwards() -> None:
    given(a_pair_in("closed_early")).when(closed("2025-01-10", "mismatch")).refused("ended")


# The review


def test_an_early_closing_is_reviewed_once() -> None:
    story = given(a_pair_in("closed_early")).when(reviewed("2025-01-10"))
    story.then(events.ClosureReviewed("mpm", "rematch", None), like(events.FlagCleared, signal="closed_early"))
    story.when(reviewed("2025-01-11")).refused("reviewed already")
    assert story.pairing().due == {}


def test_a_review_is_missed_fourteen_days_after_the_closing_was_recorded() -> None:
    story = given(a_pair_in("closed_early")).when(sweep("2025-01-24T00:00+00:00"))
    story.then(events.DeadlineMissed("closure_review", day("2025-01-23")))
    story.when(reviewed("2025-01-25")).then(events.ClosureReviewed, like(events.FlagCleared, signal="closed_early"))
    assert story.pairing().misses == {"closure_review": day("2025-01-23")}


def test_a_completed_pairing_is_not_reviewed() -> None:
    given(a_pair_in("completed")).when(reviewed("2025-05-01")).refused("ended")


def test_a_term_that_ends_without_a_meeting_is_closed_by_the_clock_and_reviewed() -> None:
    story = given(a_pair_in("first_meeting")).when(sweep("2026-01-06"), reviewed("2026-01-07"))
    story.then(events.ClosureReviewed, like(events.FlagCleared, signal="closed_early"))


def test_a_closing_frees_both_for_another_pairing() -> None:
    story = given(a_pair_in("meetings"), closed("2025-02-01")).when(proposed("2025-02-02", pairing="b"))
    assert story.last.disposition == "accepted"
