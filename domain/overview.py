"""The overview's figures: each a count of the pairings that fit a question, and the same question finds them again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.calendar import add_days, add_months
from domain.figures import PairingFigures, month_of
from domain.flags import SIGNALS
from domain.health import HEALTHS, deadlines, health, next_deadline, open_flags, state_of
from domain.pairing import ROLES
from domain.passing_of_time import DEADLINES
from domain.report_parts import STATES, ratio
from domain.steps import NUMBER, STEPS

SOON = 7  # days


class Quarter(NamedTuple):
    """A quarter's feedback: each role's satisfaction, none where it gave none, and the roles that gave it late."""

    number: int
    satisfaction: tuple[int | None, int | None]
    late: tuple[str, ...]


class Mark(NamedTuple):
    """A pairing in the few figures that the overview counts.

    Dates are ordinals; months as `month_of` numbers them. `late`: the kinds of deadline that passed and are not
    met; `due`: the next one ahead; `until`: the last day that counts, once its term ended or it closed; `furthest`:
    the highest step it came to; `days`: for each step done, how long after the proposal; `meets_from`: the first
    month in which a meeting counts; `pauses`: first and last day of each.
    """

    pairing: str
    state: str
    step: str
    health: str
    flags: tuple[str, ...]
    seen: tuple[str, ...]
    late: tuple[str, ...]
    due: int | None
    proposed: int
    started: int
    until: int | None
    closed: int | None
    furthest: int
    days: tuple[int | None, ...]
    meets_from: int | None
    pauses: tuple[tuple[int, int | None], ...]
    met: tuple[int, ...]
    quarters: tuple[Quarter, ...]


def mark(figures: PairingFigures) -> Mark:
    """What the overview needs of a pairing."""
    pairing = figures.pairing
    flags = open_flags(pairing)
    late = {one.kind for one in deadlines(pairing) if one.missed}
    if pairing.slipped and pairing.step in ("meetings", "feedback"):
        late.add("meeting")
    due = next_deadline(pairing)
    ended = [day for day in (pairing.term_ended_on, pairing.ended_on) if day is not None]
    first = pairing.meetings_entered_on
    return Mark(
        pairing=pairing.id,
        state=state_of(pairing),
        step=pairing.step,
        health=health(pairing),
        flags=tuple(sorted(flags)),
        seen=tuple(sorted(signal for signal, flag in flags.items() if flag.acknowledged)),
        late=tuple(kind for kind in DEADLINES if kind in late),
        due=None if due is None or due.missed else due.due_on.toordinal(),
        proposed=pairing.proposed_on.toordinal(),
        started=month_of(pairing.starts_on),
        until=min(ended).toordinal() if ended else None,
        closed=month_of(pairing.ended_on) if pairing.step == "closed_early" and pairing.ended_on else None,
        furthest=_furthest(figures),
        days=tuple(_days_to(figures, step) for step in STEPS),
        meets_from=None if first is None else month_of(first if first.day == 1 else add_months(first, 1)),
        pauses=tuple(
            (pause.paused_on.toordinal(), pause.resumed_on.toordinal() - 1 if pause.resumed_on else None)
            for pause in pairing.pauses
        ),
        met=tuple(figures.months_held),
        quarters=tuple(_quarter(figures, number) for number in sorted(pairing.rounds)),
    )


def _furthest(figures: PairingFigures) -> int:
    pairing = figures.pairing
    if pairing.step == "completed":
        return len(STEPS)
    now = NUMBER[figures.closing.step if figures.closing else pairing.step]
    return max(now, NUMBER["feedback"]) if pairing.rounds else now


def _days_to(figures: PairingFigures, step: str) -> int | None:
    """As the report counts them: `median_days` of its steps is over these."""
    pairing = figures.pairing
    done = pairing.done.get(step)
    if done is None or done.outcome != "done" or step == "feedback":
        return None
    ended = pairing.term_ended_on if step == "meetings" else done.completed_on
    return None if ended is None else (ended - pairing.proposed_on).days


def _quarter(figures: PairingFigures, number: int) -> Quarter:
    given = figures.feedback.get(number, {})
    mentor, protege = (given[role].satisfaction if role in given else None for role in ROLES)
    return Quarter(number, (mentor, protege), tuple(role for role in ROLES if role in given and given[role].late))


def counted_months(one: Mark, today: int) -> range | set[int]:
    """The months in which this pairing met or should have met, as the report's cadence counts them."""
    if one.meets_from is None:
        return range(0)
    last = today if one.until is None else min(one.until, today)
    months = range(one.meets_from, month_of(add_days(date.fromordinal(last), 1)))
    if not one.pauses:
        return months
    counted = set(months)
    for first, until in one.pauses:
        end = last if until is None else until
        if first <= end:
            paused = range(month_of(date.fromordinal(first)), month_of(date.fromordinal(end)) + 1)
            counted.difference_update(paused)
    return counted


