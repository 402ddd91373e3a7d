"""The parts of the MPM report, each a plain count over the rows; every figure says how many stand behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import Any

from domain.calendar import add_days
from domain.events import Role
from domain.figures import Answer, PairingFigures, PersonFigures, month_of
from domain.flags import SIGNALS
from domain.health import HEALTHS, health, open_flags, state_of
from domain.pairing import ROLES, Pairing
from domain.passing_of_time import DEADLINES
from domain.programme import Programme
from domain.steps import ENDS, NUMBER, STEPS
from domain.suppression import Figure

STATES = ("active", "paused", "completed", "closed_early")

# Sums, means and medians


_NONE = Figure(0, 0)


def _count(number: int) -> Figure:
    return Figure(number, number)


def _sum(rows: Sequence[PairingFigures], number: Callable[[PairingFigures], int]) -> Figure:
    """A sum over pairings, and the pairings that add to it."""
    numbers = [found for row in rows if (found := number(row))]
    return Figure(sum(numbers), len(numbers))


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, Figure]:
    """The same for many counts at once, by their names."""
    sums: Counter[str] = Counter()
    over: Counter[str] = Counter()
    for found in counts:
        for name, number in found.items():
            sums[name] += number
            over[name] += 1
    return {name: Figure(sums[name], over[name]) for name in sums}


def _tally(counts: Mapping[str, int], names: Iterable[str]) -> dict[str, Figure]:
    return {name: _count(counts.get(name, 0)) for name in names}


def ratio(part: int, whole: int) -> float | None:
    """A share or mean to 4 decimals, half to even; none with nothing to divide by."""
    return float(round(Fraction(part, whole), 4)) if whole else None


def _mean(numbers: Collection[int]) -> Figure:
    return Figure(ratio(sum(numbers), len(numbers)), len(numbers))


def _median(numbers: Collection[int]) -> Figure:
    """The middle one, or the mean of the middle two."""
    ordered, middle = sorted(numbers), len(numbers) // 2
    if not ordered:
        return Figure(None, 0)
    value = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Figure(float(value), len(ordered))


_assessed_on = attrgetter("assessed_on")

# The parts of the document


def pairings(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    states = Counter(state_of(row.pairing) for row in rows)
    return {
        "proposed": _count(len(rows)),
        **_tally(states, STATES),
        "rematched": _count(sum(row.pairing.replaces is not None for row in rows)),
    }


def healths(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    return _tally(Counter(health(row.pairing) for row in rows), HEALTHS)


def steps(rows: Sequence[PairingFigures]) -> list[dict[str, Any]]:
    pairings = [row.pairing for row in rows]
    current = Counter(pairing.step for pairing in pairings)
    lines = []
    for step in STEPS:
        match step:
            case "meetings":
                figures = _meetings_step(pairings)
            case "feedback":
                figures = _feedback_step(pairings)
            case "evaluation":
                figures = _evaluation_step(pairings)
            case _:
                figures = _early_step(pairings, step)
        lines.append({"number": NUMBER[step], "step": step, "current": _count(current[step]), **figures})
    return lines


def _early_step(pairings: Sequence[Pairing], step: str) -> dict[str, Figure]:
    """One of the five steps before the monthly meetings; the first meeting's outcomes are the contract's."""
    through = [(done, pairing) for pairing in pairings if (done := pairing.done.get(step)) is not None]
    if step == "first_meeting":
        outcomes = Counter(pairing.contract for _, pairing in through)
    else:
        outcomes = Counter(done.outcome for done, _ in through)
    finished = [(done, pairing.proposed_on) for done, pairing in through if done.outcome == "done"]
    return {
        "completed": _count(len(finished)),
        "on_time": _count(sum(done.on_time for done, _ in finished)),
        "waived": _count(outcomes["waived"]),
        "lapsed": _count(outcomes["lapsed"]),
        "median_days": _median([(done.completed_on - proposed_on).days for done, proposed_on in finished]),
    }


def _meetings_step(pairings: Sequence[Pairing]) -> dict[str, Figure]:
    ended = [pairing for pairing in pairings if "meetings" in pairing.done]
    days = [(p.term_ended_on - p.proposed_on).days for p in ended if p.term_ended_on is not None]
    return _not_waivable(_count(len(ended)), _count(len(ended)), _median(days))


def _feedback_step(pairings: Sequence[Pairing]) -> dict[str, Figure]:
    """Rounds, not pairings: those in which both roles' feedback came in time."""
    rounds = [sum(found.in_time for found in pairing.rounds.values()) for pairing in pairings]
    in_time = Figure(sum(rounds), sum(number > 0 for number in rounds))
    return _not_waivable(in_time, in_time, Figure(None, 0))


