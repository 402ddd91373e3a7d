"""Section 4, pausing: time stands still, what is pending moves later, and nothing decided is undone."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from tests.domain.story import (
    a_pair_in,
    closed,
    day,
    evaluation,
    feedback,
    given,
    goals,
    held,
    like,
    paused,
    resumed,
    signed,
    sweep,
    waived,
)

# While paused


def test_while_paused_time_causes_nothing() -> None:
    given(a_pair_in("goals"), paused("2025-01-08")).when(sweep("2027-01-01")).then()


def test_facts_are_accepted_during_a_pause() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08"))
    story.when(goals("2025-01-09")).then(events.GoalsAgreed, events.StepCompleted, events.StepEntered)
    story.when(held("2025-01-10")).then(events.MeetingHeld)


def test_nothing_given_during_a_pause_is_late_whose_due_date_was_not_past_on_paused_on() -> None:
    story = given(a_pair_in("feedback"), paused("2025-04-20"))
    story.when(feedback("mentor", "2025-05-20")).then(like(events.FeedbackGiven, late=False))
    story = given(a_pair_in("feedback"), sweep("2025-04-21"), paused("2025-04-21"))
    story.when(feedback("mentor", "2025-05-20")).then(like(events.FeedbackGiven, late=True))


def test_an_evaluation_given_during_a_pause_is_not_late() -> None:
    story = given(a_pair_in("evaluation"), paused("2025-05-01"))
    story.when(evaluation("mentor", "2025-07-01")).then(like(events.EvaluationGiven, late=False))


def test_a_step_completed_during_a_pause_is_on_time_though_its_due_date_went_by() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-20"), goals("2025-03-01"))
    assert story.pairing().done["goals"].on_time
    assert story.pairing().done["goals"].completed_on == day("2025-03-01")


# Resuming


def test_on_resuming_every_pending_date_moves_later_by_the_days_of_the_pause() -> None:
    story = given(a_pair_in("feedback"), paused("2025-04-08"))
    before = story.pairing()
    story.when(resumed("2025-04-18")).then(events.PairingResumed(day("2025-04-18"), 10))
    after = story.pairing()
    assert before.due == {"meeting": day("2025-05-05"), "feedback": day("2025-04-20")}
    assert after.due == {"meeting": day("2025-05-15"), "feedback": day("2025-04-30")}
    assert (before.silent_on, after.silent_on) == (day("2025-05-19"), day("2025-05-29"))
    assert (before.ends_on, after.ends_on) == (day("2026-01-06"), day("2026-01-16"))
    assert (before.quarter_on(2), after.quarter_on(2)) == (day("2025-07-06"), day("2025-07-16"))


def test_the_days_are_those_from_paused_on_to_resumed_on_whenever_they_were_told() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-15", on="2025-01-07"))
    story.when(resumed("2025-01-19", on="2025-01-17")).then(events.PairingResumed(day("2025-01-17"), 10))
    assert story.pairing().due == {"goals": day("2025-01-30")}


def test_a_due_date_missed_before_stays_and_its_overdue_flag_moves() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-25"), paused("2025-01-25"), resumed("2025-02-04"))
    story.when(sweep("2025-02-12T23:59+00:00")).then()
    story.when(sweep("2025-02-13T00:00+00:00")).then(
        events.FlagRaised("overdue", "goals was due on 2025-01-20 and is still not met")
    )


def test_the_never_started_flag_moves_with_the_pause() -> None:
    story = given(a_pair_in("first_meeting"), paused("2025-01-11"), resumed("2025-03-01"))
    assert story.pairing().never_started_on == day("2025-03-28")
    story.when(sweep("2025-03-15T00:00+00:00")).then(events.DeadlineMissed("first_meeting", day("2025-03-14")))


def test_the_end_of_the_grace_moves_even_where_the_due_date_stays() -> None:
    story = given(a_pair_in("evaluation"), sweep("2025-05-12"), paused("2025-05-12"), resumed("2025-05-22"))
    assert story.pairing().missed == {"evaluation": day("2025-05-10")}
    assert story.pairing().grace_on == day("2025-06-19")
    story.when(sweep("2025-06-19"))
    assert like(events.PairingCompleted, completed_on=day("2025-06-19")) in story.events()


def test_the_whole_pause_moves_dates_that_were_set_during_it_too() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08"), goals("2025-01-18"), resumed("2025-01-28"))
    assert story.pairing().due == {"first_meeting": day("2025-02-21")}


def test_a_skipped_quarter_is_judged_by_its_date_as_the_pauses_moved_it() -> None:
    story = given(a_pair_in("first_meeting"), paused("2025-01-11"), resumed("2025-02-10"))
    story.when(waived("contract", "2025-04-20"), held("2025-04-20")).in_step("meetings")
    story.when(sweep("2025-05-06")).then(events.FeedbackOpened(1, day("2025-05-20")))


# A pause with an end


def test_a_pause_with_until_ends_by_itself_at_the_start_of_that_date() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08", until="2025-01-18"))
    story.when(sweep("2025-01-17T23:59+00:00")).then()
    story.when(sweep("2025-01-18T00:00+00:00")).then(
        events.PairingResumed(day("2025-01-18"), 10), at="2025-01-18T00:00+00:00"
    )


def test_they_may_be_back_before_until() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08", until="2025-01-18"))
    story.when(resumed("2025-01-12")).then(events.PairingResumed(day("2025-01-12"), 4))
    story.when(sweep("2025-01-20")).then()


def test_a_return_told_after_until_has_passed_is_refused_if_it_is_not_later() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08", until="2025-01-18"))
    story.when(resumed("2025-01-19", on="2025-01-18")).refused("resumed on 2025-01-18").recorded(
        events.PairingResumed(day("2025-01-18"), 10)
    )


def test_a_pause_told_after_its_until_ends_at_once_at_the_clock() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-18", on="2025-01-08", until="2025-01-13"))
    assert story.pairing().paused
    story.when(sweep("2025-01-18")).then(events.PairingResumed(day("2025-01-13"), 5), at="2025-01-18")


# Told late


def test_a_pause_does_not_undo_what_time_has_decided() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22"))
    story.when(paused("2025-01-23", on="2025-01-10")).then(events.PairingPaused)
    story.when(resumed("2025-02-09")).then(events.PairingResumed(day("2025-02-09"), 30))
    assert story.pairing().missed == {"goals": day("2025-01-20")}


def test_what_a_pause_told_late_keeps_from_being_late_rescinds_the_miss_as_dated_on_its_due_date() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22"), paused("2025-01-23", on="2025-01-10"))
    story.when(goals("2025-01-24")).then(
        events.GoalsAgreed,
        events.DeadlineMissRescinded("goals", day("2025-01-20"), day("2025-01-20")),
        events.StepCompleted("goals", day("2025-01-24"), "done"),
        events.StepEntered,
    )
    assert story.pairing().done["goals"].on_time


def test_a_meeting_held_during_a_pause_told_late_rescinds_the_monthly_miss() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-14"), paused("2025-02-15", on="2025-02-01"))
    story.when(held("2025-02-16")).then(
        like(events.MeetingHeld, next_due_on=day("2025-03-19")),
        events.DeadlineMissRescinded("meeting", day("2025-02-13"), day("2025-02-13")),
    )


def test_feedback_given_during_a_pause_told_late_rescinds_the_round_s_miss() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-10"), sweep("2025-04-21"))
    story.when(paused("2025-04-22", on="2025-04-15"))
    story.when(feedback("protege", "2025-04-23")).then(
        like(events.FeedbackGiven, late=False),
        events.DeadlineMissRescinded("feedback", day("2025-04-20"), day("2025-04-20"), 1),
        like(events.FlagCleared, signal="feedback_missing"),
    )


def test_a_first_meeting_in_a_pause_told_after_it_is_on_time() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-01-25"), held("2025-01-26"))
    story.when(paused("2025-01-27", on="2025-01-20"), signed("mentor", "2025-01-28"), signed("protege", "2025-01-28"))
    assert story.pairing().done["first_meeting"].on_time


# Closing in a pause


def test_a_pairing_may_close_while_it_is_paused_and_its_review_is_due_all_the_same() -> None:
    story = given(a_pair_in("meetings"), paused("2025-01-20"))
    story.when(closed("2025-01-25")).then(events.PairingClosedEarly, events.FlagRaised)
    story.when(sweep("2025-02-09")).then(events.DeadlineMissed("closure_review", day("2025-02-08")))


def test_goals_met_in_a_pause_leads_into_an_evaluation_that_the_pause_moves_later() -> None:
    story = given(a_pair_in("meetings"), paused("2025-01-20"))
    story.when(closed("2025-01-25", "goals_met")).in_step("evaluation")
    story.when(sweep("2025-06-01")).then()
    story.when(resumed("2025-06-01"))
    assert story.pairing().due == {"evaluation": day("2025-07-06")}
    story.when(evaluation("mentor", "2025-07-06")).then(like(events.EvaluationGiven, late=False))


def test_a_round_that_was_over_before_the_pause_is_not_moved_by_it() -> None:
    # Goals met on 2025-04-10; the round's feedback stays due on 04-20, and they pause after that.
    story = given(a_pair_in("evaluation"), paused("2025-05-01", on="2025-04-25"), resumed("2025-05-05"))
    story.when(feedback("mentor", "2025-04-26")).then(like(events.FeedbackGiven, late=True))


def test_a_round_that_was_not_over_is_moved_though_the_term_has_ended() -> None:
    story = given(a_pair_in("evaluation"), paused("2025-05-01", on="2025-04-15"), resumed("2025-05-05"))
    story.when(feedback("mentor", "2025-05-10")).then(like(events.FeedbackGiven, late=False))


# Refused, parked


def test_a_second_pause_is_refused() -> None:
    given(a_pair_in("goals"), paused("2025-01-08")).when(paused("2025-01-09")).refused("paused already")


def test_a_pause_before_the_proposal_is_refused() -> None:
    given(a_pair_in("goals")).when(paused("2025-01-08", on="2025-01-05")).refused("before the proposal")


@pytest.mark.parametrize(("on", "taken"), [("2025-01-11", False), ("2025-01-12", True)])
def test_a_pause_before_the_last_resumption_is_refused(on: str, *, taken: bool) -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08"), resumed("2025-01-12"))
    story.when(paused("2025-01-14", on=on))
    assert story.last.disposition == ("accepted" if taken else "refused")


def test_a_resumption_before_its_pause_is_refused() -> None:
    given(a_pair_in("goals"), paused("2025-01-10")).when(resumed("2025-01-11", on="2025-01-09")).refused(
        "before paused_on"
    )


def test_a_pause_of_no_days_is_a_pause() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-10"))
    story.when(resumed("2025-01-10")).then(events.PairingResumed(day("2025-01-10"), 0))


def test_a_resumption_told_while_not_paused_is_parked_until_the_pause_is_told() -> None:
    story = given(a_pair_in("goals")).when(resumed("2025-01-12")).parked()
    story.when(paused("2025-01-13", on="2025-01-09")).then(
        like(events.PairingPaused, paused_on=day("2025-01-09")),
        events.PairingResumed(day("2025-01-12"), 3),
        at="2025-01-13",
    ).settled((type(resumed("2025-01-12").data), "accepted"))


def test_a_resumption_parked_from_before_the_pause_is_refused_when_the_pause_is_told() -> None:
    story = given(a_pair_in("goals"), resumed("2025-01-08")).when(paused("2025-01-13"))
    assert [one.disposition for one in story.last.settled] == ["refused"]
    assert story.pairing().paused


def test_a_resumption_told_while_not_paused_is_refused_if_it_is_not_after_the_last_one() -> None:
    story = given(a_pair_in("goals"), paused("2025-01-08"), resumed("2025-01-12"))
    story.when(resumed("2025-01-13", on="2025-01-12")).refused("not paused")
    story.when(resumed("2025-01-13")).parked()


def test_a_pause_makes_the_parked_facts_be_tried_again() -> None:
    story = given(a_pair_in("goals", Policy(goals_days=100)), held("2025-01-20", on="2025-01-10"))
    assert story.flags() == ["blocked"]
    story.when(paused("2025-01-21")).then(events.PairingPaused)
    assert story.place("pairing-a").waiting
    story.when(resumed("2025-01-25"), signed("mentor", "2025-01-26")).parked()
