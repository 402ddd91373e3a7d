"""Section 2: what is required, suggested, off or waived, and how each settles a step or the contract."""

from __future__ import annotations

from typing import Any

import pytest

from domain import events
from domain.fact_data import Requirement
from domain.pairing import Done
from domain.policy import Policy
from tests.domain.story import (
    READY,
    Story,
    a_pair_in,
    approved,
    assessed,
    both_signed,
    day,
    given,
    goals,
    held,
    like,
    opened,
    proposed,
    registered,
    signed,
    sweep,
    trained,
    waived,
)

EVIDENCE = {
    "assessment": [assessed("e", "2025-03-20")],
    "workshop": [trained("m", "2025-03-20"), trained("e", "2025-03-20")],
    "goals": [goals("2025-03-20")],
}


def completed(story: Story, step: str) -> Done:
    return story.pairing().done[step]


# required


@pytest.mark.parametrize(("step", "due"), [("assessment", "2025-01-20"), ("workshop", "2025-02-05")])
def test_a_required_step_waits_and_its_deadline_is_missed_if_late(step: str, due: str) -> None:
    policy = Policy(assessment="required", workshop="required")
    story = given(a_pair_in(step, policy)).when(sweep("2025-02-06"))
    assert story.history(events.DeadlineMissed) == [events.DeadlineMissed(step, day(due))]
    story.in_step(step)
    story.when(*EVIDENCE[step]).in_step("goals" if step == "workshop" else "workshop")
    assert completed(story, step) == Done(day("2025-03-20"), "done", on_time=False)


@pytest.mark.parametrize("step", ["registration", "goals", "first_meeting"])
def test_registration_goals_and_the_first_meeting_are_missed_once_and_stay_pending(step: str) -> None:
    story = given(a_pair_in(step)).when(sweep("2025-12-01"))
    assert [like(events.DeadlineMissed, deadline=step)] == story.history(events.DeadlineMissed)
    assert list(story.pairing().missed) == [step]
    story.in_step(step)


def test_due_on_a_day_is_missed_at_the_start_of_the_next() -> None:
    story = given(a_pair_in("goals")).when(sweep("2025-01-20T23:59:59+00:00")).then()
    story.when(sweep("2025-01-21T00:00+00:00")).then(
        events.DeadlineMissed("goals", day("2025-01-20")), at="2025-01-21T00:00+00:00"
    )


# suggested


@pytest.mark.parametrize(("step", "due"), [("assessment", "2025-01-20"), ("workshop", "2025-02-05")])
def test_a_suggested_step_waits_until_its_due_date_and_then_lapses_which_is_no_miss(step: str, due: str) -> None:
    story = given(a_pair_in(step, Policy(assessment="suggested"))).when(sweep(due)).in_step(step)
    story.when(sweep("2025-02-06T00:00+00:00"))
    assert story.history(events.DeadlineMissed) == []
    assert completed(story, step).outcome == "lapsed"


def test_a_lapse_is_dated_the_day_on_which_it_is_recorded() -> None:
    story = given(a_pair_in("workshop")).when(sweep("2025-02-06T00:00+00:00"))
    story.then(
        events.StepCompleted("workshop", day("2025-02-06"), "lapsed"),
        events.StepEntered("goals", day("2025-02-20")),
        at="2025-02-06T00:00+00:00",
    )


def test_a_suggested_contract_lapses_fourteen_days_after_the_first_meeting() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-15", on="2025-01-13"))
    story.when(sweep("2025-01-28T00:00+00:00")).then(
        events.ContractLapsed(day("2025-01-27")),
        events.StepCompleted("first_meeting", day("2025-01-28"), "done"),
        events.StepEntered("meetings", day("2025-02-13")),
    )


# off


