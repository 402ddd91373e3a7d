"""The MPM report: figures of pairings and people in, one document out; live and as of an instant alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from domain.calendar import add_days, add_months, date_of
from domain.events import Role
from domain.figures import QUESTIONS, PairingFigures, PersonFigures, Said, month_of
from domain.flags import SIGNALS
from domain.health import HEALTHS, health, open_flags, state_of
from domain.names import holds_any, words
from domain.pairing import ROLES, Pairing
from domain.passing_of_time import DEADLINES
from domain.programme import Programme
from domain.steps import ENDS, NUMBER, STEPS
from domain.suppression import Breakdown, Figure, in_full, suppressed

Audience = Literal["mpm", "management"]
AUDIENCES: tuple[Audience, ...] = ("mpm", "management")


class FactCounts(NamedTuple):
    """Facts about a programme that wait or were refused, and how many subjects they are about."""

    waiting: int = 0
    refused: int = 0
    waiting_about: int = 0
    refused_about: int = 0


def report(
    programme: Programme,
    pairings: Iterable[PairingFigures],
    people: Mapping[str, PersonFigures],
    facts: FactCounts,
    as_of: datetime,
    audience: Audience = "mpm",
) -> dict[str, Any]:
    """The report on what the figures say; `as_of` is shown as given, in its own offset.

    For the MPM what was `said` and the names of the people must be opened already. What could not be
    opened is none; a text is left out where it, or a name that it might hold, is none.
    """
    rows = sorted(pairings, key=lambda row: row.pairing.id)
    today = date_of(as_of, programme.timezone)
    document: dict[str, Any] = {
        "programme": {
            "id": programme.id,
            "name": programme.name,
            "purpose": programme.purpose,
            "starts_on": programme.starts_on.isoformat(),
            "timezone": programme.timezone,
        },
        "as_of": as_of.isoformat(),
        "pairings": _pairings(rows),
        "health": _tally(Counter(health(row.pairing) for row in rows), HEALTHS),
        "steps": _steps(rows),
        "deadlines": _deadlines(rows),
        "meetings": _meetings(rows, today),
        "feedback": _feedback(rows),
        "competencies": _competencies(programme, rows, people),
        "goals": _goals(rows),
        "contracts": _contracts(rows),
        "evaluation": {role: _evaluation(rows, role) for role in ROLES},
        "early_closures": _early_closures(rows),
        "flags": _flags(rows),
        "facts": {
            "waiting": Figure(facts.waiting, min(facts.waiting, facts.waiting_about)),
            "refused": Figure(facts.refused, min(facts.refused, facts.refused_about)),
        },
    }
    if audience == "management":
        below = programme.policy.suppress_below
        return suppressed(document, below, _breakdowns(document), _SAME)
    document["learned"] = _learned(rows, people)
    return dict(in_full(document))


# What adds up to what, and which figures tell each other: what management could work out again.

_STATES = ("active", "paused", "completed", "closed_early")
_SAME = (
    ("pairings.paused", "health.paused"),
    ("pairings.completed", "health.completed"),
    (
        "pairings.closed_early",
        "health.closed_early",
        "early_closures.count",
        "early_closures.share",
        "flags.closed_early.raised",
    ),
)


def _breakdowns(document: Mapping[str, Any]) -> list[Breakdown]:
    current = tuple(f"steps[{place}].current" for place in range(len(STEPS)))
    closures = document["early_closures"]
    return [
        Breakdown("pairings.proposed", tuple(f"pairings.{state}" for state in _STATES)),
        Breakdown("pairings.proposed", tuple(f"health.{word}" for word in HEALTHS)),
        Breakdown("pairings.active", tuple(f"health.{word}" for word in HEALTHS[:3])),
        Breakdown("pairings.proposed", (*current, "pairings.completed", "pairings.closed_early")),
        *(
            Breakdown("early_closures.count", tuple(f"early_closures.{by}.{name}" for name in closures[by]))
            for by in ("by_reason", "by_initiator", "by_step")
        ),
    ]


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


# The parts of the document


def _pairings(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    states = Counter(state_of(row.pairing) for row in rows)
    return {
        "proposed": _count(len(rows)),
        **_tally(states, _STATES),
        "rematched": _count(sum(row.pairing.replaces is not None for row in rows)),
    }


def _steps(rows: Sequence[PairingFigures]) -> list[dict[str, Any]]:
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
    through = [pairing for pairing in pairings if step in pairing.done]
    if step == "first_meeting":
        outcomes = Counter(pairing.contract for pairing in through)
    else:
        outcomes = Counter(pairing.done[step].outcome for pairing in through)
    done = [pairing for pairing in through if pairing.done[step].outcome == "done"]
    return {
        "completed": _count(len(done)),
        "on_time": _count(sum(pairing.done[step].on_time for pairing in done)),
        "waived": _count(outcomes["waived"]),
        "lapsed": _count(outcomes["lapsed"]),
        "median_days": _median([(p.done[step].completed_on - p.proposed_on).days for p in done]),
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


def _deadlines(rows: Sequence[PairingFigures]) -> dict[str, dict[str, Figure]]:
    missed = _sums(row.misses for row in rows)
    rescinded = _sums(row.rescinded for row in rows)
    return {kind: {"missed": missed.get(kind, _NONE), "rescinded": rescinded.get(kind, _NONE)} for kind in DEADLINES}


def _meetings(rows: Sequence[PairingFigures], today: date) -> dict[str, Figure]:
    reached = [row for row in rows if row.pairing.first_meeting_due is not None]
    months = [(row, found) for row in rows if (found := cadence_months(row.pairing, today))]
    with_meeting = sum(len(found.intersection(row.months_held)) for row, found in months)
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


def cadence_months(pairing: Pairing, today: date) -> set[int]:
    """The calendar months that a pair met or should have met in: whole months of step 6 on, none paused."""
    first = pairing.meetings_entered_on
    if first is None:
        return set()
    last = min(day for day in (pairing.term_ended_on, pairing.ended_on, today) if day is not None)
    begins = first if first.day == 1 else add_months(first.replace(day=1), 1)
    after = add_days(last, 1)
    # The month of the day after the last is the first that is not whole.
    months = set(range(month_of(begins), month_of(after)))
    for pause in pairing.pauses:
        until = last if pause.resumed_on is None else add_days(pause.resumed_on, -1)
        if pause.paused_on <= until:
            months.difference_update(range(month_of(pause.paused_on), month_of(until) + 1))
    return months


def _feedback(rows: Sequence[PairingFigures]) -> list[dict[str, Any]]:
    quarters = sorted({quarter for row in rows for quarter in row.pairing.rounds})
    return [
        {
            "quarter": quarter,
            "opened": _count(sum(quarter in row.pairing.rounds for row in rows)),
            **{role: _feedback_by(rows, quarter, role) for role in ROLES},
        }
        for quarter in quarters
    ]


def _feedback_by(rows: Sequence[PairingFigures], quarter: int, role: Role) -> dict[str, Figure]:
    answers = [row.feedback[quarter][role] for row in rows if role in row.feedback.get(quarter, ())]
    return {
        "given": _count(len(answers)),
        "late": _count(sum(answer.late for answer in answers)),
        "mean_satisfaction": _mean([answer.satisfaction for answer in answers]),
        "mean_progress": _mean([answer.progress for answer in answers]),
    }


def _competencies(
    programme: Programme, rows: Sequence[PairingFigures], people: Mapping[str, PersonFigures]
) -> list[dict[str, Any]]:
    first_proposed: dict[str, date] = {}
    for row in rows:
        pairing = row.pairing
        known = first_proposed.get(pairing.protege, pairing.proposed_on)
        first_proposed[pairing.protege] = min(known, pairing.proposed_on)
    pairs = []
    for protege, proposed_on in first_proposed.items():
        assessments = people[protege].assessments if protege in people else []
        if not assessments:
            continue
        # Sorting keeps the order of recording within a date.
        dated = sorted(enumerate(assessments), key=lambda found: found[1].assessed_on)
        before = [found for found in dated if found[1].assessed_on <= proposed_on]
        pairs.append((before[-1] if before else dated[0], dated[-1]))
    lines = []
    for competency in programme.competencies:
        rated = [
            (baseline.ratings[competency.id], latest.ratings[competency.id], again != first)
            for (first, baseline), (again, latest) in pairs
            if competency.id in baseline.ratings and competency.id in latest.ratings
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


def _goals(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    percents = [progress.percent for row in rows for progress in row.pairing.goals.values()]
    agreed = _sum(rows, lambda row: len(row.pairing.goals))
    return {
        "agreed": agreed,
        "attained": _sum(rows, lambda row: sum(goal.percent == 100 for goal in row.pairing.goals.values())),
        "mean_percent": Figure(ratio(sum(percents), len(percents)), agreed.over),
    }


def _contracts(rows: Sequence[PairingFigures]) -> dict[str, Figure]:
    outcomes = Counter(row.pairing.contract for row in rows)
    pending = sum(row.pairing.contract is None and row.pairing.step not in ENDS for row in rows)
    return {**_tally(_named(outcomes), ("signed", "waived", "lapsed")), "pending": _count(pending)}


def _named(counts: Mapping[str | None, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if name is not None}


def _evaluation(rows: Sequence[PairingFigures], role: Role) -> dict[str, Figure]:
    due = [row for row in rows if row.pairing.term_ended_on is not None]
    given = [row.evaluations[role] for row in due if role in row.evaluations]
    return {
        "due": _count(len(due)),
        "given": _count(len(given)),
        "mean_satisfaction": _mean([verdict.satisfaction for verdict in given]),
        "recommend_share": _mean([int(verdict.recommend) for verdict in given]),
    }


def _early_closures(rows: Sequence[PairingFigures]) -> dict[str, Any]:
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


def _flags(rows: Sequence[PairingFigures]) -> dict[str, dict[str, Figure]]:
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


def _learned(rows: Sequence[PairingFigures], people: Mapping[str, PersonFigures]) -> dict[str, list[str]]:
    """In order of `at`; at the same instant by pairing, so that the order of arrival makes no difference."""
    kept: list[tuple[datetime, str, Said]] = []
    for row in rows:
        if not row.said:
            continue
        names = _names(row.pairing, people)
        if names is None:
            continue
        kept += [
            (said.at, row.pairing.id, said)
            for said in row.said
            if said.text is not None and said.text.strip() and not holds_any(said.text, names)
        ]
    kept.sort(key=lambda item: item[:2])
    return {
        question: [said.text for _, _, said in kept if said.text is not None and said.question == question]
        for question in QUESTIONS
    }


def _names(pairing: Pairing, people: Mapping[str, PersonFigures]) -> frozenset[str] | None:
    """The words of every name that the two had; none where one of them cannot be read."""
    names: set[str] = set()
    for participant in (pairing.mentor, pairing.protege):
        for name in people[participant].names if participant in people else ():
            if name.text is None:
                return None
            names |= words(name.text)
    return frozenset(names)