# The questions


class Question(NamedTuple):
    """What is asked of each pairing: by name, and the month, step, kind or quarter it is asked about."""

    name: str
    about: str = ""
    role: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in self if part)


def question(text: str) -> Question | None:
    """`met:2025-03`, say, or `given:2:mentor`; none where no such question is asked."""
    name, _, rest = text.partition(":")
    about, _, role = rest.partition(":")
    asked = Question(name, about, role)
    return asked if name in _QUESTIONS and _QUESTIONS[name].allows(asked) else None


def fitting(asked: Question, marks: Iterable[Mark], today: date) -> list[str]:
    """The pairings behind a figure."""
    fits, ordinal = _QUESTIONS[asked.name].fits(asked), today.toordinal()
    return [one.pairing for one in marks if fits(one, ordinal)]


def month_number(text: str) -> int:
    """The number of `2025-03`."""
    year, _, month = text.partition("-")
    return int(year) * 12 + int(month) - 1


def month_text(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


Fits = Callable[[Mark, int], bool]


class _Kind(NamedTuple):
    """Which words a question may be about, and how a pairing is looked at."""

    allows: Callable[[Question], bool]
    fits: Callable[[Question], Fits]


def _a_step(asked: Question) -> bool:
    return asked.about in NUMBER and not asked.role


def _a_deadline(asked: Question) -> bool:
    return asked.about in ("", *DEADLINES) and not asked.role


def _a_month(asked: Question) -> bool:
    year, _, month = asked.about.partition("-")
    digits = len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()
    return digits and 1 <= int(month) <= 12 and not asked.role


def _a_quarter(asked: Question) -> bool:
    digits = asked.about.isascii() and asked.about.isdigit() and len(asked.about) <= 4
    return digits and asked.role in ("", *ROLES)


def _nothing_more(asked: Question) -> bool:
    return not asked.about


def _came_to(asked: Question) -> Fits:
    number = NUMBER[asked.about]
    return lambda one, _: one.furthest >= number


def _did(asked: Question) -> Fits:
    place = NUMBER[asked.about] - 1
    return lambda one, _: one.days[place] is not None


def _late(asked: Question) -> Fits:
    kind = asked.about
    return lambda one, _: kind in one.late if kind else bool(one.late)


def _soon(_: Question) -> Fits:
    return lambda one, today: one.due is not None and today <= one.due <= today + SOON


def _met(asked: Question) -> Fits:
    month = month_number(asked.about)
    return lambda one, today: month in one.met and month in counted_months(one, today)


def _unmet(asked: Question) -> Fits:
    month = month_number(asked.about)
    return lambda one, today: month not in one.met and month in counted_months(one, today)


def _started(asked: Question) -> Fits:
    month = month_number(asked.about)
    return lambda one, _: one.started == month


def _closed(asked: Question) -> Fits:
    month = month_number(asked.about) if asked.about else None
    return lambda one, _: one.closed is not None and month in (None, one.closed)


def _opened(asked: Question) -> Fits:
    number = int(asked.about)
    return lambda one, _: any(quarter.number == number for quarter in one.quarters)


def _given(asked: Question) -> Fits:
    number, role = int(asked.about), asked.role
    return lambda one, _: any(quarter.number == number and _gave(quarter, role) for quarter in one.quarters)


def _missing(asked: Question) -> Fits:
    number, role = int(asked.about), asked.role
    return lambda one, _: any(quarter.number == number and not _gave(quarter, role) for quarter in one.quarters)


def _gave(quarter: Quarter, role: str) -> bool:
    """This role, or without one both."""
    return all(found is not None for found, by in zip(quarter.satisfaction, ROLES, strict=True) if role in ("", by))


_QUESTIONS: Mapping[str, _Kind] = {
    "reached": _Kind(_a_step, _came_to),
    "done": _Kind(_a_step, _did),
    "late": _Kind(_a_deadline, _late),
    "soon": _Kind(_nothing_more, _soon),
    "met": _Kind(_a_month, _met),
    "unmet": _Kind(_a_month, _unmet),
    "started": _Kind(_a_month, _started),
    "closed": _Kind(lambda asked: _nothing_more(asked) or _a_month(asked), _closed),
    "opened": _Kind(_a_quarter, _opened),
    "given": _Kind(_a_quarter, _given),
    "missing": _Kind(_a_quarter, _missing),
}


# The figures


def overview(marks: Sequence[Mark], today: date) -> dict[str, Any]:
    """Every figure of the overview."""
    states = Counter(one.state for one in marks)
    healths = Counter(one.health for one in marks)
    return {
        "pairings": {"all": len(marks), **{state: states[state] for state in STATES}},
        "health": {word: healths[word] for word in HEALTHS},
        "steps": _steps(marks),
        "today": _today(marks, today.toordinal()),
        "cadence": _cadence(marks, today.toordinal()),
        "feedback": _feedback(marks),
        "closings": _closings(marks, today),
    }


def _steps(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    current = Counter(one.step for one in marks)
    furthest = Counter(one.furthest for one in marks)
    rows, beyond = [], len(marks)
    for number, step in enumerate(STEPS, start=1):
        days = sorted(found for one in marks if (found := one.days[number - 1]) is not None)
        rows.append(
            {
                "number": number,
                "step": step,
                "current": current[step],
                "reached": beyond,
                "completed": len(days),
                "median_days": _middle(days),
            }
        )
        beyond -= furthest[number]
    return rows


def _middle(ordered: Sequence[int]) -> float | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _today(marks: Sequence[Mark], today: int) -> dict[str, Any]:
    late = Counter(kind for one in marks for kind in one.late)
    flags = Counter(signal for one in marks for signal in one.flags)
    seen = Counter(signal for one in marks for signal in one.seen)
    return {
        "late": sum(bool(one.late) for one in marks),
        "late_by_kind": {kind: late[kind] for kind in DEADLINES if late[kind]},
        "flagged": sum(any(signal != "closed_early" for signal in one.flags) for one in marks),
        "flags": {
            signal: {"open": flags[signal], "seen": seen[signal]}
            for signal in SIGNALS
            if flags[signal] and signal != "closed_early"
        },
        "reviews": flags["closed_early"],
        "soon": sum(one.due is not None and today <= one.due <= today + SOON for one in marks),
    }


def _cadence(marks: Sequence[Mark], today: int) -> list[dict[str, Any]]:
    """Month by month: how many pairings should have met in it, and how many did."""
    counted: Counter[int] = Counter()
    met: Counter[int] = Counter()
    for one in marks:
        months = counted_months(one, today)
        if months:
            counted.update(months)
            met.update(month for month in one.met if month in months)
    return [
        {
            "month": month_text(month),
            "counted": counted[month],
            "met": met[month],
            "share": ratio(met[month], counted[month]),
        }
        for month in sorted(counted)
    ]


def _feedback(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    opened: dict[int, list[Quarter]] = defaultdict(list)
    for one in marks:
        for quarter in one.quarters:
            opened[quarter.number].append(quarter)
    return [
        {
            "quarter": number,
            "opened": len(quarters),
            **{role: _by_role(quarters, place) for place, role in enumerate(ROLES)},
        }
        for number, quarters in sorted(opened.items())
    ]


def _by_role(quarters: Sequence[Quarter], place: int) -> dict[str, Any]:
    given = [found for quarter in quarters if (found := quarter.satisfaction[place]) is not None]
    late = sum(ROLES[place] in quarter.late for quarter in quarters)
    return {"given": len(given), "late": late, "mean_satisfaction": ratio(sum(given), len(given))}


def _closings(marks: Sequence[Mark], today: date) -> dict[str, Any]:
    """When pairings closed early, from the first month in which one was proposed."""
    closed = Counter(one.closed for one in marks if one.closed is not None)
    first = min((month_of(date.fromordinal(one.proposed)) for one in marks), default=0)
    last = max((month_of(today), *closed)) if marks else -1
    # a date far away must not make the list endless
    months = range(max(first, last - 35), last + 1)
    return {
        "count": sum(closed.values()),
        "months": [{"month": month_text(month), "closed": closed[month]} for month in months],
    }
