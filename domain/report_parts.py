"""The parts of the MPM report, each read from the accounts; every figure says how many stand behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from domain.accounts import Accounts, Counts, Feedback, members, part
from domain.events import Role
from domain.figures import Assessment
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.marks import counted_months
from domain.pairing import ROLES
from domain.passing_of_time import DEADLINES
from domain.programme import Programme
from domain.steps import ENDS, NUMBER, STEPS
from domain.suppression import Figure

STATES = ("active", "paused", "completed", "closed_early")
T = TypeVar("T")


class Assessed(NamedTuple):
    """The date on which a protégé's first pairing was proposed, and their assessments in the order recorded."""

    proposed_on: date
    assessments: Sequence[Assessment]


# Sums, means and medians, of numbers by how often each comes


_NONE = Figure(0, 0)


def _count(number: int) -> Figure:
    return Figure(number, number)


def _sum(counts: Counter[int]) -> Figure:
    """A sum over pairings, and the pairings that add to it."""
    return Figure(_total(counts), counts.total() - counts[0])


def _sum_of(counts: Counter[T], number: Callable[[T], int]) -> Figure:
    """The same of a number that each has."""
    numbers: Counter[int] = Counter()
    for found, times in counts.items():
        numbers[number(found)] += times
    return _sum(numbers)


def _total(counts: Counter[int]) -> int:
    return sum(number * times for number, times in counts.items())


def _sums(counts: Counter[Counts]) -> dict[str, Figure]:
    """The same for many counts at once, by their names."""
    by_name: dict[str, Counter[int]] = defaultdict(Counter)
    for found, pairings in counts.items():
        for name, number in found:
            by_name[name][number] += pairings
    return {name: _sum(numbers) for name, numbers in by_name.items()}


def _tally(counts: Counter[Any], names: Iterable[str]) -> dict[str, Figure]:
    return {name: _count(counts[name]) for name in names}


def _every(counts: Counter[str]) -> dict[str, Figure]:
    return _tally(counts, sorted(counts))


def ratio(part: int, whole: int) -> float | None:
    """A share or mean to 4 decimals, half to even; none with nothing to divide by."""
    return float(round(Fraction(part, whole), 4)) if whole else None


def _mean(counts: Counter[int]) -> Figure:
    return Figure(ratio(_total(counts), counts.total()), counts.total())


