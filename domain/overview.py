"""The overview's figures, kept by counting marks in and out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.figures import month_of
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.marks import Mark, counted_months, month_at, month_text
from domain.pairing import ROLES
from domain.passing_of_time import DEADLINES
from domain.questions import SOON
from domain.report_parts import STATES, ratio
from domain.steps import STEPS
from domain.survival import Followed, curve_of

RATINGS = range(1, 6)


class Tally:
    """Every figure of the overview on one day, by counting marks in and out: a change costs only what changed."""

    def __init__(self, today: date, marks: Iterable[Mark] = ()) -> None:
        self.today = today
        self._ordinal = today.toordinal()
        self._all = 0
        self._states: Counter[str] = Counter()
        self._healths: Counter[str] = Counter()
        self._steps: Counter[str] = Counter()
        self._furthest: Counter[int] = Counter()
        self._days: list[Counter[int]] = [Counter() for _ in STEPS]
        self._late: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._any: Counter[str] = Counter()
        self._months: Counter[int] = Counter()
        self._met: Counter[int] = Counter()
        self._opened: Counter[int] = Counter()
        self._given: Counter[tuple[int, str, int]] = Counter()
        self._given_late: Counter[tuple[int, str]] = Counter()
        self._proposed: Counter[int] = Counter()
        self._closed: Counter[int] = Counter()
        self._lives: dict[int, Counter[Followed]] = defaultdict(Counter)
        for one in marks:
            self.count(one, 1)

    def count(self, one: Mark, by: int) -> None:
        """Counts a pairing in (`by` 1) or out again (-1)."""
        today = self._ordinal
        self._all += by
        self._states[one.state] += by
        self._healths[one.health] += by
        self._steps[one.step] += by
        self._furthest[one.furthest] += by
        self._proposed[month_at(one.proposed)] += by
        for counts, days in zip(self._days, one.days, strict=True):
            if days is not None:
                counts[days] += by
        for kind in one.late:
            self._late[kind] += by
        for signal in one.flags:
            self._flags[signal] += by
        for signal in one.seen:
            self._seen[signal] += by
        self._any["late"] += by * bool(one.late)
        self._any["flagged"] += by * any(signal != "closed_early" for signal in one.flags)
        self._any["soon"] += by * (one.due is not None and today <= one.due <= today + SOON)
        months = counted_months(one, today)
        if months:
            for month in months:
                self._months[month] += by
            for month in one.met:
                if month in months:
                    self._met[month] += by
        for quarter in one.quarters:
            self._opened[quarter.number] += by
            for role, satisfaction in zip(ROLES, quarter.satisfaction, strict=True):
                if satisfaction is not None:
                    self._given[quarter.number, role, satisfaction] += by
                    self._given_late[quarter.number, role] += by * (role in quarter.late)
        if one.closed is not None:
            self._closed[one.closed] += by
        last = today if one.until is None else min(one.until, today)
        self._lives[one.started][Followed(max(last - one.proposed, 0), one.state == "closed_early")] += by

    def figures(self) -> dict[str, Any]:
        """All of it."""
        return {
            "pairings": {"all": self._all, **{state: self._states[state] for state in STATES}},
            "health": {word: self._healths[word] for word in HEALTHS},
            "steps": self._step_rows(),
            "today": self._needs(),
            "cadence": [
                {
                    "month": month_text(month),
                    "counted": counted,
                    "met": self._met[month],
                    "share": ratio(self._met[month], counted),
                }
                for month, counted in sorted(self._months.items())
                if counted
            ],
            "feedback": [
                {"quarter": number, "opened": opened, **{role: self._by_role(number, role) for role in ROLES}}
                for number, opened in sorted(self._opened.items())
                if opened
            ],
            "closings": self._closings(),
            "survival": self._survival(),
        }

    def _step_rows(self) -> list[dict[str, Any]]:
        rows, reached = [], self._all
        for number, step in enumerate(STEPS, start=1):
            days = self._days[number - 1]
            rows.append(
                {
                    "number": number,
                    "step": step,
                    "current": self._steps[step],
                    "reached": reached,
                    "completed": days.total(),
                    "median_days": _middle(days),
                }
            )
            reached -= self._furthest[number]
        return rows

    def _needs(self) -> dict[str, Any]:
        return {
            "late": self._any["late"],
            "late_by_kind": {kind: self._late[kind] for kind in DEADLINES if self._late[kind]},
            "flagged": self._any["flagged"],
            "flags": {
                signal: {"open": self._flags[signal], "seen": self._seen[signal]}
                for signal in SIGNALS
                if self._flags[signal] and signal != "closed_early"
            },
            "reviews": self._flags["closed_early"],
            "soon": self._any["soon"],
        }

    def _by_role(self, quarter: int, role: str) -> dict[str, Any]:
        given = {rating: self._given[quarter, role, rating] for rating in RATINGS}
        number = sum(given.values())
        return {
            "given": number,
            "late": self._given_late[quarter, role],
            "mean_satisfaction": ratio(sum(rating * count for rating, count in given.items()), number),
        }

    def _closings(self) -> dict[str, Any]:
        """Month by month, from the first in which a pairing was proposed; at most three years of them."""
        months = [month for month, number in self._proposed.items() if number]
        last = max((month_of(self.today), *(month for month, number in self._closed.items() if number)))
        first = max(min(months, default=last + 1), last - 35)
        return {
            "count": self._closed.total(),
            "months": [{"month": month_text(month), "closed": self._closed[month]} for month in range(first, last + 1)],
        }

    def _survival(self) -> dict[str, Any]:
        """How long pairings last before they close early, as the report's `survival` has it, by month of start."""
        everyone: Counter[Followed] = Counter()
        for lives in self._lives.values():
            everyone.update(lives)
        return {
            **_group(everyone),
            "months": [
                {"month": month_text(month), **_group(lives)}
                for month, lives in sorted(self._lives.items())
                if lives.total()
            ],
        }


def _group(lives: Counter[Followed]) -> dict[str, Any]:
    return {
        "n": lives.total(),
        "closed": sum(number for life, number in lives.items() if life.closed),
        "followed_days": max((life.days for life, number in lives.items() if number), default=None),
        "curve": [(step.day, step.survival) for step in curve_of(lives)],
    }


def _middle(counts: Counter[int]) -> float | None:
    """The median, from how often each number comes."""
    total = counts.total()
    return (_number_at(counts, (total - 1) // 2) + _number_at(counts, total // 2)) / 2 if total else None


def _number_at(counts: Counter[int], place: int) -> int:
    """The number at a place of them all in order, counted from 0."""
    for number in sorted(counts):
        place -= counts[number]
        if place < 0:
            return number
    raise IndexError(place)
