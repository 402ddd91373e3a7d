"""Section 7: participants from registration to leaving, and what their facts do to their pairings."""

from __future__ import annotations

import pytest

from domain import events, facts
from domain.fact_data import ParticipantChanged
from domain.policy import Policy
from domain.steps import STEPS
from tests.domain.story import (
    READY,
    a_pair_in,
    approved,
    assessed,
    changed,
    day,
    declined,
    evaluation,
    given,
    instant,
    left,
    like,
    line,
    opened,
    paused,
    people,
    proposed,
    registered,
    sweep,
    told,
    trained,
)

# Their own way


def test_a_registration_is_recorded_as_it_was_told() -> None:
    given(opened()).when(registered("m", manager="boss", capacity=3)).then(
        events.ParticipantRegistered("p", "mentor", "person-m", "Name m", "m@example.org", "boss", None, 3),
        stream="participant-m",
    )


def test_a_participant_is_registered_once() -> None:
    given(opened(), registered("m")).when(registered("m", person="other")).refused("registered already")


def test_one_person_is_registered_once_a_role_and_programme() -> None:
    story = given(opened(), registered("m", person="ann"))
    story.when(registered("m2", person="ann")).refused("person ann is registered as mentor in programme p already")
    story.when(registered("e", person="ann")).then(events.ParticipantRegistered, stream="participant-e")


def test_a_registration_that_was_refused_may_come_again_with_another_person() -> None:
    story = given(opened(), registered("m", person="ann"), approved("m2"))
    story.when(registered("m2", person="ann")).refused("ann")
    story.when(registered("m2", person="bob")).then(
        events.ParticipantRegistered, events.ParticipantApproved, stream="participant-m2"
    )


def test_the_same_person_may_be_in_two_programmes() -> None:
    second = told("2025-01-01", opened().data, "q")
    story = given(opened(), second, registered("m", person="ann"))
    story.when(registered("m2", person="ann", programme="q")).then(
        events.ParticipantRegistered, stream="participant-m2"
    )


def test_a_participant_is_approved_once_and_then_only_leaves() -> None:
    story = given(opened(), registered("m"), approved("m"))
    story.when(approved("m", "2025-01-03")).refused("approved already")
    story.when(declined("m", "2025-01-03")).refused("can only leave")
    story.when(left("m", "2025-01-04")).then(events.ParticipantLeft("moved away"), stream="participant-m")


@pytest.mark.parametrize("how", [declined, left])
def test_declining_and_leaving_are_final_for_all_but_a_changed_line(how: object) -> None:
    assert callable(how)
    story = given(opened(), registered("e"), how("e", "2025-01-02"))
    for fact in (
        approved("e", "2025-01-03"),
        declined("e", "2025-01-03"),
        assessed("e", "2025-01-03"),
        trained("e", "2025-01-03"),
        changed("e", "2025-01-03", department="x"),
        left("e", "2025-01-03"),
    ):
        story.when(fact).refused("final")
    story.when(line("e", "2025-01-03", "boss")).then(events.ReportingLineChanged, stream="participant-e")


# Assessments


def test_an_assessment_has_its_average_to_two_decimals() -> None:
    story = given(opened(), registered("e")).when(assessed("e", ratings={"lead": 2, "listen": 5}))
    story.then(events.CompetenciesAssessed({"lead": 2, "listen": 5}, 3.5, day("2025-01-03")), stream="participant-e")


@pytest.mark.parametrize(
    ("ratings", "average"),
    [((1, 1, 2), 1.33), ((5, 5, 4), 4.67), ((1, 1, 1, 1, 1, 1, 1, 2), 1.12), ((1, 1, 1, 1, 1, 2, 2, 2), 1.38)],
)
def test_the_average_is_rounded_half_to_even(ratings: tuple[int, ...], average: float) -> None:
    skills = tuple(events.Competency(f"c{n}", f"Skill {n}") for n in range(len(ratings)))
    data = facts.ProgrammeOpened("Growth", "Grow", day("2025-01-01"), skills)
    story = given(told("2025-01-01", data, "p"), registered("e"))
    story.when(assessed("e", ratings={f"c{n}": rating for n, rating in enumerate(ratings)}))
    assert story.events("participant-e") == [like(events.CompetenciesAssessed, average=average)]


def test_an_assessment_rates_every_competency_and_no_other() -> None:
    story = given(opened(), registered("e"))
    story.when(assessed("e", ratings={"lead": 2})).refused("does not rate listen")
    story.when(assessed("e", ratings={"lead": 2, "listen": 3, "sing": 1})).refused("rates sing")


def test_a_later_assessment_is_a_reassessment_and_both_are_kept() -> None:
    story = given(a_pair_in("workshop")).when(assessed("e", "2025-01-10"))
    story.then(events.CompetenciesAssessed, stream="participant-e").recorded()
    assert story.participant("e").assessed_on == day("2025-01-03")


# The line