def middle(counts: Counter[int]) -> float | None:
    """The median: the middle number, or the mean of the middle two."""
    total = counts.total()
    return (_number_at(counts, (total - 1) // 2) + _number_at(counts, total // 2)) / 2 if total else None


def _number_at(counts: Counter[int], place: int) -> int:
    """The number at a place of them all in order, counted from 0."""
    for number in sorted(counts):
        place -= counts[number]
        if place < 0:
            return number
    raise IndexError(place)


def _median(counts: Counter[int]) -> Figure:
    return Figure(middle(counts), counts.total())


_assessed_on = attrgetter("assessed_on")

# The parts of the document


def pairings(accounts: Accounts) -> dict[str, Figure]:
    return {
        "proposed": _count(accounts.standing.total()),
        **_tally(part(accounts.standing, 0), STATES),
        "rematched": _count(part(accounts.standing, 4)[True]),
    }


def healths(accounts: Accounts) -> dict[str, Figure]:
    return _tally(part(accounts.standing, 1), HEALTHS)


def steps(accounts: Accounts) -> list[dict[str, Any]]:
    """For `feedback` rounds are counted, not pairings: those that both answered in time."""
    current, in_time = part(accounts.standing, 2), members(accounts.in_time)
    rounds = _sum(accounts.answered)
    lines = []
    for place, step in enumerate(STEPS):
        days, outcomes = part(accounts.days, place), part(accounts.outcomes, place)
        del days[None]
        lines.append(
            {
                "number": NUMBER[step],
                "step": step,
                "current": _count(current[step]),
                "completed": rounds if step == "feedback" else _count(days.total()),
                "on_time": rounds if step == "feedback" else _count(in_time[step]),
                "waived": _count(outcomes["waived"]),
                "lapsed": _count(outcomes["lapsed"]),
                "median_days": _median(days),
            }
        )
    return lines


def deadlines(accounts: Accounts) -> dict[str, dict[str, Figure]]:
    missed, rescinded = _sums(accounts.misses), _sums(accounts.rescinded)
    return {kind: {"missed": missed.get(kind, _NONE), "rescinded": rescinded.get(kind, _NONE)} for kind in DEADLINES}


def meetings(accounts: Accounts, today: int) -> dict[str, Figure]:
    """`today` is an ordinal, as the dates of accounts are."""
    reached = Counter({held.number: number for held, number in accounts.held.items() if held.reached})
    months = [
        (cadence, found, number)
        for cadence, number in accounts.cadence.items()
        if (found := counted_months(cadence, today))
    ]
    with_meeting = sum(number * sum(month in found for month in cadence.met) for cadence, found, number in months)
    return {
        "held": _sum(part(accounts.held, 0)),
        "missed": _sum(accounts.missed),
        "minutes": _sum(accounts.minutes),
        "mean_per_pairing": _mean(reached),
        "monthly_cadence": Figure(
            ratio(with_meeting, sum(number * len(found) for _, found, number in months)),
            sum(number for *_, number in months),
        ),
    }


def feedback(accounts: Accounts) -> list[dict[str, Any]]:
    given = members(accounts.feedback)
    return [
        {
            "quarter": quarter,
            "opened": _count(number),
            **{role: _feedback_by(given, quarter, role) for role in ROLES},
        }
        for quarter, number in sorted(members(accounts.quarters).items())
    ]


def _feedback_by(feedback: Counter[Feedback], quarter: int, role: Role) -> dict[str, Figure]:
    given = Counter({one: number for one, number in feedback.items() if (one.quarter, one.by) == (quarter, role)})
    return {
        "given": _count(given.total()),
        "late": _count(part(given, 4)[True]),
        "mean_satisfaction": _mean(part(given, 2)),
        "mean_progress": _mean(part(given, 3)),
    }


def competencies(programme: Programme, assessed: Iterable[Assessed]) -> list[dict[str, Any]]:
    rated: dict[str, Counter[tuple[int, int, bool]]] = {found.id: Counter() for found in programme.competencies}
    for proposed_on, assessments in assessed:
        # Sorting keeps the order of recording within a date.
        dated = sorted(assessments, key=_assessed_on)
        if dated:
            latest = dated[-1]
            baseline = next((found for found in reversed(dated) if found.assessed_on <= proposed_on), dated[0])
            reassessed = latest is not baseline
            for competency, counts in rated.items():
                before, after = baseline.ratings.get(competency), latest.ratings.get(competency)
                if before is not None and after is not None:
                    counts[before, after, reassessed] += 1
    lines = []
    for found in programme.competencies:
        counts = rated[found.id]
        changes: Counter[int] = Counter()
        for (before, after, reassessed), number in counts.items():
            if reassessed:
                changes[after - before] += number
        lines.append(
            {
                "id": found.id,
                "name": found.name,
                "assessed": _count(counts.total()),
                "baseline_mean": _mean(part(counts, 0)),
                "latest_mean": _mean(part(counts, 1)),
                "reassessed": _count(changes.total()),
                "mean_change": _mean(changes),
            }
        )
    return lines


def goals(accounts: Accounts) -> dict[str, Figure]:
    agreed = _sum_of(accounts.goals, len)
    return {
        "agreed": agreed,
        "attained": _sum_of(accounts.goals, lambda percents: percents.count(100)),
        "mean_percent": Figure(_mean(members(accounts.goals)).value, agreed.over),
    }


def contracts(accounts: Accounts) -> dict[str, Figure]:
    pending = (number for one, number in accounts.standing.items() if one.contract is None and one.step not in ENDS)
    return {
        **_tally(part(accounts.standing, 3), ("signed", "waived", "lapsed")),
        "pending": _count(sum(pending)),
    }


def evaluation(accounts: Accounts, role: Role) -> dict[str, Figure]:
    due = part(part(accounts.ending, 0), ROLES.index(role))
    given = Counter({verdict: number for verdict, number in due.items() if verdict is not None})
    return {
        "due": _count(due.total()),
        "given": _count(given.total()),
        "mean_satisfaction": _mean(part(given, 0)),
        "recommend_share": _mean(part(given, 1)),
    }


def early_closures(accounts: Accounts) -> dict[str, Any]:
    closings = part(accounts.closing, 0)
    return {
        "count": _count(closings.total()),
        "share": Figure(ratio(closings.total(), accounts.standing.total()), closings.total()),
        "fulfilled": _count(part(accounts.ending, 1)[True]),
        "by_reason": _every(part(closings, 0)),
        "by_initiator": _every(part(closings, 1)),
        "by_step": _every(part(closings, 2)),
        "median_days": _median(part(accounts.closing, 1)),
        "flagged_before": _count(part(closings, 3)[True]),
        "reviewed": _count(part(accounts.closing, 2)[True]),
    }


def flags(accounts: Accounts) -> dict[str, dict[str, Figure]]:
    raised = _sums(accounts.raised)
    still_open, acknowledged = members(part(accounts.flags, 0)), members(part(accounts.flags, 1))
    return {
        signal: {
            "raised": raised.get(signal, _NONE),
            "open": _count(still_open[signal]),
            "acknowledged": _count(acknowledged[signal]),
        }
        for signal in SIGNALS
    }
