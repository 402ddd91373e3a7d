"""The MPM report: accounts of pairings and what was said in, one document out; live and as of an instant alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Literal, NamedTuple

from domain import report_parts as parts
from domain.accounts import Accounts
from domain.calendar import date_of
from domain.figures import QUESTIONS, Said
from domain.health import HEALTHS
from domain.names import holds_any, words
from domain.pairing import ROLES
from domain.programme import Programme
from domain.steps import STEPS
from domain.suppression import Breakdown, Figure, in_full, suppressed
from domain.survival import breakdowns as survival_breakdowns
from domain.survival import same as survival_same
from domain.survival import survival

Audience = Literal["mpm", "management"]
AUDIENCES: tuple[Audience, ...] = ("mpm", "management")


class FactCounts(NamedTuple):
    """Facts about a programme that wait or were refused, and how many subjects they are about."""

    waiting: int = 0
    refused: int = 0
    waiting_about: int = 0
    refused_about: int = 0


class Heard(NamedTuple):
    """What a pair said in their evaluations, and every name that the two had, opened; none where that cannot be."""

    pairing: str
    said: Sequence[Said]
    names: Sequence[str | None]


def report(
    programme: Programme,
    accounts: Accounts,
    assessed: Iterable[parts.Assessed],
    heard: Iterable[Heard],
    facts: FactCounts,
    as_of: datetime,
    audience: Audience = "mpm",
) -> dict[str, Any]:
    """The report on what all of them say, in whatever order; `as_of` is shown as given, in its own offset.

    `assessed` are those who are protégés of a pairing. What was `heard` only the MPM is told.
    """
    today = date_of(as_of, programme.timezone).toordinal()
    below = programme.policy.suppress_below if audience == "management" else None
    document: dict[str, Any] = {
        "programme": {
            "id": programme.id,
            "name": programme.name,
            "purpose": programme.purpose,
            "starts_on": programme.starts_on.isoformat(),
            "timezone": programme.timezone,
        },
        "as_of": as_of.isoformat(),
        "pairings": parts.pairings(accounts),
        "health": parts.healths(accounts),
        "steps": parts.steps(accounts),
        "deadlines": parts.deadlines(accounts),
        "meetings": parts.meetings(accounts, today),
        "feedback": parts.feedback(accounts),
        "competencies": parts.competencies(programme, assessed),
        "goals": parts.goals(accounts),
        "contracts": parts.contracts(accounts),
        "evaluation": {role: parts.evaluation(accounts, role) for role in ROLES},
        "early_closures": parts.early_closures(accounts),
        "survival": survival(accounts.life, today, below),
        "flags": parts.flags(accounts),
        "facts": {
            "waiting": Figure(facts.waiting, min(facts.waiting, facts.waiting_about)),
            "refused": Figure(facts.refused, min(facts.refused, facts.refused_about)),
        },
    }
    if below is not None:
        same = (*_SAME, *survival_same(document["survival"]))
        return suppressed(document, below, _breakdowns(document), same)
    document["learned"] = _learned(heard)
    return dict(in_full(document))


# What adds up to what, and which figures tell each other: what management could work out again.

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
        Breakdown("pairings.proposed", tuple(f"pairings.{state}" for state in parts.STATES)),
        Breakdown("pairings.proposed", tuple(f"health.{word}" for word in HEALTHS)),
        Breakdown("pairings.active", tuple(f"health.{word}" for word in HEALTHS[:3])),
        Breakdown("pairings.proposed", (*current, "pairings.completed", "pairings.closed_early")),
        *(
            Breakdown("early_closures.count", tuple(f"early_closures.{by}.{name}" for name in closures[by]))
            for by in ("by_reason", "by_initiator", "by_step")
        ),
        *survival_breakdowns(document["survival"]),
    ]


def _learned(heard: Iterable[Heard]) -> dict[str, list[str]]:
    """In order of `at`; at the same instant by pairing, so that the order of arrival makes no difference.

    A text is left out where it, or a name that it might hold, cannot be read.
    """
    kept: list[tuple[datetime, str, str, str]] = []
    for pairing, told, named in heard:
        if None in named:
            continue
        names = frozenset(chain.from_iterable(words(name) for name in named if name is not None))
        kept += [
            (said.at, pairing, said.question, said.text)
            for said in told
            if said.text is not None and said.text.strip() and not holds_any(said.text, names)
        ]
    kept.sort(key=lambda item: item[:2])
    return {question: [text for _, _, asked, text in kept if asked == question] for question in QUESTIONS}
