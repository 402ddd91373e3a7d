"""Section 8: what a proposal must hold, at which instant it takes effect, and rematches."""

from __future__ import annotations

import pytest

from domain import events
from domain.policy import Policy
from tests.domain.story import (
    READY,
    Story,
    a_pair_in,
    approved,
    changed,
    closed,
    day,
    declined,
    given,
    instant,
    left,
    like,
    line,
    opened,
    paused,
    people,
    programme_closed,
    proposed,
    registered,
    sweep,
    told,
)


def open_with(*who: str, policy: Policy | None = None) -> Story:
    return given(opened(policy), people(*who))


def test_a_proposal_carries_the_policy_and_zone_of_its_programme() -> None:
    policy = Policy(term_months=6)
    story = given(opened(policy, "Europe/Berlin"), READY).when(proposed())
    assert story.events()[0] == events.PairingProposed(
        "p", "m", "e", day("2025-01-06"), day("2025-01-06"), day("2025-07-06"), "Europe/Berlin", policy
    )


def test_no_pairing_is_proposed_in_a_closed_programme() -> None:
    story = given(opened(), READY, programme_closed("2025-01-05")).when(proposed()).refused("programme p is closed")
    story.when(programme_closed("2025-01-07")).refused("closed already")


def test_a_programme_is_opened_once() -> None:
    given(opened()).when(opened(when="2025-01-02")).refused("open already")


def test_pairings_go_on_in_a_closed_programme() -> None:
    given(a_pair_in("registration"), programme_closed("2025-01-07"), approved("m", "2025-01-08")).when(
        approved("e", "2025-01-08")
    ).then(events.StepCompleted, events.StepEntered)


def test_both_must_be_in_the_programme() -> None:
    story = given(opened(), told("2025-01-01", opened().data, "q"), registered("m", programme="q"), registered("e"))
    story.when(proposed()).refused("is in programme q, not in p")


@pytest.mark.parametrize(("mentor", "protege"), [("e", "e2"), ("m", "m2")])
def test_both_must_be_in_the_right_roles(mentor: str, protege: str) -> None:
    open_with("m", "m2", "e", "e2").when(proposed(mentor=mentor, protege=protege)).refused("is registered as")


@pytest.mark.parametrize(("how", "why"), [(declined, "declined"), (left, "left")])
@pytest.mark.parametrize("who", ["m", "e"])
def test_neither_may_have_been_declined_or_have_left(who: str, how: object, why: str) -> None:
    assert callable(how)
    given(opened(), registered("m"), registered("e"), how(who, "2025-01-03")).when(proposed()).refused(why)


def test_they_are_two_different_persons() -> None:
    given(opened(), registered("m", person="ann"), registered("e", person="ann")).when(proposed()).refused(
        "same person"
    )


def test_the_mentor_is_not_the_protege_s_direct_manager() -> None:
    story = given(opened(), registered("m"), registered("e", manager="person-m")).when(proposed()).refused("manager")
    story.when(line("e", "2025-01-07", "boss"), proposed("2025-01-08"))
    assert story.last.disposition == "accepted"


def test_it_is_the_latest_line_that_counts() -> None:
    story = given(opened(), registered("m"), registered("e", manager="boss"), line("e", "2025-01-03", "person-m"))
    story.when(proposed()).refused("direct manager")


def test_the_mentor_has_fewer_active_pairings_than_the_programme_s_capacity() -> None:
    story = open_with("m", "e", "e2", "e3")
    story.when(proposed(), proposed(pairing="b", protege="e2"), proposed(pairing="c", protege="e3")).refused(
        "has 2 active pairings"
    )


def test_the_mentor_s_own_capacity_goes_before_the_programme_s() -> None:
    story = given(opened(), registered("m", capacity=1), people("e", "e2"), proposed())
    story.when(proposed(pairing="b", protege="e2")).refused("has 1 active pairing, which is their capacity")
    story.when(changed("m", "2025-01-07", capacity=2), proposed("2025-01-08", pairing="b", protege="e2"))
    assert story.last.disposition == "accepted"


