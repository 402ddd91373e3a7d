"""The MPM report: meetings month by month, and feedback quarter by quarter."""

from __future__ import annotations

from datetime import UTC, datetime

from domain import events
from domain.events import Event, Role
from domain.pairing import ROLES
from tests.domain.told import (
    Story,
    day,
    figures,
    noon,
    programme,
    proposed,
    reported,
    then,
    through,
    told,
)


def test_meetings_are_shared_out_over_the_pairings_that_came_so_far() -> None:
    more = then(
        through("first_meeting", 1),
        (events.MeetingHeld(day("2025-02-10"), 45, next_due_on=day("2025-03-13")), "2025-02-10"),
        (events.MeetingMissed(day("2025-03-10")), "2025-03-10"),
    )
    meetings = told(more, through("goals", 2), through("goals", 3), proposed(4))["meetings"]
    assert (meetings["held"], meetings["missed"], meetings["minutes"]) == (2, 1, 105)
    assert meetings["mean_per_pairing"] == 0.6667


def cadence(*meetings: str, more: tuple[tuple[Event, str], ...] = (), as_of: str = "2025-05-31") -> float | None:
    """Of a pair that entered the monthly meetings on 11 January."""
    held = [(events.MeetingHeld(day(on), 30, next_due_on=day("2025-12-31")), on) for on in meetings]
    both = sorted((*held, *more), key=lambda told: told[1])
    share: float | None = told(then(through("first_meeting"), *both), as_of=noon(as_of))["meetings"]["monthly_cadence"]
    return share


def test_the_cadence_counts_whole_months_only_the_last_day_included() -> None:
    assert cadence("2025-02-10", "2025-03-01") == 0.5
    assert cadence("2025-02-10", "2025-03-01", as_of="2025-05-30") == 0.6667
    assert cadence("2025-01-20", as_of="2025-02-27") is None


def test_a_month_that_touches_a_day_of_a_pause_is_not_counted() -> None:
    pause = (events.PairingPaused(day("2025-03-31"), "leave"), "2025-03-31")
    back = (events.PairingResumed(day("2025-05-01"), 31), "2025-05-01")
    assert cadence("2025-02-10", more=(pause, back)) == 0.5
    at_once = (events.PairingResumed(day("2025-03-31"), 0), "2025-03-31")
    assert cadence("2025-02-10", more=(pause, at_once)) == 0.25
    assert cadence("2025-02-10", more=(pause,)) == 1.0


def test_the_cadence_ends_with_the_closing() -> None:
    closing = events.PairingClosedEarly("other", "hr", day("2025-03-31"), "meetings", ())
    assert cadence("2025-02-10", more=((closing, "2025-04-02"),)) == 0.5


def quarter(number: int, *given: tuple[Role, int, bool]) -> Story:
    story = then(through("first_meeting", number), (events.FeedbackOpened(1, day("2025-04-20")), "2025-04-06"))
    for role, satisfaction, late in given:
        answer = events.FeedbackGiven(1, role, satisfaction, 3, late, day("2025-04-10"))
        story = then(story, (answer, "2025-04-10"))
    missing = tuple(role for role in ROLES if role not in {who for who, _, _ in given})
    return then(story, (events.FeedbackClosed(1, missing), "2025-04-21"))


def test_feedback_has_a_row_for_each_quarter_that_opened_and_counts_late_ones_as_given() -> None:
    found = told(quarter(1, ("mentor", 5, False), ("protege", 4, True)), quarter(2, ("mentor", 4, False)), proposed(3))
    assert found["feedback"] == [
        {
            "quarter": 1,
            "opened": 2,
            "mentor": {"given": 2, "late": 0, "mean_satisfaction": 4.5, "mean_progress": 3.0},
            "protege": {"given": 1, "late": 1, "mean_satisfaction": 4.0, "mean_progress": 3.0},
        }
    ]


def test_the_feedback_step_counts_the_rounds_that_both_gave_in_time() -> None:
    both, one_late = (
        quarter(1, ("mentor", 5, False), ("protege", 4, False)),
        quarter(2, ("mentor", 5, False), ("protege", 4, True)),
    )
    line = told(both, one_late)["steps"][6]
    assert (line["completed"], line["on_time"], line["median_days"]) == (1, 1, None)


def test_dates_are_those_of_the_programmes_zone() -> None:
    # At noon of 30 May in UTC it is 31 May in Kiritimati, and so May is whole there.
    asked = datetime(2025, 5, 30, 12, tzinfo=UTC)
    rows = [figures(then(through("first_meeting"), (events.MeetingHeld(day("2025-05-02"), 30), "2025-05-02")))]
    here = reported(programme(), rows, as_of=asked)
    there = reported(programme(zone="Pacific/Kiritimati"), rows, as_of=asked)
    assert (here["meetings"]["monthly_cadence"], there["meetings"]["monthly_cadence"]) == (0.0, 0.25)


def test_a_month_entered_on_its_first_day_is_whole_and_a_pause_of_one_day_breaks_it() -> None:
    entered = then(
        through("goals"),
        (events.MeetingHeld(day("2025-02-01"), 30), "2025-02-01"),
        (events.StepCompleted("first_meeting", day("2025-02-01"), "done"), "2025-02-01"),
        (events.StepEntered("meetings", day("2025-03-04")), "2025-02-01"),
    )
    assert told(entered, as_of=noon("2025-02-28"))["meetings"]["monthly_cadence"] == 1.0
    paused = then(
        entered,
        (events.PairingPaused(day("2025-03-10"), "leave"), "2025-03-10"),
        (events.PairingResumed(day("2025-03-11"), 1), "2025-03-11"),
    )
    assert told(paused, as_of=noon("2025-03-31"))["meetings"]["monthly_cadence"] == 1.0
    assert told(entered, as_of=noon("2025-03-31"))["meetings"]["monthly_cadence"] == 0.5


def test_two_meetings_in_a_month_are_one_month_with_a_meeting() -> None:
    twice = then(
        through("first_meeting"),
        (events.MeetingHeld(day("2025-02-03"), 30), "2025-02-03"),
        (events.MeetingHeld(day("2025-02-20"), 30), "2025-02-20"),
    )
    assert figures(twice).months_held == [2025 * 12, 2025 * 12 + 1]
