"""A whole report with something in every section, for the tests of its formats."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain import events
from domain.figures import PersonFigures
from domain.policy import Policy
from domain.report import Audience, FactCounts
from tests.domain.told import PROPOSED, Story, day, noon, person, proposed, then, through, told

HOSTILE = {
    "markup": "<script>alert(1)</script><b>&amp;\"'",
    "typst": '#read("/etc/passwd") #panic() *bold* $x$ @ref <label> \\ = heading',
    "formula": '=HYPERLINK("https://example.org";"click")',
    "right to left": "\u202eoverridden \u2067isolated \u05d0\u05d1",
    "long": "wordswithoutanend" * 588,
    "controls": "bell\x07, escape\x1b, tab\t, a private \ue000 and \ufffe",
    "other scripts": "山田 太郎 · عمر · 🙂",
    "link": "https://example.org/ mailto:x@example.org internal:Sheet1!A1",
}
MADE_ON = day("2026-03-01")
REASONS = ["mismatch"] * 5 + ["no_time"] * 6 + ["misconduct"]


def closed(number: int, reason: str, after: int) -> Story:
    on = PROPOSED + timedelta(days=after)
    closing = events.PairingClosedEarly(reason, "mpm", on, "registration", ())
    raised = events.FlagRaised("closed_early", "closed")
    return then(proposed(number), (closing, on.isoformat()), (raised, on.isoformat()))


def met(number: int) -> Story:
    return then(
        through("first_meeting", number),
        (events.FeedbackOpened(1, day("2025-04-20")), "2025-04-06"),
        (events.FeedbackGiven(1, "mentor", 4, 3, False, day("2025-04-10")), "2025-04-10"),
        (events.FeedbackGiven(1, "protege", 5, 4, number % 2 == 0, day("2025-04-11")), "2025-04-11"),
        (events.FeedbackClosed(1, ()), "2025-04-11"),
        (events.GoalProgressed("g1", 100, noon("2025-05-01")), "2025-05-01"),
    )


def evaluated(number: int, said: str) -> Story:
    on = "2026-01-06"
    return then(
        met(number),
        (events.TermEnded(day(on), early=False, by=None, reason=None), on),
        (events.StepCompleted("meetings", day(on), "done"), on),
        (events.StepEntered("evaluation", day("2026-02-05")), on),
        (events.EvaluationGiven("mentor", 4, True, False, day(on), worked=said, why=said), on),
        (events.EvaluationGiven("protege", 5, True, False, day(on), did_not="too little time"), on),
    )


def reported(
    audience: Audience = "mpm",
    *,
    name: str = "Leaders 2025",
    said: str = "honest words",
    on: date = MADE_ON,
) -> dict[str, Any]:
    """Thirty pairings in all states; `name` is what the programme and its competency are called."""
    stories = [
        *(closed(number, reason, 10 * number) for number, reason in enumerate(REASONS, 1)),
        *(met(number) for number in range(20, 28)),
        *(evaluated(number, said) for number in range(30, 36)),
        *(proposed(number, on=PROPOSED + timedelta(days=40)) for number in range(40, 44)),
    ]
    found = told(
        *stories,
        people=[*_people(range(20, 36))],
        audience=audience,
        as_of=noon(on),
        policy=Policy(),
        facts=FactCounts(7, 2, 6, 2),
    )
    competencies = [{**each, "name": name} for each in found["competencies"]]
    return {
        **found,
        "programme": {**found["programme"], "name": name, "purpose": name},
        "competencies": competencies,
    }


def _people(numbers: range) -> list[PersonFigures]:
    assessed = [
        (events.CompetenciesAssessed({"a": 2}, 2.0, PROPOSED), PROPOSED.isoformat()),
        (events.CompetenciesAssessed({"a": 4}, 4.0, day("2025-12-01")), "2025-12-01"),
    ]
    return [
        each for number in numbers for each in (person(f"m{number}", role="mentor"), person(f"e{number}", *assessed))
    ]
