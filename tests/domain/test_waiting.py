"""Section 5: facts that come too early wait, are tried again in their order, and are settled when the pairing ends."""

from __future__ import annotations

import pytest

from domain import events, facts
from domain.policy import Policy
from tests.domain.story import (
    READY,
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
    like,
    missed,
    opened,
    paused,
    people,
    programme_closed,
    progressed,
    proposed,
    registered,
    resumed,
    reviewed,
    signed,
    sweep,
    trained,
)

PATIENT = Policy(
    registration_days=300,
    assessment_days=300,
    workshop_days=300,
    goals_days=300,
    first_meeting_days=300,
    overdue_days=300,
)

# Tried again


def test_parked_facts_are_tried_oldest_arrival_first_when_a_step_is_entered() -> None:
    story = given(a_pair_in("goals"), held("2025-01-08"), signed("mentor", "2025-01-08"), held("2025-01-07"))
    story.when(signed("protege", "2025-01-08")).parked()
    story.when(goals("2025-01-09")).settled(
        (facts.MeetingHeld, "accepted"),
        (facts.ContractSigned, "accepted"),
        (facts.MeetingHeld, "accepted"),
        (facts.ContractSigned, "accepted"),
    )
    assert [event.held_on for event in story.events() if isinstance(event, events.MeetingHeld)] == [
        day("2025-01-08"),
        day("2025-01-07"),
    ]


def test_from_the_oldest_anew_after_each_that_is_accepted() -> None:
    # The evaluation arrived first; the meeting and the contract let the pair go on, then the evaluation still waits.
    story = given(a_pair_in("goals"), evaluation("mentor", "2025-01-07"), progressed("2025-01-07", 30, "g2"))
    story.when(signed("mentor", "2025-01-08"), signed("protege", "2025-01-08"), held("2025-01-08"))
    story.when(goals("2025-01-09")).settled(
        (facts.GoalProgressed, "refused"),  # there is no goal g2
        (facts.ContractSigned, "accepted"),
        (facts.ContractSigned, "accepted"),
        (facts.MeetingHeld, "accepted"),
    )
    assert [type(one.fact.data) for one in story.place("pairing-a").waiting] == [facts.EvaluationGiven]


def test_a_released_fact_takes_effect_at_the_clock_of_that_moment() -> None:
    story = given(a_pair_in("goals"), held("2025-01-07")).when(goals("2025-01-09"))
    assert {one.at.isoformat() for one in story.last.recorded} == {"2025-01-09T12:00:00+00:00"}


def test_or_at_its_own_time_if_that_is_later_and_nothing_is_brought_forward_in_between() -> None:
    story = given(a_pair_in("registration", PATIENT), goals("2025-05-01"), missed("2025-06-01"))
    story.when(*[one for one in READY if one.stream.startswith("participant")][2:])
    times = {type(one.event): one.at.date() for one in story.streams["pairing-a"]}
    assert times[events.GoalsAgreed] == day("2025-05-01")
    assert times[events.MeetingMissed] == day("2025-06-01")
    assert story.pairing().entered_on == day("2025-05-01")


def test_a_fact_that_is_parked_again_moves_no_clock() -> None:
    story = given(a_pair_in("registration", PATIENT), evaluation("mentor", "2025-03-01"))
    story.when(approved("m", "2025-01-07"), approved("e", "2025-01-08"))
    assert story.pairing().clock.date() == day("2025-01-08")


def test_one_that_is_parked_again_raises_blocked_at_the_clock() -> None:
    story = given(opened(PATIENT), registered("m"), registered("e"))
    story.when(held("2025-03-01")).parked()
    story.when(proposed())
    assert story.events()[-1] == like(events.FlagRaised, signal="blocked")
    assert story.last.recorded[-1].at.date() == day("2025-01-06")


def test_a_meeting_that_comes_too_early_raises_blocked_at_its_own_time() -> None:
    story = given(a_pair_in("goals", PATIENT)).when(held("2025-02-01"))
    assert story.pairing().clock.date() == day("2025-02-01")


def test_waiting_facts_are_tried_before_time_goes_on() -> None:
    # The workshop lapses on 2025-02-06; the goals that waited take effect at once, before goals could be missed.
    story = given(a_pair_in("workshop"), goals("2025-01-20"), held("2025-01-21")).when(sweep("2025-12-01"))
    at = {type(one.event): one.at.date() for one in story.streams["pairing-a"]}
    assert at[events.GoalsAgreed] == at[events.MeetingHeld] == day("2025-02-06")
    assert not [
        one for one in story.history(events.DeadlineMissed) if one == like(events.DeadlineMissed, deadline="goals")
    ]


def test_opening_a_quarter_tries_what_waits() -> None:
    story = given(a_pair_in("meetings"), feedback("mentor", "2025-01-20"))
    story.when(sweep("2025-04-06")).settled((facts.FeedbackGiven, "accepted"))


def test_ending_the_term_tries_what_waits() -> None:
    story = given(a_pair_in("meetings"), evaluation("mentor", "2025-01-20"))
    story.when(closed("2025-01-25", "goals_met")).settled((facts.EvaluationGiven, "accepted"))


@pytest.mark.parametrize("fact", [missed("2025-01-08"), progressed("2025-01-08", 10), signed("mentor", "2025-01-08")])
def test_what_belongs_to_a_later_step_is_parked_with_a_reason(fact: facts.Fact) -> None:
    story = given(a_pair_in("goals")).when(fact).parked()
    assert "step 4, goals" in (story.last.reason or "")


# When the pairing ends