@pytest.mark.parametrize("step", ["assessment", "workshop"])
def test_a_step_that_is_off_is_completed_the_moment_it_is_entered_and_is_never_due(step: str) -> None:
    policy = Policy(assessment="off" if step == "assessment" else "required", workshop="off")
    story = given(opened(policy), READY[:5] if step == "workshop" else READY[:4], proposed())
    assert events.StepEntered(step, None) in story.history()
    assert completed(story, step) == Done(day("2025-01-06"), "off", on_time=True)


def test_a_contract_that_is_off_lets_the_first_meeting_complete_the_step_at_once() -> None:
    given(a_pair_in("first_meeting", Policy(contract="off"))).when(held("2025-01-13")).then(
        events.MeetingHeld,
        events.StepCompleted("first_meeting", day("2025-01-13"), "done"),
        events.StepEntered("meetings", day("2025-02-13")),
    )


@pytest.mark.parametrize("step", ["goals", "first_meeting"])
def test_nobody_signs_a_contract_that_is_off(step: str) -> None:
    given(a_pair_in(step, Policy(contract="off"))).when(signed("mentor", "2025-01-11")).refused("no contract")


# The contract in every order


def test_a_required_contract_is_missed_and_still_awaited() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required")), held("2025-01-13"))
    story.when(sweep("2025-01-28")).then(events.DeadlineMissed("contract", day("2025-01-27"))).in_step("first_meeting")
    story.when(signed("mentor", "2025-02-01")).then(events.ContractSigned)
    story.when(signed("protege", "2025-02-02", on="2025-02-01")).then(
        events.ContractSigned,
        events.StepCompleted("first_meeting", day("2025-02-01"), "done"),
        events.StepEntered,
    )


def test_a_missed_contract_that_both_had_signed_in_time_is_rescinded() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required")), held("2025-01-13"), sweep("2025-01-28"))
    story.when(signed("mentor", "2025-01-29", on="2025-01-20")).then(events.ContractSigned)
    story.when(signed("protege", "2025-01-29", on="2025-01-21")).then(
        events.ContractSigned,
        events.DeadlineMissRescinded("contract", day("2025-01-27"), day("2025-01-21")),
        events.StepCompleted("first_meeting", day("2025-01-21"), "done"),
        events.StepEntered,
    )


def test_a_contract_signed_after_it_lapsed_is_recorded_and_moves_nothing() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-13"), sweep("2025-01-28"), signed("mentor", "2025-02-01"))
    story.when(signed("protege", "2025-02-01")).then(events.ContractSigned)
    story.when(signed("protege", "2025-02-02")).refused("signed the contract already")
    assert completed(story, "first_meeting").completed_on == day("2025-01-28")


def test_a_contract_signed_by_one_alone_lapses_all_the_same() -> None:
    story = given(a_pair_in("first_meeting"), held("2025-01-13"), signed("mentor", "2025-01-13"))
    story.when(sweep("2025-01-28")).then(events.ContractLapsed, events.StepCompleted, events.StepEntered)
    story.when(signed("protege", "2025-01-29", on="2025-01-13")).then(events.ContractSigned)


def test_a_contract_once_waived_is_not_signed() -> None:
    story = given(a_pair_in("first_meeting"), signed("mentor", "2025-01-11"), waived("contract", "2025-01-12"))
    story.when(signed("protege", "2025-01-13")).refused("waived")


@pytest.mark.parametrize("step", ["registration", "assessment", "workshop", "goals", "first_meeting"])
def test_a_contract_may_be_waived_before_and_during_its_step(step: str) -> None:
    story = given(a_pair_in(step)).when(waived("contract", "2025-01-12"))
    story.then(events.RequirementWaived("contract", "mpm", "has it already", day("2025-01-12"))).in_step(step)


def test_a_waiver_of_the_contract_after_the_first_meeting_completes_the_step() -> None:
    given(a_pair_in("first_meeting"), held("2025-01-13")).when(waived("contract", "2025-01-15")).then(
        events.RequirementWaived,
        events.StepCompleted("first_meeting", day("2025-01-15"), "done"),
        events.StepEntered("meetings", day("2025-02-13")),
    )


