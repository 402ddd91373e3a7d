"""How a pairing is doing, line by line of the rule, and which deadlines are pending."""

from __future__ import annotations

import pytest

from domain import events
from domain.events import Event
from domain.health import Deadline, deadlines, health, next_deadline, open_flags, state_of
from domain.policy import Policy
from tests.domain.told import Story, day, figures, proposed, then, through

ON = "2025-03-01"
BOTH: tuple[events.Role, ...] = ("mentor", "protege")


def missed_round(story: Story, quarter: int = 1, on: str = "2025-04-06") -> Story:
    return then(
        story,
        (events.FeedbackOpened(quarter, day(on)), on),
        (events.DeadlineMissed("feedback", day(on), quarter, BOTH), on),
        (events.FeedbackClosed(quarter, BOTH), on),
    )


MET = through("first_meeting")
MISSED_MEETING = then(MET, (events.DeadlineMissed("meeting", day("2025-02-20")), "2025-02-21"))
AT_RISK = ("low_rating", "meetings_missed", "never_started", "reporting_line", "silent")

HEALTH: list[tuple[str, Story, str]] = [
    ("nothing is amiss", MET, "on_track"),
    ("a pause", then(MET, (events.PairingPaused(day(ON), "leave"), ON)), "paused"),
    (
        "a pause hides a flag",
        then(MET, (events.FlagRaised("silent", "x"), ON), (events.PairingPaused(day(ON), "leave"), ON)),
        "paused",
    ),
    ("the end", then(MET, (events.PairingCompleted(day(ON), ()), ON)), "completed"),
    ("closed", then(MET, (events.PairingClosedEarly("other", "hr", day(ON), "meetings", ()), ON)), "closed_early"),
    (
        "closed while paused",
        then(
            MET,
            (events.PairingPaused(day(ON), "leave"), ON),
            (events.PairingClosedEarly("other", "hr", day(ON), "meetings", ()), ON),
        ),
        "closed_early",
    ),
    ("blocked", then(proposed(), (events.FlagRaised("blocked", "x"), ON)), "attention"),
    ("overdue", then(proposed(), (events.FlagRaised("overdue", "x"), ON)), "attention"),
    (
        "one of each kind",
        then(MET, (events.FlagRaised("overdue", "x"), ON), (events.FlagRaised("silent", "x"), ON)),
        "at_risk",
    ),
    (
        "the step's deadline missed",
        then(proposed(), (events.DeadlineMissed("registration", day("2025-01-20")), "2025-01-21")),
        "attention",
    ),
    (
        "missed, then met",
        then(
            proposed(),
            (events.DeadlineMissed("registration", day("2025-01-20")), "2025-01-21"),
            (events.StepCompleted("registration", day("2025-01-22"), "done"), "2025-01-22"),
            (events.StepEntered("assessment", day("2025-02-05")), "2025-01-22"),
        ),
        "on_track",
    ),
    ("a monthly meeting missed", MISSED_MEETING, "attention"),
    (
        "missed, and rescinded",
        then(
            MISSED_MEETING,
            (events.DeadlineMissRescinded("meeting", day("2025-02-20"), day("2025-02-10")), ON),
        ),
        "on_track",
    ),
    (
        "missed, and a meeting that moved the due date",
        then(MISSED_MEETING, (events.MeetingHeld(day(ON), 30, next_due_on=day("2025-04-01")), ON)),
        "on_track",
    ),
    (
        "missed, and a meeting that moved nothing",
        then(MISSED_MEETING, (events.MeetingHeld(day("2025-01-12"), 30, next_due_on=day("2025-03-23")), ON)),
        "attention",
    ),
    ("the last round missed", missed_round(MET), "attention"),
    (
        "the last round missed, and rescinded",
        then(
            missed_round(MET),
            (events.DeadlineMissRescinded("feedback", day("2025-04-06"), day("2025-04-05"), 1), "2025-04-07"),
        ),
        "on_track",
    ),
    (
        "a round missed, and another quarter opened since",
        then(missed_round(MET), (events.FeedbackOpened(2, day("2025-07-20")), "2025-07-06")),
        "on_track",
    ),
    (
        "a round missed, and the term has ended",
        then(
            missed_round(MET),
            (events.TermEnded(day("2026-01-06"), early=False), "2026-01-06"),
            (events.StepCompleted("meetings", day("2026-01-06"), "done"), "2026-01-06"),
            (events.StepEntered("evaluation", day("2026-02-05")), "2026-01-06"),
        ),
        "on_track",
    ),
    *((signal, then(MET, (events.FlagRaised(signal, "x"), ON)), "at_risk") for signal in AT_RISK),
]


@pytest.mark.parametrize(("story", "expected"), [case[1:] for case in HEALTH], ids=[case[0] for case in HEALTH])
def test_health_says_where_to_look(story: Story, expected: str) -> None:
    assert health(figures(story).pairing) == expected


def test_a_pairing_that_ended_in_a_pause_is_not_paused() -> None:
    ended: tuple[Event, str] = (events.PairingCompleted(day(ON), ()), ON)
    story = then(MET, (events.PairingPaused(day("2025-02-01"), "leave"), "2025-02-01"), ended)
    assert state_of(figures(story).pairing) == "completed"


def test_pending_deadlines_come_earliest_first_with_those_missed_among_them() -> None:
    story = then(
        through("goals", policy=Policy(contract="required")),
        (events.DeadlineMissed("first_meeting", day("2025-01-24")), "2025-01-25"),
        (events.MeetingHeld(day("2025-01-26"), 30), "2025-01-26"),
        (events.DeadlineMissed("contract", day("2025-02-09")), "2025-02-10"),
    )
    pairing = figures(story).pairing
    assert deadlines(pairing) == [Deadline("contract", day("2025-02-09"), missed=True)]
    assert next_deadline(pairing) == Deadline("contract", day("2025-02-09"), missed=True)
    in_feedback = figures(then(MET, (events.FeedbackOpened(1, day("2025-02-01")), "2025-01-20"))).pairing
    assert [deadline.kind for deadline in deadlines(in_feedback)] == ["meeting", "feedback"]
    assert next_deadline(in_feedback) == Deadline("meeting", day("2025-01-25"), missed=False)


def test_what_lies_ahead_is_shown_before_what_passed() -> None:
    pairing = figures(then(MET, (events.FeedbackOpened(1, day("2025-02-01")), "2025-01-20"))).pairing
    pairing.missed["evaluation"] = day("2024-01-01")
    assert next_deadline(pairing) == Deadline("meeting", day("2025-01-25"), missed=False)


def test_after_the_end_only_the_review_is_pending() -> None:
    closed = then(MET, (events.PairingClosedEarly("other", "hr", day(ON), "meetings", ()), ON))
    assert deadlines(figures(closed).pairing) == [Deadline("closure_review", day("2025-03-15"), missed=False)]
    completed = then(MET, (events.PairingCompleted(day(ON), ()), ON))
    assert next_deadline(figures(completed).pairing) is None


def test_after_the_end_only_the_closing_asks_for_somebody_until_it_is_reviewed() -> None:
    closed = then(
        MET,
        (events.PairingClosedEarly("other", "hr", day(ON), "meetings", ()), ON),
        (events.FlagRaised("closed_early", "x"), ON),
    )
    assert list(open_flags(figures(closed).pairing)) == ["closed_early"]
    reviewed = then(closed, (events.ClosureReviewed("mpm", "end"), ON))
    assert open_flags(figures(reviewed).pairing) == {}