def test_a_pairing_that_has_ended_takes_no_place_and_one_that_is_paused_does() -> None:
    story = given(opened(Policy(mentor_capacity=1)), READY, people("e2"), proposed(), paused("2025-01-07"))
    story.when(proposed("2025-01-08", pairing="b", protege="e2")).refused("capacity")
    story.when(closed("2025-01-08"), proposed("2025-01-08", pairing="b", protege="e2"))
    assert story.last.disposition == "accepted"


def test_a_pairing_that_time_ends_before_the_proposal_takes_no_place() -> None:
    story = given(opened(Policy(mentor_capacity=1)), READY, people("e2"), proposed(ends_on="2025-02-01"))
    story.when(proposed("2025-02-01T00:00+00:00", pairing="b", protege="e2"))
    assert story.last.disposition == "accepted"
    assert story.pairing().step == "closed_early"


def test_the_protege_has_no_other_active_pairing() -> None:
    open_with("m", "m2", "e").when(proposed(), proposed(pairing="b", mentor="m2")).refused("another active pairing, a")


def test_the_pairing_id_is_new_even_after_its_end() -> None:
    given(a_pair_in("closed_early")).when(proposed("2025-02-01")).refused("exists already")


def test_starts_on_is_not_before_the_programme_s() -> None:
    story = given(opened(starts_on="2025-01-07"), READY)
    story.when(proposed(starts_on="2025-01-06")).refused("before the programme's")
    story.when(proposed(starts_on="2025-01-07"))
    assert story.last.disposition == "accepted"


@pytest.mark.parametrize(
    ("ends_on", "why"), [("2025-02-01", "not after starts_on"), ("2025-01-20", "not after starts_on")]
)
def test_ends_on_is_after_starts_on(ends_on: str, why: str) -> None:
    open_with("m", "e").when(proposed(starts_on="2025-02-01", ends_on=ends_on)).refused(why)


@pytest.mark.parametrize(("when", "taken"), [("2025-03-01", False), ("2025-02-28", True)])
def test_ends_on_is_after_the_date_of_the_proposal(when: str, *, taken: bool) -> None:
    story = open_with("m", "e").when(proposed(when, ends_on="2025-03-01"))
    assert story.last.disposition == ("accepted" if taken else "refused")


def test_a_proposal_takes_effect_on_all_three_streams_at_the_latest_of_its_time_and_both_clocks() -> None:
    story = open_with("m", "e").when(changed("e", "2025-01-09", department="x")).when(proposed("2025-01-07"))
    assert {one.at for one in story.last.recorded} == {instant("2025-01-09")}
    assert {one.stream for one in story.last.recorded} == {"pairing-a", "participant-m", "participant-e"}
    assert story.pairing().proposed_on == day("2025-01-07")


def test_two_proposals_at_the_same_instant_cannot_both_take_the_last_place() -> None:
    story = open_with("m", "e", "e2", policy=Policy(mentor_capacity=1)).when(proposed())
    assert story.last.disposition == "accepted"
    story.when(proposed(pairing="b", protege="e2")).refused("capacity")


# Rematches


def test_a_rematch_replaces_the_protege_s_pairing_that_closed_early() -> None:
    story = given(a_pair_in("closed_early"), people("m2"))
    story.when(proposed("2025-02-01", pairing="b", mentor="m2", replaces="a"))
    assert like(events.PairingProposed, replaces="a") in story.events("pairing-b")


def test_replacing_a_pairing_that_does_not_exist_is_refused() -> None:
    open_with("m", "e").when(proposed(replaces="z")).refused("no pairing z")


def test_replacing_a_pairing_that_was_completed_is_refused() -> None:
    story = given(a_pair_in("completed"), people("m2"))
    story.when(proposed("2025-05-01", pairing="b", mentor="m2", replaces="a")).refused("closed early")


def test_replacing_another_protege_s_pairing_is_refused() -> None:
    story = given(a_pair_in("closed_early"), people("e2"))
    story.when(proposed("2025-02-01", pairing="b", protege="e2", replaces="a")).refused("not one of the protege's")


def test_a_proposal_released_later_finds_time_where_it_stands() -> None:
    story = given(opened(), people("m"), proposed(ends_on="2025-02-01")).when(registered("e", when="2025-03-01"))
    story.in_step("registration")  # nothing is brought forward as it is released
    story.when(sweep("2025-03-01")).in_step("closed_early")