def test_a_waiver_of_a_missed_contract_clears_its_flag_and_rescinds_nothing() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required")), held("2025-01-13"), sweep("2025-02-10"))
    assert story.flags() == ["overdue"]
    story.when(waived("contract", "2025-02-11")).then(
        events.RequirementWaived,
        like(events.FlagCleared, signal="overdue"),
        events.StepCompleted("first_meeting", day("2025-02-11"), "done"),
        events.StepEntered,
    )


@pytest.mark.parametrize("how", ["signed", "lapsed"])
def test_a_contract_that_is_settled_is_not_waived(how: str) -> None:
    story = given(a_pair_in("first_meeting"))
    if how == "signed":
        story.when(*both_signed("2025-01-12"))
    else:
        story.when(held("2025-01-13"), sweep("2025-01-28"))
    story.when(waived("contract", "2025-01-29")).refused(f"settled already: {how}")


def test_a_contract_is_not_waived_in_evaluation() -> None:
    story = given(a_pair_in("first_meeting", Policy(contract="required", term_months=1)), held("2025-01-13"))
    story.when(sweep("2025-02-07")).in_step("evaluation")
    story.when(waived("contract", "2025-02-08")).refused("too late")


# Waivers of steps


@pytest.mark.parametrize("step", ["assessment", "workshop", "goals"])
def test_a_waiver_during_the_step_settles_it_at_once(step: Requirement) -> None:
    story = given(a_pair_in(step)).when(waived(step, "2025-01-08"))
    story.then(
        events.RequirementWaived(step, "mpm", "has it already", day("2025-01-08")),
        events.StepCompleted(step, day("2025-01-08"), "waived"),
        events.StepEntered,
    )


@pytest.mark.parametrize("step", ["assessment", "workshop", "goals"])
def test_a_waiver_before_the_step_settles_it_when_it_is_entered(step: Requirement) -> None:
    story = given(a_pair_in("registration"), waived(step, "2025-01-08")).in_step("registration")
    story.when(approved("m", "2025-01-08"), approved("e", "2025-01-08"))
    story.when(assessed("e", "2025-01-08"), trained("m", "2025-01-08"), trained("e", "2025-01-08"))
    assert completed(story, step) == Done(day("2025-01-08"), "waived", on_time=True)


@pytest.mark.parametrize("step", ["assessment", "workshop"])
def test_where_the_evidence_is_there_when_the_step_is_entered_the_outcome_is_done(step: Requirement) -> None:
    story = given(opened(), registered("m"), registered("e"), proposed(), waived(step, "2025-01-08"))
    story.when(assessed("e", "2025-01-09"), trained("m", "2025-01-09"), trained("e", "2025-01-09"))
    story.when(approved("m", "2025-01-10"), approved("e", "2025-01-10")).in_step("goals")
    assert completed(story, step).outcome == "done"


def test_where_it_is_not_there_the_outcome_is_waived_and_dated_not_before_the_step_was_entered() -> None:
    story = given(a_pair_in("registration"), waived("assessment", "2025-01-07"))
    story.when(approved("m", "2025-01-10"), approved("e", "2025-01-11")).in_step("workshop")
    assert completed(story, "assessment") == Done(day("2025-01-11"), "waived", on_time=True)


@pytest.mark.parametrize("requirement", ["assessment", "workshop", "goals", "contract"])
def test_a_second_waiver_of_the_same_is_refused(requirement: Requirement) -> None:
    story = given(a_pair_in("registration"), waived(requirement, "2025-01-08"))
    story.when(waived(requirement, "2025-01-09")).refused("waived already")


@pytest.mark.parametrize("requirement", ["assessment", "workshop", "contract"])
def test_what_is_off_is_not_waived(requirement: Requirement) -> None:
    level: dict[str, Any] = {requirement: "off"}
    policy = Policy(**level)
    given(a_pair_in("registration", policy)).when(waived(requirement, "2025-01-08")).refused("does not ask")


