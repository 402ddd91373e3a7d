"""Section 2 and the table of section 5: the eight steps, the ways between them, and what a fact finds in each."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from domain.steps import ENDS, FACTS, MACHINE, NEXT, STATES, STEPS, WAYS, judge, move
from tests.domain.story import (
    READY,
    a_pair_in,
    acknowledged,
    approved,
    assessed,
    both_signed,
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
    progressed,
    proposed,
    registered,
    resumed,
    reviewed,
    signed,
    sweep,
    trained,
    waived,
)

TRIGGERS = sorted({way.trigger for way in WAYS})


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fact", FACTS)
def test_the_machine_and_the_table_give_every_fact_the_same_verdict_in_every_state(fact: str, state: str) -> None:
    assert judge(fact, state) == FACTS[fact][state]
    machine_takes = [one.source for one in MACHINE.get_transitions(f"take_{fact}")]
    assert (state in machine_takes) == (FACTS[fact][state] == "taken")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_the_machine_and_the_table_know_the_same_ways(trigger: str, state: str) -> None:
    assert move(trigger, state) == NEXT.get((trigger, state))


def test_no_way_leads_out_of_an_end() -> None:
    assert not [way for way in WAYS if way.source in ENDS]


def test_every_step_can_be_reached_from_the_first_and_leads_to_an_end() -> None:
    reached = {"registration"}
    for _ in STATES:
        reached |= {way.dest for way in WAYS if way.source in reached}
    assert reached == set(STATES)
    assert {way.source for way in WAYS} == set(STEPS)


def test_every_step_but_evaluation_can_be_closed_early() -> None:
    assert {way.source for way in WAYS if way.dest == "closed_early"} == set(STEPS) - {"evaluation"}


# A fact told to a pairing in each state does what the table says: here in words, beside the table itself

LATER = "2025-04-12"
TOLD = {
    "goals_agreed": goals(LATER),
    "meeting_held": held(LATER, on="2025-01-09"),
    "meeting_missed": missed(LATER, on="2025-01-09"),
    "contract_signed": signed("mentor", LATER),
    "goal_progressed": progressed(LATER, 50),
    "feedback_given": feedback("mentor", LATER, quarter=2),
    "evaluation_given": evaluation("mentor", LATER),
    "waived": waived("goals", LATER),
    "paused": paused(LATER),
    "resumed": resumed(LATER),
    "closed": closed(LATER),
    "flag_acknowledged": acknowledged("low_rating", LATER),
    "closure_reviewed": reviewed(LATER),
}
SLOW = Policy(
    registration_days=300,
    assessment_days=300,
    workshop_days=300,
    goals_days=300,
    first_meeting_days=300,
    meeting_gap_days=300,
    silent_days=300,
    never_started_days=300,
)
W, OK, NO = "parked", "accepted", "refused"
FOUND = {
    # registration, assessment, workshop, goals, first_meeting, meetings, feedback, evaluation, completed, closed_early
    "goals_agreed": (W, W, W, OK, OK, OK, OK, NO, NO, NO),
    "meeting_held": (W, W, W, W, OK, OK, OK, OK, OK, OK),
    "meeting_missed": (W, W, W, W, OK, OK, OK, OK, OK, OK),
    "contract_signed": (W, W, W, W, OK, NO, NO, NO, NO, NO),  # from meetings on this mentor has signed already
    "goal_progressed": (W, W, W, W, OK, OK, OK, OK, NO, NO),
    "feedback_given": (W, W, W, W, W, W, W, NO, NO, NO),  # quarter 2 has opened nowhere, and never opens after 7
    "evaluation_given": (W, W, W, W, W, W, W, OK, NO, NO),  # completed: this mentor gave it already
    "waived": (OK, OK, OK, OK, NO, NO, NO, NO, NO, NO),
    "paused": (OK, OK, OK, OK, OK, OK, OK, OK, NO, NO),
    "resumed": (W, W, W, W, W, W, W, W, NO, NO),
    "closed": (OK, OK, OK, OK, OK, OK, OK, OK, NO, NO),
    "flag_acknowledged": (NO,) * 10,  # no such flag is open
    "closure_reviewed": (W, W, W, W, W, W, W, W, NO, OK),
}


@pytest.mark.parametrize(
    ("fact", "state", "disposition"),
    [(fact, state, found) for fact, row in FOUND.items() for state, found in zip(STATES, row, strict=True)],
)
def test_what_a_fact_finds_in_each_state(fact: str, state: str, disposition: str) -> None:
    assert given(a_pair_in(state, SLOW)).tell(TOLD[fact]).disposition == disposition


def test_a_fact_refused_has_a_reason_and_changes_nothing() -> None:
    story = given(a_pair_in("evaluation"))
    before = story.place("pairing-a")
    story.when(goals("2025-04-12")).refused("step 8, evaluation").recorded()
    assert story.place("pairing-a") == before


# From step to step


def test_a_proposal_enters_registration_due_fourteen_days_later() -> None:
    given(opened(), registered("m"), registered("e")).when(proposed()).then(
        like(events.PairingProposed, mentor="m", protege="e", proposed_on=day("2025-01-06"), ends_on=day("2026-01-06")),
        events.StepEntered("registration", day("2025-01-20")),
        at="2025-01-06",
    )


def test_registration_is_completed_when_both_are_approved() -> None:
    story = given(a_pair_in("registration")).when(approved("m", "2025-01-08")).then()
    story.when(approved("e", "2025-01-09")).then(
        events.StepCompleted("registration", day("2025-01-09"), "done"),
        events.StepEntered("assessment", day("2025-01-23")),
    )


def test_assessment_is_completed_by_the_protege_s_alone() -> None:
    story = given(a_pair_in("assessment")).when(assessed("m", "2025-01-07")).then()
    story.when(assessed("e", "2025-01-08", on="2025-01-07")).then(
        events.StepCompleted("assessment", day("2025-01-07"), "done"),
        events.StepEntered("workshop", day("2025-02-07")),
    )


def test_assessed_by_both_asks_for_the_mentor_s_assessment_too() -> None:
    story = given(a_pair_in("assessment", Policy(assessed_by="both"))).when(assessed("e", "2025-01-07")).then()
    story.when(assessed("m", "2025-01-09", on="2025-01-08")).then(
        events.StepCompleted("assessment", day("2025-01-08"), "done"), events.StepEntered
    )


def test_the_workshop_is_completed_when_both_attended() -> None:
    story = given(a_pair_in("workshop")).when(trained("m", "2025-01-20")).then()
    story.when(trained("e", "2025-01-21", on="2025-01-15")).then(
        events.StepCompleted("workshop", day("2025-01-20"), "done"),
        events.StepEntered("goals", day("2025-02-04")),
    )


def test_goals_agreed_complete_goals() -> None:
    given(a_pair_in("goals")).when(goals("2025-01-10", on="2025-01-09")).then(
        like(events.GoalsAgreed, agreed_on=day("2025-01-09")),
        events.StepCompleted("goals", day("2025-01-09"), "done"),
        events.StepEntered("first_meeting", day("2025-01-24")),
    )


def test_the_first_meeting_waits_for_the_contract_fourteen_days_after_it() -> None:
    story = (
        given(a_pair_in("first_meeting"))
        .when(held("2025-01-13"))
        .then(like(events.MeetingHeld, held_on=day("2025-01-13"), next_due_on=None))
    )
    assert story.pairing().due == {"contract": day("2025-01-27")}
    story.when(signed("mentor", "2025-01-14")).then(events.ContractSigned("mentor", day("2025-01-14")))
    story.when(signed("protege", "2025-01-15")).then(
        events.ContractSigned("protege", day("2025-01-15")),
        events.StepCompleted("first_meeting", day("2025-01-15"), "done"),
        events.StepEntered("meetings", day("2025-02-13")),
    )


def test_a_contract_signed_first_waits_for_the_meeting() -> None:
    given(a_pair_in("first_meeting"), both_signed("2025-01-11")).when(held("2025-01-13")).then(
        events.MeetingHeld,
        events.StepCompleted("first_meeting", day("2025-01-13"), "done"),
        events.StepEntered("meetings", day("2025-02-13")),
    )


def test_the_quarter_s_feedback_of_both_leads_back_to_meetings() -> None:
    story = given(a_pair_in("feedback")).in_step("feedback")
    story.when(feedback("mentor", "2025-04-07")).then(like(events.FeedbackGiven, late=False)).in_step("feedback")
    story.when(feedback("protege", "2025-04-08")).then(
        like(events.FeedbackGiven, late=False), events.FeedbackClosed(1, ())
    ).in_step("meetings")


def test_the_term_s_end_leads_into_evaluation_due_thirty_days_later() -> None:
    story = given(a_pair_in("meetings", Policy(term_months=1))).when(sweep("2025-02-06T00:00+00:00"))
    story.then(
        events.TermEnded(day("2025-02-06"), False),
        events.StepCompleted("meetings", day("2025-02-06"), "done"),
        events.StepEntered("evaluation", day("2025-03-08")),
    )


def test_the_evaluation_of_both_completes_the_pairing() -> None:
    story = given(a_pair_in("evaluation"), evaluation("mentor", "2025-04-11"))
    story.when(evaluation("protege", "2025-04-13")).then(
        like(events.EvaluationGiven, late=False),
        events.StepCompleted("evaluation", day("2025-04-13"), "done"),
        events.PairingCompleted(day("2025-04-13"), ()),
    ).in_step("completed")


@pytest.mark.parametrize("step", [step for step in STEPS if step != "evaluation"])
def test_from_every_step_before_evaluation_a_closing_ends_it_early(step: str) -> None:
    when, on = ("2025-04-12", "2025-04-09") if step == "feedback" else ("2025-03-12", "2025-03-09")
    story = given(a_pair_in(step, SLOW)).when(closed(when, on=on)).in_step("closed_early")
    story.then(
        events.PairingClosedEarly("no_time", "mpm", day(on), step, (), None),
        events.FlagRaised("closed_early", "closed by mpm: no_time"),
    )


def test_entering_cascades_through_every_step_whose_requirement_is_met() -> None:
    given(opened(), READY).when(proposed()).then(
        events.PairingProposed,
        events.StepEntered("registration", day("2025-01-20")),
        events.StepCompleted("registration", day("2025-01-06"), "done"),
        events.StepEntered("assessment", day("2025-01-20")),
        events.StepCompleted("assessment", day("2025-01-06"), "done"),
        events.StepEntered("workshop", day("2025-02-05")),
        events.StepCompleted("workshop", day("2025-01-06"), "done"),
        events.StepEntered("goals", day("2025-01-20")),
    )
