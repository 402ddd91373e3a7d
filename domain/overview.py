"""The overview's figures, kept by counting marks in and out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.events import Role
from domain.figures import month_of
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.marks import Mark, Quarter, counted_months, month_at, month_text
from domain.pairing import ROLES
from domain.passing_of_time import DEADLINES
from domain.questions import SOON
from domain.report_parts import STATES, middle, ratio
from domain.steps import STEPS
from domain.survival import Followed, curve_of


class Tally:
    """Every figure of the overview on one day, by counting marks in and out: a change costs only what changed."""

    def __init__(self, today: date, marks: Iterable[Mark] = ()) -> None:
        self.today = today
        self._ordinal = today.toordinal()
        # What many pairings share is counted together, and taken apart when it is asked for.
        self._standings: Counter[tuple[str, str, str, int, int, int | None]] = Counter()
        self._asking: Counter[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]] = Counter()
        self._days: list[Counter[int]] = [Counter() for _ in STEPS]
        self._months: Counter[range | frozenset[int]] = Counter()
        self._met: Counter[int] = Counter()
        self._quarters: Counter[Quarter] = Counter()
        self._lives: dict[int, Counter[Followed]] = defaultdict(Counter)
        for one in marks:
            self.count(one, 1)

    def count(self, one: Mark, by: int) -> None:
        """Counts a pairing in (`by` 1) or out again (-1)."""
        today = self._ordinal
        proposed = month_at(one.proposed)
        self._standings[one.state, one.health, one.step, one.furthest, proposed, one.closed] += by
        soon = one.due is not None and today <= one.due <= today + SOON
        self._asking[one.late, one.flags, one.seen, soon] += by
        for counts, days in zip(self._days, one.days, strict=True):
            if days is not None:
                counts[days] += by
        months = counted_months(one, today)
        if months:
            self._months[months] += by
            for month in one.met:
                if month in months:
                    self._met[month] += by
        for quarter in one.quarters:
            self._quarters[quarter] += by
        last = today if one.until is None else min(one.until, today)
        self._lives[one.started][Followed(max(last - one.proposed, 0), one.state == "closed_early")] += by

    def figures(self) -> dict[str, Any]:
        """All of it."""
        states, healths, steps, furthest, proposed, closed = (_part(self._standings, place) for place in range(6))
        months = _taken_apart(self._months)
        return {
            "pairings": {"all": self._standings.total(), **{state: states[state] for state in STATES}},
            "health": {word: healths[word] for word in HEALTHS},
            "steps": self._step_rows(steps, furthest),
            "today": self._needs(),
            "cadence": [
                {
                    "month": month_text(month),
                    "counted": counted,
                    "met": self._met[month],
                    "share": ratio(self._met[month], counted),
                }
                for month, counted in sorted(months.items())
                if counted
            ],
            "feedback": self._feedback(),
            "closings": self._closings(proposed, closed),
            "survival": self._survival(),
        }

    def _step_rows(self, steps: Counter[str], furthest: Counter[int]) -> list[dict[str, Any]]:
        rows, reached = [], self._standings.total()
        for number, step in enumerate(STEPS, start=1):
            days = self._days[number - 1]
            rows.append(
                {
                    "number": number,
                    "step": step,
                    "current": steps[step],
                    "reached": reached,
                    "completed": days.total(),
                    "median_days": middle(days),
                }
            )
            reached -= furthest[number]
        return rows

    def _needs(self) -> dict[str, Any]:
        late, flags, seen = (_taken_apart(_part(self._asking, place)) for place in range(3))
        asking = self._asking.items()
        return {
            "late": sum(number for (late, *_), number in asking if late),
            "late_by_kind": {kind: late[kind] for kind in DEADLINES if late[kind]},
            "flagged": sum(
                number for (_, flags, *_), number in asking if any(flag != "closed_early" for flag in flags)
            ),
            "flags": {
                signal: {"open": flags[signal], "seen": seen[signal]}
                for signal in SIGNALS
                if flags[signal] and signal != "closed_early"
            },
            "reviews": flags["closed_early"],
            "soon": sum(number for (*_, soon), number in asking if soon),
        }

    def _feedback(self) -> list[dict[str, Any]]:
        opened = _part(self._quarters, 0)
        return [
            {"quarter": number, "opened": opened[number], **{role: self._by_role(number, role) for role in ROLES}}
            for number in sorted(opened)
            if opened[number]
        ]

    def _by_role(self, quarter: int, role: Role) -> dict[str, Any]:
        place = ROLES.index(role)
        answers = [(one, one.satisfaction[place], count) for one, count in self._quarters.items()]
        given = [(one, rating, count) for one, rating, count in answers if one.number == quarter and rating is not None]
        number = sum(count for *_, count in given)
        return {
            "given": number,
            "late": sum(count for one, _, count in given if role in one.late),
            "mean_satisfaction": ratio(sum(rating * count for _, rating, count in given), number),
        }

    def _closings(self, proposed: Counter[int], closed: Counter[int | None]) -> dict[str, Any]:
        """Month by month, from the first in which a pairing was proposed; at most three years of them."""
        closings = {month: number for month, number in closed.items() if month is not None and number}
        last = max((month_of(self.today), *closings))
        first = max(min((month for month, number in proposed.items() if number), default=last + 1), last - 35)
        return {
            "count": sum(closings.values()),
            "months": [
                {"month": month_text(month), "closed": closings.get(month, 0)} for month in range(first, last + 1)
            ],
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


def _part(counts: Counter[Any], place: int) -> Counter[Any]:
    """How often each value comes at this place of what was counted."""
    parts: Counter[Any] = Counter()
    for whole, number in counts.items():
        parts[whole[place]] += number
    return parts


def _taken_apart(counts: Counter[Any]) -> Counter[Any]:
    """How often each member comes in what was counted."""
    members: Counter[Any] = Counter()
    for whole, number in counts.items():
        for member in whole:
            members[member] += number
    return members


def _group(lives: Counter[Followed]) -> dict[str, Any]:
    return {
        "n": lives.total(),
        "closed": sum(number for life, number in lives.items() if life.closed),
        "followed_days": max((life.days for life, number in lives.items() if number), default=None),
        "curve": [(step.day, step.survival) for step in curve_of(lives)],
    }