def _evaluation_step(pairings: Sequence[Pairing]) -> dict[str, Figure]:
    """Both gave it in the step; what came after the grace is given, but completed nothing."""
    both = [pairing for pairing in pairings if "evaluation" in pairing.done]
    on_time = sum(not any(given.late for given in pairing.evaluations.values()) for pairing in both)
    days = [(pairing.done["evaluation"].completed_on - pairing.proposed_on).days for pairing in both]
    return _not_waivable(_count(len(both)), _count(on_time), _median(days))


def _not_waivable(completed: Figure, on_time: Figure, median_days: Figure) -> dict[str, Figure]:
    return {
        "completed": completed,
        "on_time": on_time,
        "waived": _count(0),
        "lapsed": _count(0),
        "median_days": median_days,
    }


def deadlines(rows: Sequence[PairingFigures]) -> dict[str, dict[str, Figure]]:
    missed = _sums(row.misses for row in rows)
    rescinded = _sums(row.rescinded for row in rows)
    return {kind: {"missed": missed.get(kind, _NONE), "rescinded": rescinded.get(kind, _NONE)} for kind in DEADLINES}


def meetings(rows: Sequence[PairingFigures], today: date) -> dict[str, Figure]:
    reached = [row for row in rows if row.pairing.first_meeting_due is not None]
    months = [(row, found) for row in rows if (found := cadence_months(row.pairing, today))]
    with_meeting = sum(month in found for row, found in months for month in row.months_held)
    return {
        "held": _sum(rows, lambda row: row.held),
        "missed": _sum(rows, lambda row: row.missed),
        "minutes": _sum(rows, lambda row: row.minutes),
        "mean_per_pairing": _mean([row.held for row in reached]),
        "monthly_cadence": Figure(
            ratio(with_meeting, sum(len(found) for _, found in months)),
            len(months),
        ),
    }


def cadence_months(pairing: Pairing, today: date) -> range | set[int]:
    """The calendar months that a pair met or should have met in: whole months of step 6 on, none paused."""
    first = pairing.meetings_entered_on
    if first is None:
        return range(0)
    last = today
    for ended in (pairing.term_ended_on, pairing.ended_on):
        if ended is not None and ended < last:
            last = ended
    # The month of the day after the last is the first that is not whole.
    months = range(month_of(first) + (first.day > 1), month_of(add_days(last, 1)))
    if not pairing.pauses:
        return months
    counted = set(months)
    for pause in pairing.pauses:
        until = last if pause.resumed_on is None else add_days(pause.resumed_on, -1)
        if pause.paused_on <= until:
            counted.difference_update(range(month_of(pause.paused_on), month_of(until) + 1))
    return counted


def feedback(rows: Sequence[PairingFigures]) -> list[dict[str, Any]]:
    opened = Counter(quarter for row in rows for quarter in row.pairing.rounds)
    answers: dict[tuple[int, str], list[Answer]] = defaultdict(list)
    for row in rows:
        for quarter, given in row.feedback.items():
            for role, answer in given.items():
                answers[quarter, role].append(answer)
    return [
        {
            "quarter": quarter,
            "opened": _count(number),
            **{role: _feedback_by(answers[quarter, role]) for role in ROLES},
        }
        for quarter, number in sorted(opened.items())
    ]


def _feedback_by(answers: Sequence[Answer]) -> dict[str, Figure]:
    return {
        "given": _count(len(answers)),
        "late": _count(sum(answer.late for answer in answers)),
        "mean_satisfaction": _mean([answer.satisfaction for answer in answers]),
        "mean_progress": _mean([answer.progress for answer in answers]),
    }


