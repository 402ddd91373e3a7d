"""The MPM report: figures of pairings and people in, one document out; live and as of an instant alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from domain import report_parts as parts
from domain.calendar import date_of
from domain.figures import QUESTIONS, PairingFigures, PersonFigures, Said
from domain.health import HEALTHS
from domain.names import holds_any, words
from domain.pairing import ROLES, Pairing
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
        "pairings": parts.pairings(rows),
        "health": parts.healths(rows),
        "steps": parts.steps(rows),
        "deadlines": parts.deadlines(rows),
        "meetings": parts.meetings(rows, today),
        "feedback": parts.feedback(rows),
        "competencies": parts.competencies(programme, rows, people),
        "goals": parts.goals(rows),
        "contracts": parts.contracts(rows),
        "evaluation": {role: parts.evaluation(rows, role) for role in ROLES},
        "early_closures": parts.early_closures(rows),
        "survival": survival(rows, today, below),
        "flags": parts.flags(rows),
        "facts": {
            "waiting": Figure(facts.waiting, min(facts.waiting, facts.waiting_about)),
            "refused": Figure(facts.refused, min(facts.refused, facts.refused_about)),
        },
    }
    if below is not None:
        same = (*_SAME, *survival_same(document["survival"]))
        return suppressed(document, below, _breakdowns(document), same)
    document["learned"] = _learned(rows, people)
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
