"""A pairing in the few figures that the overview counts, small enough to read ten thousand of them at once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple, Protocol

from domain.calendar import add_months
from domain.figures import PairingFigures, month_of
from domain.health import health, next_deadline, open_flags, state_of
from domain.pairing import ROLES, Pairing
from domain.passing_of_time import DEADLINES
from domain.steps import NUMBER, STEPS


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
    late = set(pairing.missed)
    if pairing.slipped and pairing.step in ("meetings", "feedback"):
        late.add("meeting")
    due = next_deadline(pairing)
    ended = [day for day in (pairing.term_ended_on, pairing.ended_on) if day is not None]
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
        days=tuple(days_to(pairing, step) for step in STEPS),
        meets_from=meets_from(pairing),
        pauses=pauses(pairing),
        met=tuple(figures.months_held),
        quarters=tuple(_quarter(figures, number) for number in sorted(pairing.rounds)),
    )


def _furthest(figures: PairingFigures) -> int:
    pairing = figures.pairing
    if pairing.step == "completed":
        return len(STEPS)
    now = NUMBER[figures.closing.step if figures.closing else pairing.step]
    return max(now, NUMBER["feedback"]) if pairing.rounds else now


def days_to(pairing: Pairing, step: str) -> int | None:
    """How long after the proposal a step was done, if it was: `median_days` of the report is over these."""
    done = pairing.done.get(step)
    if done is None or done.outcome != "done" or step == "feedback":
        return None
    ended = pairing.term_ended_on if step == "meetings" else done.completed_on
    return None if ended is None else (ended - pairing.proposed_on).days


def meets_from(pairing: Pairing) -> int | None:
    """The first month in which a meeting counts."""
    first = pairing.meetings_entered_on
    return None if first is None else month_of(first if first.day == 1 else add_months(first, 1))


def pauses(pairing: Pairing) -> tuple[tuple[int, int | None], ...]:
    """The first and last day of each."""
    return tuple(
        (pause.paused_on.toordinal(), pause.resumed_on.toordinal() - 1 if pause.resumed_on else None)
        for pause in pairing.pauses
    )


def _quarter(figures: PairingFigures, number: int) -> Quarter:
    given = figures.feedback.get(number, {})
    mentor, protege = (given[role].satisfaction if role in given else None for role in ROLES)
    return Quarter(number, (mentor, protege), tuple(role for role in ROLES if role in given and given[role].late))


class Meets(Protocol):
    """What is told of a pairing's monthly meetings."""

    @property
    def meets_from(self) -> int | None: ...
    @property
    def until(self) -> int | None: ...
    @property
    def pauses(self) -> tuple[tuple[int, int | None], ...]: ...


def counted_months(one: Meets, today: int) -> range | frozenset[int]:
    """The calendar months in which a pairing met or should have met: whole ones of step 6 on, none paused."""
    if one.meets_from is None:
        return range(0)
    last = today if one.until is None else min(one.until, today)
    months = range(one.meets_from, month_at(last + 1))
    if not one.pauses:
        return months
    counted = set(months)
    for first, until in one.pauses:
        end = last if until is None else until
        if first <= end:
            counted.difference_update(range(month_at(first), month_at(end) + 1))
    return frozenset(counted)


@lru_cache(maxsize=4096)
def month_at(ordinal: int) -> int:
    """The month of a day."""
    return month_of(date.fromordinal(ordinal))


def month_number(text: str) -> int:
    """The number of `2025-03`."""
    year, _, month = text.partition("-")
    return int(year) * 12 + int(month) - 1


def month_text(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