@pytest.mark.parametrize("requirement", ["assessment", "workshop", "goals"])
def test_a_step_that_is_completed_is_not_waived_any_more(requirement: Requirement) -> None:
    given(a_pair_in("meetings")).when(waived(requirement, "2025-02-08")).refused("completed already")


def test_a_waiver_rescinds_no_miss() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22"))
    story.when(waived("goals", "2025-01-23")).then(
        events.RequirementWaived, events.StepCompleted("goals", day("2025-01-23"), "waived"), events.StepEntered
    )
    assert story.pairing().misses == {"goals": day("2025-01-20")}


def test_a_waiver_told_late_is_dated_the_day_on_which_it_was_said() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22"))
    story.when(waived("goals", "2025-01-19")).then(
        events.RequirementWaived("goals", "mpm", "has it already", day("2025-01-19")),
        events.StepCompleted("goals", day("2025-01-19"), "waived"),
        events.StepEntered("first_meeting", day("2025-02-04")),
        at="2025-01-21T00:00+00:00",
    )


def test_goals_agreed_after_they_were_waived_are_the_first_list() -> None:
    story = given(a_pair_in("goals"), waived("goals", "2025-01-08"))
    story.when(goals("2025-01-10")).then(events.GoalsAgreed).in_step("first_meeting")
    story.when(goals("2025-01-11")).then(events.GoalsRevised)


# Evidence that comes late


def test_late_evidence_dated_in_time_rescinds_the_miss_which_stays_in_the_stream() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22")).when(goals("2025-01-23", on="2025-01-20"))
    story.then(
        events.GoalsAgreed,
        events.DeadlineMissRescinded("goals", day("2025-01-20"), day("2025-01-20")),
        events.StepCompleted("goals", day("2025-01-20"), "done"),
        events.StepEntered("first_meeting", day("2025-02-06")),
    )
    assert story.history(events.DeadlineMissed) == [events.DeadlineMissed("goals", day("2025-01-20"))]
    assert completed(story, "goals").on_time


def test_late_evidence_dated_after_the_due_date_rescinds_nothing() -> None:
    story = given(a_pair_in("goals"), sweep("2025-01-22")).when(goals("2025-01-23", on="2025-01-21"))
    story.then(events.GoalsAgreed, events.StepCompleted, events.StepEntered)
    assert not completed(story, "goals").on_time


def test_a_step_s_miss_is_rescinded_only_where_all_of_the_evidence_is_dated_in_time() -> None:
    policy = Policy(workshop="required")
    story = given(a_pair_in("workshop", policy), sweep("2025-02-07"))
    story.when(trained("m", "2025-02-08", on="2025-02-01"), trained("e", "2025-02-08", on="2025-02-06"))
    assert completed(story, "workshop") == Done(day("2025-02-06"), "done", on_time=False)
    assert story.history(events.DeadlineMissRescinded) == []


def test_an_approval_is_dated_the_day_on_which_it_was_told() -> None:
    story = given(a_pair_in("registration"), sweep("2025-01-22"), approved("m", "2025-01-15"))
    story.when(approved("e", "2025-01-20")).recorded(
        events.DeadlineMissRescinded("registration", day("2025-01-20"), day("2025-01-20")),
        events.StepCompleted("registration", day("2025-01-20"), "done"),
        events.StepEntered("assessment", day("2025-02-04")),
    )


def test_the_first_assessment_and_workshop_told_are_the_evidence_and_later_ones_change_nothing() -> None:
    story = given(a_pair_in("registration"), assessed("e", "2025-01-08"), assessed("e", "2025-01-09", on="2025-01-02"))
    story.when(approved("m", "2025-01-07"), approved("e", "2025-01-07"))
    assert completed(story, "assessment").completed_on == day("2025-01-08")
    assert len(story.history(events.CompetenciesAssessed, "participant-e")) == 2


def test_completed_on_is_not_before_the_step_was_entered() -> None:
    story = given(opened(), READY, proposed())
    assert completed(story, "workshop").completed_on == day("2025-01-06")
