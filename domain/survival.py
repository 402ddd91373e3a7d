"""How long pairings last before they close early: the Kaplan-Meier estimate, overall and by month of start.

A pairing is followed from the date it was proposed to the date it closed early. One that is still running is followed
to the day of the report, one whose term ended to that day; what would have become of them later is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from domain.accounts import Life
from domain.marks import month_text
from domain.suppression import Breakdown, Figure

GRID_DAYS = 30
"""Management sees the curve at the end of every so many days only, and only where enough closings lie between."""


_WITHHELD = Figure(None, 0)


class Followed(NamedTuple):
    """For how many days a pairing was followed; `closed`: because it then closed early."""

    days: int
    closed: bool


class Step(NamedTuple):
    """A day on which the curve falls: `at_risk` were still together before, `closed` of them closed early on it."""

    day: int
    at_risk: int
    closed: int
    survival: float


Lives = Counter[Followed]
"""How many pairings were followed for the same time, and to the same end."""


def followed(life: Life, today: int) -> Followed:
    """What is known of how long a pairing lasted."""
    return Followed(max((life.last or today) - life.proposed, 0), life.closed)


def curve_of(lives: Mapping[Followed, int]) -> list[Step]:
    """The Kaplan-Meier estimate: a row for each day on which a pairing closed early.

    Who was followed up to that very day was still at risk on it. The products are exact; only what is shown is
    rounded, to 4 decimals, half to even.
    """
    leaving: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for life, number in lives.items():
        leaving[life.days][life.closed] += number
    at_risk = sum(map(sum, leaving.values()))
    above, below, steps = 1, 1, []
    for day in sorted(leaving):
        others, closed = leaving[day]
        if closed:
            above *= at_risk - closed
            below *= at_risk
            steps.append(Step(day, at_risk, closed, _rounded(above, below)))
        at_risk -= others + closed
    return steps


def _rounded(above: int, below: int) -> float:
    """A share of huge whole numbers to 4 decimals, half to even, without the cost of a fraction in lowest terms."""
    whole, rest = divmod(above * 10_000, below)
    up = 2 * rest > below or (2 * rest == below and whole % 2 == 1)
    return (whole + up) / 10_000


# The part of the report


def survival(lived: Mapping[Life, int], today: int, coarse_below: int | None = None) -> dict[str, Any]:
    """The figures for the MPM; with `coarse_below` those from which nobody's closing can be read, for management."""
    months: dict[int, Lives] = defaultdict(Counter)
    for life, number in lived.items():
        months[life.started][followed(life, today)] += number
    everyone: Lives = sum(months.values(), Counter())
    return {
        "overall": {
            **_group(everyone),
            "steps": _every_step(everyone) if coarse_below is None else coarse(everyone, coarse_below),
        },
        "by_month": [
            {
                "month": month_text(month),
                **_group(lives),
                # a month's curve beside the overall one would tell the closings of the other months
                "steps": _every_step(lives) if coarse_below is None else _WITHHELD,
            }
            for month, lives in sorted(months.items())
        ],
    }


def _group(lives: Lives) -> dict[str, Figure]:
    longest = max((life.days for life in lives), default=None)
    return {
        "n": _counted(lives.total()),
        "events": _counted(sum(number for life, number in lives.items() if life.closed)),
        "followed_days": Figure(longest, sum(number for life, number in lives.items() if life.days == longest)),
    }


def _counted(number: int) -> Figure:
    return Figure(number, number)


def _every_step(lives: Lives) -> list[dict[str, Any]]:
    return [
        {
            "day": step.day,
            "at_risk": _counted(step.at_risk),
            "closed": _counted(step.closed),
            "survival": Figure(step.survival, step.at_risk),
        }
        for step in curve_of(lives)
    ]


def coarse(lives: Lives, below: int) -> list[dict[str, Any]]:
    """The curve at the end of every `GRID_DAYS` days, as long as enough pairings are followed.

    A row is shown where enough closed early since the last that is shown, and none or enough after it; `closed` are
    those since. How many were at risk is withheld: beside the closings it would tell those of a single day.
    """
    steps = curve_of(lives)
    # as many are followed up to a day as to that of the last of them
    longest = sorted((life.days for life in lives.elements()), reverse=True)[below - 1 : below]
    ends = range(GRID_DAYS, max(longest, default=0) + 1, GRID_DAYS)
    shown: dict[int, int] = {}
    told, rest = 0, sum(step.closed for step in steps)
    for end in ends:
        since = sum(step.closed for step in steps if step.day <= end) - told
        if since >= below and (rest == since or rest - since >= below):
            shown[end] = since
            told, rest = told + since, rest - since
    return [
        {
            "day": end,
            "at_risk": _WITHHELD,
            "closed": _counted(shown[end]) if end in shown else _WITHHELD,
            "survival": Figure(_at(steps, end), lives.total()) if end in shown else _WITHHELD,
        }
        for end in ends
    ]


def _at(steps: Sequence[Step], day: int) -> float:
    return next((step.survival for step in reversed(steps) if step.day <= day), 1.0)


def breakdowns(part: Mapping[str, Any]) -> list[Breakdown]:
    """What of it adds up to other figures of the report."""
    places = range(len(part["by_month"]))
    return [
        Breakdown("pairings.proposed", tuple(f"survival.by_month[{place}].n" for place in places)),
        Breakdown("early_closures.count", tuple(f"survival.by_month[{place}].events" for place in places)),
    ]


def same(part: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Which of it tell each other: the curve as it is shown tells how many closed early in all."""
    curve_shown = [
        f"survival.overall.steps[{place}].{name}"
        for place, step in enumerate(part["overall"]["steps"])
        for name in ("closed", "survival")
        if step[name].over
    ]
    return [
        ("pairings.proposed", "survival.overall.n"),
        ("early_closures.count", "survival.overall.events", *curve_shown),
    ]