def test_when_the_pairing_ends_what_is_parked_is_tried_a_last_time_and_then_refused() -> None:
    story = given(
        a_pair_in("goals"),
        held("2025-01-07"),
        evaluation("mentor", "2025-01-07"),
        resumed("2025-01-08"),
        reviewed("2025-01-08"),
        held("2025-01-09"),
        feedback("mentor", "2025-01-09"),
    )
    story.when(closed("2025-01-10", on="2025-01-08")).then(
        like(events.PairingClosedEarly, open_flags=("blocked",)),
        events.FlagCleared("blocked", "ended"),
        like(events.FlagRaised, signal="closed_early"),
        like(events.MeetingHeld, held_on=day("2025-01-07")),
        events.ClosureReviewed,
        like(events.FlagCleared, signal="closed_early"),
    )
    story.settled(
        (facts.MeetingHeld, "accepted"),
        (facts.EvaluationGiven, "refused"),
        (facts.PairingResumed, "refused"),
        (facts.ClosureReviewed, "accepted"),
        (facts.MeetingHeld, "refused"),  # held after the day it was closed on
        (facts.FeedbackGiven, "refused"),
    )
    assert not story.place("pairing-a").waiting


def test_a_closure_review_waits_for_its_closing_and_is_refused_when_the_pairing_completes() -> None:
    story = given(a_pair_in("evaluation"), reviewed("2025-04-11")).when(closed("2025-04-12"))
    story.settled((facts.ClosureReviewed, "refused"))


def test_nothing_waits_for_a_pairing_that_has_ended() -> None:
    for end in ("completed", "closed_early"):
        for fact in (evaluation("mentor", "2025-06-01"), resumed("2025-06-01"), reviewed("2025-06-01")):
            assert given(a_pair_in(end)).tell(fact).disposition != "parked"


# Waiting for a subject to appear


def test_facts_about_an_unknown_subject_wait_for_it() -> None:
    story = given()
    story.when(approved("m")).parked("participant-m")
    story.when(goals("2025-01-10")).parked("pairing-a")
    story.when(programme_closed("2025-06-01")).parked("programme-p")
    story.when(registered("m")).parked("programme-p")
    story.when(proposed()).parked("programme-p")


def test_everything_told_in_the_wrong_order_comes_right_when_the_programme_opens() -> None:
    story = given()
    log = [goals("2025-01-10"), proposed(), *reversed(READY)]
    for fact in log:
        assert story.tell(fact).disposition == "parked"
    story.when(opened()).in_step("first_meeting")
    assert not any(place.waiting for place in story.places.values())
    # A registration that was parked arrived after the approval, and so on: all are settled in one decision.
    assert {one.disposition for one in story.last.settled} <= {"accepted", "parked"}


def test_a_proposal_waits_for_one_participant_and_then_for_the_other() -> None:
    story = given(opened()).when(proposed()).parked("participant-m")
    story.when(registered("m")).settled((facts.PairingProposed, "parked"))
    assert story.place("participant-e").waiting
    story.when(registered("e", when="2025-01-07")).settled((facts.PairingProposed, "accepted"))
    assert story.pairing().clock.date() == day("2025-01-07")  # the latest of its time and both clocks
    assert story.pairing().proposed_on == day("2025-01-06")


def test_what_waited_for_a_participant_is_tried_in_order_of_arrival() -> None:
    story = given(opened(), assessed("e"), proposed(), registered("m"), approved("m"), trained("m"))
    story.when(registered("e"))
    assert [type(one) for one in story.events("participant-e")] == [
        events.ParticipantRegistered,
        events.CompetenciesAssessed,
        events.PairingJoined,
    ]
    story.in_step("registration")


def test_a_change_to_an_unknown_participant_waits() -> None:
    story = given(opened(), changed("m", "2025-01-03", capacity=1)).when(registered("m"))
    assert story.participant("m").capacity == 1


# A refused proposal bars its pairing


def test_when_a_proposal_is_refused_what_waited_for_the_pairing_is_refused_with_it() -> None:
    story = given(opened(), people("e"), registered("m", person="person-e"), goals("2025-01-10"))
    story.when(proposed("2025-01-11")).refused("same person").settled((facts.GoalsAgreed, "refused"))
    assert "same person" in (story.last.settled[0].reason or "")


def test_and_so_is_what_comes_later_until_a_proposal_of_that_id_is_accepted() -> None:
    story = given(opened(), people("e", "m2"), registered("m", person="person-e"))
    story.when(proposed()).refused("same person")
    story.when(goals("2025-01-10")).refused("the proposal of pairing a was refused")
    story.when(proposed("2025-01-11", mentor="m2"), goals("2025-01-12"))
    assert story.last.disposition == "accepted"


def test_a_proposal_that_waited_and_is_refused_when_tried_bars_its_pairing() -> None:
    story = given(opened(), people("e"), proposed(), goals("2025-01-10"))
    story.when(registered("m", role="protege")).settled(
        (facts.GoalsAgreed, "refused"), (facts.PairingProposed, "refused")
    )
    story.when(held("2025-01-12")).refused("was refused")


def test_a_second_proposal_of_an_id_that_exists_bars_nothing() -> None:
    story = given(a_pair_in("goals")).when(proposed("2025-01-07")).refused("exists already")
    story.when(goals("2025-01-08"))
    assert story.last.disposition == "accepted"


def test_two_proposals_of_one_id_that_wait_are_tried_in_order_and_the_second_is_refused() -> None:
    story = given(opened(), people("m", "m2"), proposed(), proposed(mentor="m2")).when(registered("e"))
    story.settled((facts.PairingProposed, "accepted"), (facts.PairingProposed, "refused"))
    assert story.pairing().mentor == "m"


def test_a_pause_told_before_the_proposal_waits_for_it() -> None:
    story = given(opened(), READY).when(paused("2025-01-08")).parked()
    story.when(proposed())
    assert story.pairing().paused
