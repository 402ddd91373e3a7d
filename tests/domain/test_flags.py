"""Section 6: the nine signals, when each is raised, what clears it, and who looked."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from tests.domain.story import (
    Like,
    a_pair_in,
    acknowledged,
    approved,
    both_signed,
    closed,
    day,
    evaluation,
    feedback,
    given,
    goals,
    held,
    like,
    line,
    missed,
    paused,
    resumed,
    reviewed,
    sweep,
    waived,
)


def raised(signal: str) -> Like:
    return like(events.FlagRaised, signal=signal)


def cleared(signal: str) -> Like:
    return like(events.FlagCleared, signal=signal)


# blocked


@pytest.mark.parametrize(
    ("step", "detail"),
    [
        ("registration", "the registration is not complete: waiting for the mentor and the protege"),
        ("assessment", "the competency assessment is not complete: waiting for the protege"),
        ("workshop", "the mentoring workshop is not complete: waiting for the mentor and the protege"),
        ("goals", "the agreement on goals is not complete: waiting for the mentor and the protege"),
    ],
)
def test_blocked_is_raised_when_a_meeting_is_parked_and_names_the_step_and_who_is_missing(
    step: str, detail: str
) -> None:
    story = given(a_pair_in(step)).when(held("2025-01-07"))
    story.parked().recorded(events.FlagRaised("blocked", f"they meet, but {detail}"), at="2025-01-07")


def test_blocked_names_only_who_is_still_missing() -> None:
    story = given(a_pair_in("registration"), approved("m", "2025-01-07")).when(held("2025-01-08"))
    assert "waiting for the protege" in story.pairing().flags["blocked"].detail


def test_a_meeting_missed_that_is_parked_blocks_nothing() -> None:
    given(a_pair_in("goals")).when(missed("2025-01-07")).parked().recorded()


def test_blocked_is_raised_once_and_caused_by_the_fact_that_was_parked() -> None:
    story = given(a_pair_in("goals"), held("2025-01-07"))
    (flag,) = [one for one in story.streams["pairing-a"] if type(one.event) is events.FlagRaised]
    assert flag.cause is not None
    assert flag.cause.data == held("2025-01-07").data
    story.when(held("2025-01-08")).parked().recorded()


def test_blocked_is_cleared_on_entering_first_meeting_before_the_meeting_is_recorded() -> None:
    story = given(a_pair_in("goals"), held("2025-01-07")).when(goals("2025-01-09"))
    story.then(
        events.GoalsAgreed,
        events.StepCompleted("goals", day("2025-01-09"), "done"),
        events.StepEntered("first_meeting", day("2025-01-23")),
        cleared("blocked"),
        like(events.MeetingHeld, held_on=day("2025-01-07")),
    )


# never_started


def test_never_started_is_raised_four_weeks_after_the_first_meeting_could_be_held() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-02-06")).when(sweep("2025-02-07T00:00+00:00"))
    story.then(
        like(events.FlagRaised, signal="never_started"),
        like(events.FlagRaised, signal="overdue"),
        at="2025-02-07T00:00+00:00",
    )


def test_never_started_is_cleared_by_the_first_meeting() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-02-07")).when(held("2025-02-08"))
    story.then(
        events.MeetingHeld,
        like(events.FlagCleared, signal="never_started"),
        like(events.FlagCleared, signal="overdue"),
    )


# silent


def test_silent_is_raised_after_forty_five_days_without_a_meeting() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-26")).when(sweep("2025-02-27T00:00+00:00"))
    story.then(events.FlagRaised("silent", "no meeting held since 2025-01-13"), at="2025-02-27T00:00+00:00")


def test_silent_is_raised_in_feedback_too() -> None:
    story = given(a_pair_in("feedback", Policy(silent_days=5))).when(sweep("2025-04-09"))
    story.then(like(events.FlagRaised, signal="silent")).in_step("feedback")


def test_silent_is_cleared_by_a_meeting_that_moves_its_date_past_the_present() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-27")).when(held("2025-02-28"))
    story.then(events.MeetingHeld, like(events.FlagCleared, signal="silent"))


def test_silent_stays_after_a_meeting_that_lies_too_far_back() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-04-05"))
    story.when(held("2025-04-05", on="2025-02-19"))
    assert "silent" in story.flags()  # 2025-02-19 and 45 days is 2025-04-05, which has begun
    story.when(held("2025-04-05", on="2025-02-20"))
    assert "silent" not in story.flags()


def test_silent_can_be_raised_again() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-27"), held("2025-02-28")).when(sweep("2025-04-14"))
    assert len([one for one in story.history(events.FlagRaised) if one == raised("silent")]) == 2


def test_silent_is_not_raised_before_step_6_nor_in_step_8() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required")), held("2025-01-13"), sweep("2025-06-01"))
    assert "silent" not in story.flags()
    story = given(a_pair_in("evaluation"), sweep("2025-05-25"))
    assert "silent" not in story.flags()


# meetings_missed


def test_meetings_missed_is_raised_at_the_second_in_a_row_and_cleared_by_a_meeting() -> None:
    story = given(a_pair_in("meetings")).when(missed("2025-01-20")).then(events.MeetingMissed)
    story.when(missed("2025-01-27")).then(
        events.MeetingMissed, events.FlagRaised("meetings_missed", "2 planned meetings in a row were missed")
    )
    story.when(missed("2025-02-03")).then(events.MeetingMissed)
    story.when(held("2025-02-10")).then(events.MeetingHeld, like(events.FlagCleared, signal="meetings_missed"))
    story.when(missed("2025-02-17")).then(events.MeetingMissed)


def test_a_meeting_held_told_in_between_breaks_the_row() -> None:
    story = given(a_pair_in("meetings"), missed("2025-01-20"), held("2025-01-21"))
    story.when(missed("2025-01-27")).then(events.MeetingMissed)


def test_meetings_missed_in_step_5_count_and_in_step_8_do_not() -> None:
    story = given(a_pair_in("first_meeting"), missed("2025-01-12")).when(missed("2025-01-13"))
    assert story.flags() == ["meetings_missed"]
    story = given(a_pair_in("evaluation"), missed("2025-04-11"), missed("2025-04-12"))
    assert story.flags() == []


def test_one_missed_meeting_is_enough_where_the_policy_says_so() -> None:
    given(a_pair_in("meetings", Policy(missed_in_a_row=1))).when(missed("2025-01-20")).then(
        events.MeetingMissed, like(events.FlagRaised, signal="meetings_missed")
    )


# overdue


@pytest.mark.parametrize(
    ("step", "due"),
    [("registration", "2025-01-20"), ("assessment", "2025-01-20"), ("goals", "2025-01-20")],
)
def test_overdue_is_raised_fourteen_days_after_the_due_date_of_the_current_step(step: str, due: str) -> None:
    story = given(a_pair_in(step), sweep("2025-02-02T23:59+00:00")).when(sweep("2025-02-03T00:00+00:00"))
    story.then(
        events.FlagRaised("overdue", f"{step} was due on {due} and is still not met"), at="2025-02-03T00:00+00:00"
    )


def test_overdue_is_cleared_by_meeting_the_deadline() -> None:
    story = given(a_pair_in("goals"), sweep("2025-02-03")).when(goals("2025-02-04"))
    story.then(events.GoalsAgreed, like(events.FlagCleared, signal="overdue"), events.StepCompleted, events.StepEntered)


def test_overdue_is_cleared_by_a_waiver() -> None:
    story = given(a_pair_in("goals"), sweep("2025-02-03")).when(waived("goals", "2025-02-04"))
    story.then(
        events.RequirementWaived,
        like(events.FlagCleared, signal="overdue"),
        events.StepCompleted,
        events.StepEntered,
    )


def test_a_rescission_comes_before_the_flag_is_cleared() -> None:
    story = given(a_pair_in("goals"), sweep("2025-02-03")).when(goals("2025-02-04", on="2025-01-20"))
    story.then(
        events.GoalsAgreed,
        events.DeadlineMissRescinded,
        like(events.FlagCleared, signal="overdue"),
        events.StepCompleted,
        events.StepEntered,
    )


def test_the_contract_settled_before_the_first_meeting_leaves_what_is_overdue() -> None:
    story = given(a_pair_in("first_meeting"), sweep("2025-02-07"), both_signed("2025-02-07"))
    assert story.flags() == ["never_started", "overdue"]
    story.when(held("2025-02-08"))
    assert story.flags() == []


def test_a_late_first_meeting_clears_overdue_and_a_contract_still_unsigned_can_raise_it_again() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required")), sweep("2025-02-07"), held("2025-02-08"))
    story.when(sweep("2025-03-08T00:00+00:00"))
    assert story.events()[-1] == events.FlagRaised("overdue", "contract was due on 2025-02-22 and is still not met")


# feedback_missing


def test_feedback_missing_names_the_quarter_and_who_gave_none() -> None:
    story = given(a_pair_in("feedback")).when(sweep("2025-04-21"))
    assert story.events()[-1] == events.FlagRaised(
        "feedback_missing", "quarter 1: no feedback from the mentor and the protege"
    )


def test_feedback_missing_is_cleared_by_the_next_round_that_both_give_in_time() -> None:
    story = given(a_pair_in("feedback"), sweep("2025-07-06"), feedback("mentor", "2025-07-07", 2))
    assert "feedback_missing" in story.flags()
    story.when(feedback("protege", "2025-07-08", 2)).then(
        like(events.FeedbackGiven, late=False),
        like(events.FlagCleared, signal="feedback_missing"),
        events.FeedbackClosed(2, ()),
    )


def test_feedback_missing_is_not_cleared_by_an_earlier_miss_being_rescinded() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-07"), sweep("2025-07-21"))
    assert story.pairing().rounds[2].missed
    story.when(feedback("protege", "2025-04-20", 1))
    assert like(events.DeadlineMissRescinded, quarter=1) in story.events()
    assert "feedback_missing" in story.flags()
    story.when(feedback("protege", "2025-07-20", 2), feedback("mentor", "2025-07-20", 2))
    assert "feedback_missing" not in story.flags()


def test_feedback_missing_is_raised_once_while_it_is_open() -> None:
    story = given(a_pair_in("feedback")).when(sweep("2025-10-30"))
    assert len([one for one in story.history(events.FlagRaised) if one == raised("feedback_missing")]) == 1


def test_a_round_that_both_give_late_does_not_clear_feedback_missing() -> None:
    # Told far ahead while the pairing stood in an earlier step, the second quarter's feedback waits and is late.
    policy = Policy(feedback_every_months=1, feedback_days=5, goals_days=200, silent_days=300, meeting_gap_days=300)
    story = given(a_pair_in("goals", policy))
    story.when(feedback("mentor", "2025-04-25", 2), feedback("protege", "2025-04-25", 2))
    story.when(waived("goals", "2025-01-08"), waived("contract", "2025-01-08"), held("2025-01-08"))
    story.when(sweep("2025-03-06"))
    assert story.history(events.FeedbackGiven) == [like(events.FeedbackGiven, late=True)] * 2
    assert story.history(events.FeedbackClosed)[:2] == [
        events.FeedbackClosed(1, ("mentor", "protege")),
        events.FeedbackClosed(2, ()),
    ]
    assert story.flags() == ["feedback_missing"]


# low_rating


def test_low_rating_is_raised_by_a_role_s_latest_feedback_and_cleared_when_no_latest_is_low() -> None:
    story = given(a_pair_in("feedback")).when(feedback("mentor", "2025-04-07", satisfaction=2))
    story.then(
        events.FeedbackGiven,
        events.FlagRaised("low_rating", "the latest feedback of the mentor rates satisfaction low"),
    )
    story.when(feedback("protege", "2025-04-08", satisfaction=1)).then(events.FeedbackGiven, events.FeedbackClosed)
    story.when(sweep("2025-07-06"), feedback("mentor", "2025-07-07", 2, satisfaction=3))
    assert "low_rating" in story.flags()
    story.when(feedback("protege", "2025-07-07", 2, satisfaction=3)).then(
        events.FeedbackGiven, like(events.FlagCleared, signal="low_rating"), events.FeedbackClosed
    )


def test_a_round_closes_before_a_low_rating_is_raised() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-07"))
    story.when(feedback("protege", "2025-04-08", satisfaction=1)).then(
        events.FeedbackGiven, events.FeedbackClosed, like(events.FlagRaised, signal="low_rating")
    )


def test_feedback_of_an_earlier_quarter_told_later_is_not_the_latest() -> None:
    story = given(a_pair_in("feedback"), sweep("2025-07-06"), feedback("mentor", "2025-07-07", 2))
    story.when(feedback("mentor", "2025-07-08", 1, satisfaction=1)).then(like(events.FeedbackGiven, late=True))
    assert "low_rating" not in story.flags()


@pytest.mark.parametrize(("low", "flagged"), [(1, False), (3, True), (5, True)])
def test_what_is_low_is_the_programme_s_own_figure(low: int, *, flagged: bool) -> None:
    story = given(a_pair_in("feedback", Policy(low_rating=low)), feedback("mentor", "2025-04-07", satisfaction=3))
    assert ("low_rating" in story.flags()) is flagged


# reporting_line


def test_reporting_line_is_raised_when_the_mentor_becomes_the_direct_manager_and_cleared_by_the_next_change() -> None:
    story = given(a_pair_in("meetings")).when(line("e", "2025-02-01", "person-m"))
    story.then(like(events.FlagRaised, signal="reporting_line"))
    story.when(line("e", "2025-02-02", "person-m")).then()
    story.when(line("e", "2025-02-03", None)).then(like(events.FlagCleared, signal="reporting_line"))
    story.when(line("e", "2025-02-04", "somebody")).then()


def test_the_mentor_s_own_line_raises_nothing() -> None:
    given(a_pair_in("meetings")).when(line("m", "2025-02-01", "person-e")).then()


# closed_early, and the end of all flags


def test_an_early_closing_names_the_open_flags_clears_them_and_raises_its_own() -> None:
    story = given(
        a_pair_in("meetings"), missed("2025-01-20"), missed("2025-01-21"), line("e", "2025-01-22", "person-m")
    )
    story.when(closed("2025-01-23", note="no match")).then(
        events.PairingClosedEarly(
            "no_time", "mpm", day("2025-01-23"), "meetings", ("meetings_missed", "reporting_line"), "no match"
        ),
        events.FlagCleared("meetings_missed", "ended"),
        events.FlagCleared("reporting_line", "ended"),
        events.FlagRaised("closed_early", "closed by mpm: no_time"),
    )


def test_closed_early_is_cleared_by_the_review() -> None:
    story = given(a_pair_in("closed_early")).when(reviewed("2025-01-10"))
    story.then(events.ClosureReviewed, like(events.FlagCleared, signal="closed_early"))


def test_completing_clears_every_open_flag() -> None:
    story = given(a_pair_in("evaluation"), line("e", "2025-04-11", "person-m"), evaluation("mentor", "2025-04-11"))
    story.when(evaluation("protege", "2025-04-12"))
    assert story.events()[-1] == events.FlagCleared("reporting_line", "ended")
    assert story.flags() == []


def test_the_term_s_end_leaves_what_it_does_not_settle() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-07", satisfaction=1))
    story.when(closed("2025-04-10", "goals_met")).in_step("evaluation")
    assert story.flags() == ["low_rating"]


# Acknowledging


def test_acknowledging_records_who_looked_and_does_not_clear() -> None:
    story = given(a_pair_in("meetings"), line("e", "2025-02-01", "person-m"))
    story.when(acknowledged("reporting_line", "2025-02-02")).then(
        events.FlagAcknowledged("reporting_line", "mpm", "I will call them")
    )
    assert story.pairing().flags["reporting_line"].acknowledged


def test_a_signal_that_is_not_open_cannot_be_acknowledged() -> None:
    given(a_pair_in("meetings")).when(acknowledged("silent", "2025-02-02")).refused("no flag silent is open")


def test_the_flag_of_an_early_closing_can_be_acknowledged_after_the_end() -> None:
    given(a_pair_in("closed_early")).when(acknowledged("closed_early", "2025-01-10")).then(events.FlagAcknowledged)


def test_the_date_of_a_flag_that_is_open_is_no_longer_pending_and_does_not_move_with_a_pause() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-27"), paused("2025-02-28"), resumed("2025-03-10"))
    assert story.flags() == ["silent"]
    assert story.pairing().silent_on == day("2025-02-27")
