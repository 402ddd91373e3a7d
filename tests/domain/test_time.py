"""Section 4: when a fact takes effect, what is decided before it, and what time alone causes, in which order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from domain import events
from domain.facts import Fact
from domain.passing_of_time import next_instant
from domain.policy import Policy
from tests.domain.story import (
    READY,
    Sweep,
    a_pair_in,
    approved,
    assessed,
    changed,
    closed,
    day,
    evaluation,
    feedback,
    given,
    goals,
    held,
    instant,
    left,
    like,
    line,
    opened,
    paused,
    people,
    progressed,
    proposed,
    signed,
    sweep,
    trained,
    waived,
)

# When a fact takes effect


def test_a_fact_takes_effect_at_its_own_time() -> None:
    given(a_pair_in("goals")).when(goals("2025-01-10T08:30+01:00")).then(
        events.GoalsAgreed, events.StepCompleted, events.StepEntered, at="2025-01-10T07:30+00:00"
    )


def test_a_fact_told_late_takes_effect_at_the_stream_s_clock_and_keeps_its_business_date() -> None:
    story = given(a_pair_in("meetings"), held("2025-02-10"))
    story.when(held("2025-01-20")).then(like(events.MeetingHeld, held_on=day("2025-01-20")), at="2025-02-10")


def test_at_never_goes_back_within_a_stream() -> None:
    story = given(a_pair_in("feedback"), held("2025-02-20"), feedback("mentor", "2025-03-01"), sweep("2025-12-01"))
    for stream in story.streams.values():
        assert all(earlier.at <= later.at for earlier, later in pairwise(stream))


@pytest.mark.parametrize(
    "fact",
    [
        goals("2025-01-20", on="2025-01-21"),
        held("2025-01-20", on="2025-01-21"),
        signed("mentor", "2025-01-20", on="2025-01-21"),
        paused("2025-01-20", on="2025-01-21"),
        closed("2025-01-20", on="2025-01-21"),
    ],
    ids=lambda fact: fact.type.rsplit(".", 1)[1],
)
@pytest.mark.parametrize("step", ["registration", "meetings", "completed"])
def test_a_business_date_after_the_fact_is_refused_before_anything_else_is_considered(step: str, fact: Fact) -> None:
    story = given(a_pair_in(step))
    story.when(fact).refused("lies after 2025-01-20")


def test_a_participant_s_business_dates_may_not_lie_ahead_either() -> None:
    story = given(a_pair_in("assessment"))
    story.when(assessed("e", "2025-01-20", on="2025-01-21")).refused("assessed_on 2025-01-21 lies after 2025-01-20")
    story.when(trained("e", "2025-01-20", on="2025-01-21")).refused("attended_on 2025-01-21 lies after 2025-01-20")


def test_the_date_of_a_fact_is_its_calendar_date_in_the_programme_s_zone() -> None:
    story = given(a_pair_in("meetings", zone="Asia/Tokyo"))
    story.when(held("2025-01-20T15:30+00:00", on="2025-01-21")).then(events.MeetingHeld)
    story.when(held("2025-01-21T14:30+00:00", on="2025-01-22")).refused("lies after 2025-01-21")


def test_a_waiver_and_feedback_are_dated_the_day_on_which_they_were_told() -> None:
    story = given(a_pair_in("feedback", zone="America/New_York"))
    story.when(feedback("mentor", "2025-04-21T03:00+00:00")).then(
        like(events.FeedbackGiven, given_on=day("2025-04-20"), late=False)
    )


def test_facts_with_the_same_time_take_effect_in_order_of_arrival() -> None:
    story = given(a_pair_in("meetings"), progressed("2025-02-01", 10), progressed("2025-02-01", 60))
    assert [like(events.GoalProgressed, percent=10), like(events.GoalProgressed, percent=60)] == story.history(
        events.GoalProgressed
    )


# What is decided before it


def test_what_time_caused_up_to_the_fact_is_decided_first() -> None:
    given(a_pair_in("goals")).when(goals("2025-01-21T00:00+00:00")).then(
        events.DeadlineMissed("goals", day("2025-01-20")),
        events.GoalsAgreed,
        events.StepCompleted,
        events.StepEntered,
        at="2025-01-21T00:00+00:00",
    )


def test_a_refused_fact_brings_its_pairing_forward_all_the_same() -> None:
    story = given(a_pair_in("goals")).when(evaluation("mentor", "2025-01-22"))
    story.parked().recorded(events.DeadlineMissed("goals", day("2025-01-20")))
    story = given(a_pair_in("goals")).when(waived("assessment", "2025-01-22"))
    story.refused("completed already").recorded(events.DeadlineMissed("goals", day("2025-01-20")))


@pytest.mark.parametrize(
    "fact",
    [changed("m", "2025-01-22", department="x"), line("m", "2025-01-22", "boss"), approved("m", "2025-01-22")],
    ids=["accepted", "line", "refused"],
)
def test_a_participant_s_fact_brings_all_their_active_pairings_forward_whatever_it_changes(fact: Fact) -> None:
    story = given(opened(), READY, people("e2"), proposed(), proposed(pairing="b", protege="e2"))
    story.when(fact)
    for pairing in ("pairing-a", "pairing-b"):
        story.recorded(events.DeadlineMissed("goals", day("2025-01-20")), stream=pairing)


def test_a_proposal_brings_the_pairings_of_both_its_participants_forward() -> None:
    story = given(opened(), READY, people("e2"), proposed())
    story.when(proposed("2025-01-22", pairing="b", protege="e2")).recorded(
        events.DeadlineMissed("goals", day("2025-01-20"))
    )


@pytest.mark.parametrize("pairing", ["a", "b"])
def test_a_refused_proposal_brings_them_forward_too(pairing: str) -> None:
    story = given(opened(), READY, people("m2", "e2"), proposed(), proposed(pairing="b", mentor="m2", protege="e2"))
    story.when(proposed("2025-01-22", pairing=pairing, mentor="m", protege="e2"))
    assert story.last.disposition == "refused"
    for stream in ("pairing-a", "pairing-b"):
        story.recorded(events.DeadlineMissed("goals", day("2025-01-20")), stream=stream)


def test_what_arrives_later_finds_decisions_made_on_what_was_known() -> None:
    story = given(a_pair_in("workshop"), sweep("2025-02-06"), trained("m", "2025-01-20"))
    story.when(trained("e", "2025-01-20")).then()
    assert story.pairing().done["workshop"].outcome == "lapsed"


# What time alone causes


def test_a_missed_meeting_moves_the_next_due_date_by_the_gap() -> None:
    story = given(a_pair_in("meetings")).when(sweep("2025-03-18"))
    assert story.history(events.DeadlineMissed) == [
        events.DeadlineMissed("meeting", day("2025-02-13")),
        events.DeadlineMissed("meeting", day("2025-03-16")),
    ]
    assert story.pairing().due["meeting"] == day("2025-04-16")


def test_a_missed_feedback_closes_the_round_and_names_the_missing_roles() -> None:
    story = given(a_pair_in("feedback"), feedback("mentor", "2025-04-10"))
    story.when(sweep("2025-04-21T00:00+00:00")).then(
        events.DeadlineMissed("feedback", day("2025-04-20"), 1, ("protege",)),
        events.FeedbackClosed(1, ("protege",)),
        like(events.FlagRaised, signal="feedback_missing"),
        at="2025-04-21T00:00+00:00",
    ).in_step("meetings")


def test_deadlines_come_before_flags_and_flags_before_a_quarter_at_the_same_instant() -> None:
    # Meeting due on 2025-04-05; silent on 04-06; the first quarter is dated 04-06.
    policy = Policy(meeting_gap_days=50, silent_days=51, feedback_every_months=3)
    story = given(a_pair_in("meetings", policy), held("2025-02-14")).when(sweep("2025-04-06T00:00+00:00"))
    story.then(
        events.DeadlineMissed("meeting", day("2025-04-05")),
        like(events.FlagRaised, signal="silent"),
        events.FeedbackOpened(1, day("2025-04-20")),
        at="2025-04-06T00:00+00:00",
    )


def test_deadlines_at_the_same_instant_come_in_the_order_listed() -> None:
    # Feedback and meeting both due on 2025-04-20.
    story = given(a_pair_in("feedback", Policy(meeting_gap_days=69)), held("2025-04-06", on="2025-02-10"))
    story.when(sweep("2025-04-21"))
    missed = story.history(events.DeadlineMissed)
    assert [like(events.DeadlineMissed, deadline="feedback")] == missed
    story = given(a_pair_in("feedback", Policy(meeting_gap_days=16))).when(sweep("2025-04-21"))
    assert [event.deadline for event in story.history(events.DeadlineMissed) if hasattr(event, "deadline")][-2:] == [
        "meeting",
        "feedback",
    ]


def test_flags_at_the_same_instant_come_in_order_of_their_names() -> None:
    # first_meeting entered on 2025-01-10, due on 01-24, overdue on 01-26 and never started on 01-26.
    policy = Policy(never_started_days=16, overdue_days=2)
    story = given(a_pair_in("first_meeting", policy), sweep("2025-01-25")).when(sweep("2025-01-26"))
    story.then(like(events.FlagRaised, signal="never_started"), like(events.FlagRaised, signal="overdue"))


def test_the_grace_comes_before_the_term_and_after_the_deadline() -> None:
    policy = Policy(evaluation_days=10, evaluation_grace_days=1)
    story = given(a_pair_in("evaluation", policy)).when(sweep("2025-04-21"))
    story.then(
        events.DeadlineMissed("evaluation", day("2025-04-20"), None, ("mentor", "protege")),
        events.PairingCompleted(day("2025-04-21"), ("mentor", "protege")),
        at="2025-04-21T00:00+00:00",
    )


def test_the_next_instant_is_that_of_the_earliest_thing_to_come_and_none_after_an_end() -> None:
    assert next_instant(given(a_pair_in("goals")).pairing()) == instant("2025-01-21T00:00+00:00")
    assert next_instant(given(a_pair_in("completed")).pairing()) is None


# Whoever sweeps, and however often


def test_the_stream_is_the_same_whether_a_worker_ran_every_day_or_never() -> None:
    log = [
        held("2025-02-20"),
        paused("2025-03-01", until="2025-03-20"),
        held("2025-04-15"),
        feedback("protege", "2025-05-20"),
        left("m", "2025-11-20"),
    ]
    once, daily = given(a_pair_in("meetings")), given(a_pair_in("meetings"))
    once.when(*log)
    day_by_day = [sweep(f"2025-{month:02}-{number:02}") for month in range(1, 12) for number in range(1, 29)]
    told: list[Fact | Sweep] = [*log, *day_by_day]
    told.sort(key=lambda one: one.until if isinstance(one, Sweep) else one.time)
    daily.when(*told)
    for story in (once, daily):
        story.when(sweep("2026-03-01"))
    assert [(one.event, one.at) for one in daily.streams["pairing-a"]] == [
        (one.event, one.at) for one in once.streams["pairing-a"]
    ]


def test_time_that_is_behind_the_clock_is_decided_at_the_clock() -> None:
    # Goals met long ago: the evaluation's deadline and grace are over as soon as time goes on.
    story = given(a_pair_in("feedback"), closed("2025-04-10", "goals_met", on="2025-02-01")).in_step("evaluation")
    story.when(sweep("2025-04-10")).in_step("completed").then(
        like(events.DeadlineMissed, deadline="evaluation", due_on=day("2025-03-03")),
        like(events.FlagRaised, signal="overdue"),
        like(events.PairingCompleted, completed_on=day("2025-04-02")),
        events.FlagCleared("overdue", "ended"),
        at="2025-04-10",
    )


def test_time_goes_on_to_where_a_released_fact_moved_the_clock() -> None:
    # The goals that waited were told on 2025-05-01; they take effect then, and what time caused by then is decided.
    story = given(a_pair_in("workshop"), goals("2025-01-20")).when(sweep("2025-02-06T00:00+00:00"))
    assert story.pairing().step == "first_meeting"
    policy = Policy(registration_days=300, assessment_days=300, workshop_days=300, goals_days=300, overdue_days=300)
    story = given(a_pair_in("assessment", policy), goals("2025-05-01"))
    story.when(assessed("e", "2025-01-10"), trained("m", "2025-01-10"), trained("e", "2025-01-10"))
    assert story.pairing().clock == instant("2025-05-01")
    assert story.pairing().due == {"first_meeting": day("2025-05-15")}


def test_pairings_brought_forward_together_go_in_the_order_of_what_time_causes() -> None:
    story = given(opened(), READY, people("e2"), proposed(ends_on="2025-03-01"))
    story.when(proposed(pairing="b", protege="e2", ends_on="2025-02-01"), sweep("2025-03-01", "a", "b"))
    story.then(events.PairingLeft("b"), events.PairingLeft("a"), stream="participant-m")
    at = [one.at for one in story.last.recorded]
    assert at == sorted(at)
