"""The MPM report: every figure from events made by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from domain import events
from domain.events import Event, Role
from domain.policy import Policy
from domain.report import FactCounts
from domain.report_parts import ratio
from tests.domain.told import (
    Story,
    day,
    goals,
    noon,
    person,
    proposed,
    then,
    through,
    told,
)


def closed_early(number: int = 1, *, on: str = "2025-03-01", flags: tuple[str, ...] = ()) -> Story:
    closing = events.PairingClosedEarly("mismatch", "mpm", day(on), "registration", flags)
    raised = events.FlagRaised("closed_early", "closed by mpm")
    return then(proposed(number), (closing, on), (raised, on))


def term_ended(story: Story, *, on: str = "2026-01-06", early: bool = False, reason: str | None = None) -> Story:
    return then(
        story,
        (events.TermEnded(day(on), early, "mpm" if early else None, reason), on),
        (events.StepCompleted("meetings", day(on), "done"), on),
        (events.StepEntered("evaluation", day(on) + timedelta(days=30)), on),
    )


def test_a_programme_without_pairings_has_a_report_of_noughts_and_nulls() -> None:
    found = told()
    assert found["pairings"] == dict.fromkeys(
        ("proposed", "active", "paused", "completed", "closed_early", "rematched"), 0
    )
    assert found["meetings"] == {
        "held": 0,
        "missed": 0,
        "minutes": 0,
        "mean_per_pairing": None,
        "monthly_cadence": None,
    }
    assert found["early_closures"]["share"] is None
    assert found["feedback"] == []
    assert [line["number"] for line in found["steps"]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(found["deadlines"]) == 10
    assert len(found["flags"]) == 9
    assert found["learned"] == {"worked": [], "did_not": [], "why": []}


def test_as_of_is_shown_in_the_offset_in_which_it_was_asked() -> None:
    asked = datetime(2026, 6, 30, 23, tzinfo=timezone(timedelta(hours=2)))
    assert told(as_of=asked)["as_of"] == "2026-06-30T23:00:00+02:00"


def test_the_four_states_add_up_to_what_was_proposed() -> None:
    paused = then(through("goals", 2), (events.PairingPaused(day("2025-02-01"), "leave"), "2025-02-01"))
    completed = then(
        term_ended(through("first_meeting", 3)),
        (events.PairingCompleted(day("2026-02-01"), ("mentor", "protege")), "2026-02-01"),
    )
    again = proposed(5, replaces="pairing-4")
    found = told(proposed(1), paused, completed, closed_early(4), again)
    assert found["pairings"] == {
        "proposed": 5,
        "active": 2,
        "paused": 1,
        "completed": 1,
        "closed_early": 1,
        "rematched": 1,
    }
    assert found["health"] == {
        "on_track": 2,
        "attention": 0,
        "at_risk": 0,
        "paused": 1,
        "completed": 1,
        "closed_early": 1,
    }


def test_a_step_tells_who_is_in_it_who_completed_it_and_how_long_that_took() -> None:
    late = then(
        proposed(2),
        (events.DeadlineMissed("registration", day("2025-01-20")), "2025-01-21"),
        (events.StepCompleted("registration", day("2025-01-26"), "done"), "2025-01-26"),
        (events.StepEntered("assessment", day("2025-02-09")), "2025-01-26"),
    )
    waived = then(
        through("registration", 3),
        (events.StepCompleted("assessment", day("2025-01-08"), "waived"), "2025-01-08"),
        (events.StepEntered("workshop", day("2025-02-08")), "2025-01-08"),
    )
    registration, assessment, workshop, *_ = told(through("registration"), late, waived)["steps"]
    assert registration == {
        "number": 1,
        "step": "registration",
        "current": 0,
        "completed": 3,
        "on_time": 2,
        "waived": 0,
        "lapsed": 0,
        "median_days": 1.0,
    }
    assert (assessment["current"], assessment["completed"], assessment["waived"]) == (2, 0, 1)
    assert assessment["median_days"] is None
    assert workshop["current"] == 1


def test_the_median_of_an_even_count_is_the_mean_of_the_middle_two() -> None:
    lines = told(through("registration", 1, days=3), through("registration", 2, days=10))["steps"]
    assert lines[0]["median_days"] == 6.5


def test_the_first_meeting_counts_the_contracts_of_those_who_completed_it() -> None:
    def met(number: int, *settled: tuple[Event, str]) -> Story:
        story = then(through("goals", number), (events.MeetingHeld(day("2025-01-15"), 30), "2025-01-15"))
        return then(
            story,
            *settled,
            (events.StepCompleted("first_meeting", day("2025-01-30"), "done"), "2025-01-30"),
            (events.StepEntered("meetings", day("2025-02-15")), "2025-01-30"),
        )

    lapsed = met(1, (events.ContractLapsed(day("2025-01-29")), "2025-01-30"))
    waived = met(2, (events.RequirementWaived("contract", "mpm", "known", day("2025-01-16")), "2025-01-16"))
    only_waived = then(
        through("goals", 3),
        (events.RequirementWaived("contract", "mpm", "known", day("2025-01-16")), "2025-01-16"),
    )
    found = told(lapsed, waived, only_waived)
    line = found["steps"][4]
    assert (line["completed"], line["on_time"], line["waived"], line["lapsed"]) == (2, 2, 1, 1)
    assert found["contracts"] == {"signed": 0, "waived": 2, "lapsed": 1, "pending": 0}
    signed_after_all = then(
        lapsed,
        (events.ContractSigned("mentor", day("2025-02-20")), "2025-02-20"),
        (events.ContractSigned("protege", day("2025-02-20")), "2025-02-20"),
    )
    assert told(signed_after_all)["contracts"] == {"signed": 1, "waived": 0, "lapsed": 0, "pending": 0}


def test_a_contract_is_pending_until_the_pairing_ends_and_counts_nothing_where_it_is_off() -> None:
    assert told(proposed())["contracts"]["pending"] == 1
    assert told(closed_early())["contracts"]["pending"] == 0
    assert sum(told(proposed(policy=Policy(contract="off")))["contracts"].values()) == 0


def test_the_meetings_step_is_completed_when_the_term_ends_in_it() -> None:
    line = told(term_ended(through("first_meeting")))["steps"][5]
    assert (line["completed"], line["on_time"], line["median_days"]) == (1, 1, 365.0)


def test_deadlines_are_counted_by_kind_and_so_are_those_rescinded() -> None:
    story = then(
        through("first_meeting"),
        (events.DeadlineMissed("meeting", day("2025-02-20")), "2025-02-21"),
        (events.DeadlineMissed("meeting", day("2025-03-23")), "2025-03-24"),
        (events.MeetingHeld(day("2025-02-10"), 45, next_due_on=day("2025-04-23")), "2025-03-25"),
        (events.DeadlineMissRescinded("meeting", day("2025-02-20"), day("2025-02-10")), "2025-03-25"),
    )
    assert told(story)["deadlines"]["meeting"] == {"missed": 2, "rescinded": 1}


def assessed(rating: int, on: str) -> tuple[Event, str]:
    return events.CompetenciesAssessed({"a": rating}, float(rating), day(on)), "2026-01-01"


def test_the_baseline_is_the_last_assessment_before_the_first_proposal_else_the_earliest() -> None:
    before = person("e1", assessed(1, "2024-12-01"), assessed(2, "2025-01-06"), assessed(5, "2025-06-01"))
    after = person("e2", assessed(4, "2025-03-01"), assessed(3, "2025-02-01"))
    once = person("e3", assessed(3, "2025-01-01"))
    nobodys = person("e4", assessed(1, "2025-01-01"))
    [line] = told(proposed(1), proposed(2), proposed(3), people=[before, after, once, nobodys])["competencies"]
    assert line == {
        "id": "a",
        "name": "Alpha",
        "assessed": 3,
        "baseline_mean": ratio(2 + 3 + 3, 3),
        "latest_mean": ratio(5 + 4 + 3, 3),
        "reassessed": 2,
        "mean_change": ratio(3 + 1, 2),
    }


def test_of_two_assessments_of_one_date_the_one_recorded_last_is_the_latest() -> None:
    twice = person("e1", assessed(4, "2025-03-01"), assessed(2, "2025-03-01"))
    [line] = told(proposed(1), people=[twice])["competencies"]
    assert (line["baseline_mean"], line["latest_mean"], line["reassessed"]) == (4.0, 2.0, 1)


def test_goals_in_force_count_and_a_replaced_one_counts_no_more() -> None:
    told_at = noon("2025-02-01")
    story = then(
        through("goals"),
        (events.GoalProgressed("g1", 100, told_at), "2025-02-01"),
        (events.GoalProgressed("g2", 50, told_at), "2025-02-01"),
        (events.GoalsRevised(day("2025-03-01"), (), (), goals("g1", "g3").goals), "2025-03-01"),
    )
    assert told(story)["goals"] == {"agreed": 2, "attained": 1, "mean_percent": 50.0}


def evaluation(role: Role, satisfaction: int, recommend: bool, **texts: str) -> Event:
    return events.EvaluationGiven(role, satisfaction, recommend, False, day("2026-01-20"), **texts)


def test_evaluations_are_due_once_the_term_has_ended() -> None:
    both = then(
        term_ended(through("first_meeting", 1)),
        (evaluation("mentor", 4, True), "2026-01-20"),
        (evaluation("protege", 5, False), "2026-01-20"),
        (events.StepCompleted("evaluation", day("2026-01-20"), "done"), "2026-01-20"),
    )
    one = then(term_ended(through("first_meeting", 2)), (evaluation("mentor", 2, False), "2026-01-20"))
    found = told(both, one, proposed(3))
    assert found["evaluation"]["mentor"] == {
        "due": 2,
        "given": 2,
        "mean_satisfaction": 3.0,
        "recommend_share": 0.5,
    }
    assert found["evaluation"]["protege"]["recommend_share"] == 0.0
    line = found["steps"][7]
    assert (line["completed"], line["on_time"], line["median_days"]) == (1, 1, 379.0)


def test_early_closures_are_apart_from_terms_that_ended_early_for_goals_met() -> None:
    reviewed = then(
        closed_early(2, on="2025-02-05", flags=("blocked",)),
        (events.ClosureReviewed("mpm", "end"), "2025-02-06"),
        (events.FlagCleared("closed_early", "reviewed"), "2025-02-06"),
    )
    met = term_ended(through("first_meeting", 3), on="2025-06-01", early=True, reason="goals_met")
    found = told(closed_early(1), reviewed, met)
    assert found["early_closures"] == {
        "count": 2,
        "share": 0.6667,
        "fulfilled": 1,
        "by_reason": {"mismatch": 2},
        "by_initiator": {"mpm": 2},
        "by_step": {"registration": 2},
        "median_days": 42.0,
        "flagged_before": 1,
        "reviewed": 1,
    }
    assert found["flags"]["closed_early"] == {"raised": 2, "open": 1, "acknowledged": 0}


def test_a_flag_raised_twice_counts_twice_and_is_open_once() -> None:
    story = then(
        through("first_meeting"),
        (events.FlagRaised("silent", "no meeting"), "2025-03-01"),
        (events.FlagCleared("silent", "a meeting"), "2025-03-02"),
        (events.FlagRaised("silent", "no meeting"), "2025-05-01"),
        (events.FlagAcknowledged("silent", "mpm"), "2025-05-02"),
    )
    assert told(story)["flags"]["silent"] == {"raised": 2, "open": 1, "acknowledged": 1}


def test_what_waits_and_what_was_refused_is_told_as_it_stands() -> None:
    assert told(facts=FactCounts(3, 4, 1, 2))["facts"] == {"waiting": 3, "refused": 4}


def test_what_was_learned_comes_in_order_of_time_and_names_nobody() -> None:
    later = then(term_ended(through("first_meeting", 1)), (evaluation("mentor", 4, True, worked="plans"), "2026-02-02"))
    sooner = then(
        term_ended(through("first_meeting", 2)),
        (evaluation("mentor", 4, True, worked="talking", did_not="ZOË was late"), "2026-02-01"),
        (evaluation("protege", 4, True, worked="Zoëtrope nights", why="  "), "2026-02-03"),
    )
    people = [person("m1"), person("e1"), person("m2", called="Zoë Costa"), person("e2")]
    assert told(later, sooner, people=people)["learned"] == {
        "worked": ["talking", "plans", "Zoëtrope nights"],
        "did_not": [],
        "why": [],
    }


def test_a_name_that_cannot_be_read_keeps_back_whatever_might_hold_it() -> None:
    story = then(term_ended(through("first_meeting")), (evaluation("mentor", 4, True, worked="plans"), "2026-02-02"))
    nameless = person("m1")
    nameless.names = [nameless.names[0]._replace(text=None)]
    assert told(story, people=[nameless])["learned"]["worked"] == []


def test_a_former_name_is_still_a_name() -> None:
    story = then(term_ended(through("first_meeting")), (evaluation("protege", 4, True, worked="Ada!"), "2026-02-02"))
    married = person("m1", (events.ParticipantChanged(name="Augusta King"), "2025-02-02"), called="Ada Byron")
    assert told(story, people=[married])["learned"]["worked"] == []


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, 0.3333), (2, 3, 0.6667), (1, 32, 0.0312), (3, 32, 0.0938), (5, 5, 1.0), (0, 7, 0.0), (1, 0, None)],
)
def test_shares_are_rounded_half_to_even_in_exact_numbers(part: int, whole: int, expected: float | None) -> None:
    assert ratio(part, whole) == expected