def test_the_registration_s_manager_is_the_first_line_in_force_from_its_time() -> None:
    story = given(opened(), registered("e", when="2025-01-05", manager="boss"))
    story.when(line("e", "2025-01-04", "other")).refused("newer reporting line")
    story.when(line("e", "2025-01-05", "other")).then(
        events.ReportingLineChanged("other", instant("2025-01-05")), stream="participant-e"
    )


def test_a_line_older_than_the_one_in_force_is_refused() -> None:
    story = given(a_pair_in("meetings"), line("e", "2025-02-01", "boss"))
    story.when(line("e", "2025-01-31", "person-m")).refused("newer reporting line")


# What changed


def test_a_change_changes_what_it_names() -> None:
    story = given(opened(), registered("m", capacity=3)).when(changed("m", "2025-01-03", department="x"))
    story.then(events.ParticipantChanged(department="x"), stream="participant-m")
    assert story.participant("m").capacity == 3
    assert ParticipantChanged() == ParticipantChanged(None, None, None, None)


def test_a_lower_capacity_ends_no_pairing() -> None:
    story = given(opened(), READY, people("e2"), proposed(), proposed(pairing="b", protege="e2"))
    story.when(changed("m", "2025-01-07", capacity=1)).then(stream="pairing-a")
    assert story.participant("m").active == ("a", "b")
    story.when(registered("e3"), proposed("2025-01-08", pairing="c", protege="e3")).refused("capacity")


# Their pairings


def test_a_participant_s_fact_takes_effect_on_each_of_their_active_pairings_in_order_of_id() -> None:
    story = given(opened(), registered("m"), people("e", "e2"))
    story.when(proposed(pairing="b", protege="e2"), proposed(pairing="a"), approved("m", "2025-01-07"))
    completed = [one.stream for one in story.last.recorded if type(one.event) is events.StepCompleted]
    assert completed == ["pairing-a", "pairing-a", "pairing-b", "pairing-b"]


def test_it_takes_effect_on_a_paused_pairing_too() -> None:
    story = given(a_pair_in("registration"), paused("2025-01-07"), approved("m", "2025-01-08"))
    story.when(approved("e", "2025-01-08")).then(events.StepCompleted, events.StepEntered)


@pytest.mark.parametrize("step", [step for step in STEPS if step != "evaluation"])
@pytest.mark.parametrize(("who", "role"), [("m", "mentor"), ("e", "protege")])
def test_a_leaver_closes_their_pairing_early_in_every_step(step: str, who: str, role: str) -> None:
    when = "2025-04-07" if step == "feedback" else "2025-01-20"
    story = given(a_pair_in(step)).when(left(who, when)).in_step("closed_early")
    assert story.history(events.PairingClosedEarly) == [
        like(events.PairingClosedEarly, reason="participant_left", by=role, closed_on=day(when), step=step)
    ]
    assert story.participant("m").active == story.participant("e").active == ()


def test_one_who_is_declined_closes_their_pairing_early() -> None:
    story = given(a_pair_in("registration")).when(declined("e", "2025-01-08"))
    assert like(events.PairingClosedEarly, reason="participant_left", by="protege") in story.events()


def test_a_mentor_who_leaves_ends_all_their_pairings_in_one_transaction() -> None:
    story = given(opened(), READY, people("e2"), proposed(), proposed(pairing="b", protege="e2"))
    story.when(left("m", "2025-01-07"))
    assert [(type(one.event).__name__, one.stream) for one in story.last.recorded] == [
        ("ParticipantLeft", "participant-m"),
        ("PairingClosedEarly", "pairing-a"),
        ("PairingLeft", "participant-m"),
        ("PairingLeft", "participant-e"),
        ("FlagRaised", "pairing-a"),
        ("PairingClosedEarly", "pairing-b"),
        ("PairingLeft", "participant-m"),
        ("PairingLeft", "participant-e2"),
        ("FlagRaised", "pairing-b"),
    ]


def test_leaving_told_late_closes_on_the_date_of_the_fact() -> None:
    story = given(a_pair_in("meetings"), sweep("2025-02-20")).when(left("e", "2025-02-01"))
    assert like(events.PairingClosedEarly, closed_on=day("2025-02-01")) in story.events()


def test_a_leaver_from_evaluation_completes_the_pairing() -> None:
    story = given(a_pair_in("evaluation"), evaluation("protege", "2025-04-11")).when(left("m", "2025-04-12"))
    assert like(events.PairingCompleted, missing=("mentor",), reason="participant_left") in story.events()


def test_an_ended_pairing_is_touched_by_no_participant_s_fact() -> None:
    given(a_pair_in("completed")).when(left("m", "2025-05-01")).then(events.ParticipantLeft, stream="participant-m")


def test_joining_and_leaving_a_pairing_is_recorded_with_both_at_the_same_instant() -> None:
    story = given(a_pair_in("closed_early"))
    for who in ("m", "e"):
        assert story.history(stream=f"participant-{who}")[-2:] == [events.PairingJoined("a"), events.PairingLeft("a")]


def test_assessed_by_both_takes_the_mentor_s_assessment_from_before_the_pairing() -> None:
    given(opened(Policy(assessed_by="both")), READY, assessed("m"), proposed()).in_step("goals")
