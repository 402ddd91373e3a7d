"""A pairing in what the report counts, and all of a programme counted: how many are alike in each of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from domain.figures import Closing, PairingFigures, Verdict, month_of
from domain.health import health, open_flags, state_of
from domain.marks import days_to, meets_from, pauses
from domain.pairing import ROLES, Pairing
from domain.steps import STEPS

AT_ONCE = 500  # rows, so that they are counted while they are at hand

Counts = tuple[tuple[str, int], ...]
"""How often each came; what never came is not among them."""


class Standing(NamedTuple):
    """`contract`: what became of it; `rematch`: it replaces one that closed early."""

    state: str
    health: str
    step: str
    contract: str | None
    rematch: bool


class Flags(NamedTuple):
    """Those that are open, and those of them that somebody has acknowledged."""

    open: tuple[str, ...]
    seen: tuple[str, ...]


class Held(NamedTuple):
    """Meetings held; `reached`: by a pairing that came to step 5."""

    number: int
    reached: bool


class Cadence(NamedTuple):
    """The months with a meeting, and between which dates and without which pauses there should have been one."""

    meets_from: int | None
    until: int | None
    pauses: tuple[tuple[int, int | None], ...]
    met: tuple[int, ...]


class Feedback(NamedTuple):
    """What one role said of one quarter."""

    quarter: int
    by: str
    satisfaction: int
    progress: int
    late: bool


class Ending(NamedTuple):
    """A term that ended: the evaluations in the order of ROLES, and whether it ended early for goals that were met."""

    verdicts: tuple[Verdict | None, ...]
    fulfilled: bool


class Closed(NamedTuple):
    """An early closing, how many days after the proposal it was, and whether it was reviewed."""

    closing: Closing
    days: int
    reviewed: bool


class Life(NamedTuple):
    """The month in which it started, and what is known of how long it lasted: `last` is none while it runs."""

    started: int
    proposed: int
    last: int | None
    closed: bool


class Account(NamedTuple):
    """A pairing in what the report counts. Each field is counted whole, so that what goes together stands together.

    Dates are ordinals; months as `month_of` numbers them. For each step `days`: how long after the proposal it was
    done, and `outcomes`: how it was completed (the first meeting: its contract); `in_time`: the steps done by their
    due dates; `answered`: the quarters that both answered in time; `goals`: how far each is, in percent.
    """

    standing: Standing
    days: tuple[int | None, ...]
    outcomes: tuple[str | None, ...]
    in_time: tuple[str, ...]
    answered: int
    misses: Counts
    rescinded: Counts
    raised: Counts
    flags: Flags
    held: Held
    missed: int
    minutes: int
    cadence: Cadence
    quarters: tuple[int, ...]
    feedback: tuple[Feedback, ...]
    goals: tuple[int, ...]
    ending: Ending | None
    closing: Closed | None
    life: Life


class Accounts(NamedTuple):
    """For each field of an account, how many pairings have which value."""

    standing: Counter[Standing]
    days: Counter[tuple[int | None, ...]]
    outcomes: Counter[tuple[str | None, ...]]
    in_time: Counter[tuple[str, ...]]
    answered: Counter[int]
    misses: Counter[Counts]
    rescinded: Counter[Counts]
    raised: Counter[Counts]
    flags: Counter[Flags]
    held: Counter[Held]
    missed: Counter[int]
    minutes: Counter[int]
    cadence: Counter[Cadence]
    quarters: Counter[tuple[int, ...]]
    feedback: Counter[tuple[Feedback, ...]]
    goals: Counter[tuple[int, ...]]
    ending: Counter[Ending | None]
    closing: Counter[Closed | None]
    life: Counter[Life]


def counted(accounts: Iterable[Account]) -> Accounts:
    """Counts them, field by field."""
    return Accounts(*columns_counted(accounts, len(Account._fields)))


def columns_counted(rows: Iterable[Sequence[Any]], width: int) -> list[Counter[Any]]:
    """How often each value comes in each column of rows as wide as that, of which none is kept."""
    counts: list[Counter[Any]] = [Counter() for _ in range(width)]
    remaining = iter(rows)
    while some := list(islice(remaining, AT_ONCE)):
        for counter, column in zip(counts, zip(*some, strict=True), strict=True):
            counter.update(column)
    return counts


def part(counts: Counter[Any], place: int) -> Counter[Any]:
    """How often each value comes at this place of what was counted; where there is nothing, it has no place."""
    parts: Counter[Any] = Counter()
    for whole, number in counts.items():
        if whole is not None:
            parts[whole[place]] += number
    return parts


def members(counts: Counter[Any]) -> Counter[Any]:
    """How often each member comes in what was counted."""
    found: Counter[Any] = Counter()
    for whole, number in counts.items():
        for member in whole:
            found[member] += number
    return found


def account(figures: PairingFigures) -> Account:
    """What the report needs of a pairing."""
    pairing = figures.pairing
    flags = open_flags(pairing)
    ended = [day.toordinal() for day in (pairing.term_ended_on, pairing.ended_on) if day is not None]
    proposed = pairing.proposed_on.toordinal()
    closing = figures.closing
    return Account(
        standing=Standing(
            state_of(pairing), health(pairing), pairing.step, pairing.contract, pairing.replaces is not None
        ),
        days=tuple(days_to(pairing, step) for step in STEPS),
        outcomes=tuple(map(_outcomes(pairing).get, STEPS)),
        in_time=tuple(step for step, done in pairing.done.items() if done.outcome == "done" and on_time(pairing, step)),
        answered=sum(found.in_time for found in pairing.rounds.values()),
        misses=tuple(figures.misses.items()),
        rescinded=tuple(figures.rescinded.items()),
        raised=tuple(figures.raised.items()),
        flags=Flags(tuple(flags), tuple(signal for signal, flag in flags.items() if flag.acknowledged)),
        held=Held(figures.held, pairing.first_meeting_due is not None),
        missed=figures.missed,
        minutes=figures.minutes,
        cadence=Cadence(meets_from(pairing), min(ended, default=None), pauses(pairing), tuple(figures.months_held)),
        quarters=tuple(pairing.rounds),
        feedback=tuple(
            Feedback(quarter, by, *answer)
            for quarter, given in figures.feedback.items()
            for by, answer in given.items()
        ),
        goals=tuple(progress.percent for progress in pairing.goals.values()),
        ending=None
        if pairing.term_ended_on is None
        else Ending(tuple(figures.evaluations.get(role) for role in ROLES), figures.fulfilled),
        closing=None if closing is None else Closed(closing, ended[-1] - proposed, pairing.reviewed),
        life=Life(month_of(pairing.starts_on), proposed, ended[0] if ended else None, pairing.step == "closed_early"),
    )


def on_time(pairing: Pairing, step: str) -> bool:
    """Whether it was completed in time: the meetings end when the term does, an evaluation is late where either was."""
    if step == "evaluation":
        return not any(given.late for given in pairing.evaluations.values())
    return step == "meetings" or pairing.done[step].on_time


def _outcomes(pairing: Pairing) -> dict[str, str | None]:
    outcomes: dict[str, str | None] = {step: done.outcome for step, done in pairing.done.items()}
    return {**outcomes, "first_meeting": pairing.contract} if "first_meeting" in outcomes else outcomes
