"""The pairings behind a figure of the overview: it counts those that fit a question, which finds them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from domain.marks import Mark, Quarter, counted_months, month_number
from domain.pairing import ROLES
from domain.passing_of_time import DEADLINES
from domain.steps import NUMBER

SOON = 7  # days


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


def _flagged(_: Question) -> Fits:
    return lambda one, _: any(signal != "closed_early" for signal in one.flags)


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
    "flagged": _Kind(_nothing_more, _flagged),
    "met": _Kind(_a_month, _met),
    "unmet": _Kind(_a_month, _unmet),
    "started": _Kind(_a_month, _started),
    "closed": _Kind(lambda asked: _nothing_more(asked) or _a_month(asked), _closed),
    "opened": _Kind(_a_quarter, _opened),
    "given": _Kind(_a_quarter, _given),
    "missing": _Kind(_a_quarter, _missing),
}