def competencies(
    programme: Programme, rows: Sequence[PairingFigures], people: Mapping[str, PersonFigures]
) -> list[dict[str, Any]]:
    first_proposed: dict[str, date] = {}
    for row in rows:
        pairing = row.pairing
        known = first_proposed.get(pairing.protege, pairing.proposed_on)
        first_proposed[pairing.protege] = min(known, pairing.proposed_on)
    pairs = []
    for protege, proposed_on in first_proposed.items():
        # Sorting keeps the order of recording within a date.
        dated = sorted(people[protege].assessments if protege in people else (), key=_assessed_on)
        if dated:
            latest = dated[-1]
            baseline = next((found for found in reversed(dated) if found.assessed_on <= proposed_on), dated[0])
            pairs.append((baseline.ratings, latest.ratings, latest is not baseline))
    lines = []
    for competency in programme.competencies:
        rated = [
            (before[competency.id], after[competency.id], reassessed)
            for before, after, reassessed in pairs
            if competency.id in before and competency.id in after
        ]
        changes = [latest - baseline for baseline, latest, reassessed in rated if reassessed]
        lines.append(
            {
                "id": competency.id,
                "name": competency.name,
                "assessed": _count(len(rated)),
                "baseline_mean": _mean([baseline for baseline, _, _ in rated]),
                "latest_mean": _mean([latest for _, latest, _ in rated]),
                "reassessed": _count(len(changes)),
                "mean_change": _mean(changes),
            }
        )
    return lines


def goals(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    percents = [progress.percent for row in rows for progress in row.pairing.goals.values()]
    agreed = _sum(rows, lambda row: len(row.pairing.goals))
    return {
        "agreed": agreed,
        "attained": _sum(rows, lambda row: sum(goal.percent == 100 for goal in row.pairing.goals.values())),
        "mean_percent": Figure(ratio(sum(percents), len(percents)), agreed.over),
    }


def contracts(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    outcomes = Counter(row.pairing.contract for row in rows)
    pending = sum(row.pairing.contract is None and row.pairing.step not in ENDS for row in rows)
    return {**_tally(_named(outcomes), ("signed", "waived", "lapsed")), "pending": _count(pending)}


def _named(counts: Mapping[str | None, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if name is not None}


def evaluation(rows: Sequence[PairingFigures], role: Role) -> dict[str, Figure]:
    due = [row for row in rows if row.pairing.term_ended_on is not None]
    given = [row.evaluations[role] for row in due if role in row.evaluations]
    return {
        "due": _count(len(due)),
        "given": _count(len(given)),
        "mean_satisfaction": _mean([verdict.satisfaction for verdict in given]),
        "recommend_share": _mean([int(verdict.recommend) for verdict in given]),
    }


def early_closures(rows: Sequence[PairingFigures]) -> dict[str, Any]:
    closed = [(row.pairing, row.closing) for row in rows if row.closing is not None]
    days = [(p.ended_on - p.proposed_on).days for p, _ in closed if p.ended_on is not None]
    return {
        "count": _count(len(closed)),
        "share": Figure(ratio(len(closed), len(rows)), len(closed)),
        "fulfilled": _count(sum(row.fulfilled for row in rows)),
        "by_reason": _counted(closing.reason for _, closing in closed),
        "by_initiator": _counted(closing.by for _, closing in closed),
        "by_step": _counted(closing.step for _, closing in closed),
        "median_days": _median(days),
        "flagged_before": _count(sum(closing.flagged for _, closing in closed)),
        "reviewed": _count(sum(pairing.reviewed for pairing, _ in closed)),
    }


def _counted(names: Iterable[str]) -> dict[str, Figure]:
    return {name: _count(number) for name, number in sorted(Counter(names).items())}


def flags(rows: Sequence[PairingFigures]) -> dict[str, dict[str, Figure]]:
    raised = _sums(row.raised for row in rows)
    found = [flag for row in rows for flag in open_flags(row.pairing).items()]
    still_open = Counter(signal for signal, _ in found)
    acknowledged = Counter(signal for signal, flag in found if flag.acknowledged)
    return {
        signal: {
            "raised": raised.get(signal, _NONE),
            "open": _count(still_open[signal]),
            "acknowledged": _count(acknowledged[signal]),
        }
        for signal in SIGNALS
    }
