"""Hand-made events of a programme, for tests of what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from domain import events
from domain.accounts import account, counted
from domain.events import Event
from domain.figures import (
    PairingFigures,
    PersonFigures,
    evolve,
    evolve_person,
    pairing_figures,
    person_figures,
)
from domain.policy import Policy
from domain.programme import Programme
from domain.report import Audience, FactCounts, Heard, report
from domain.report_parts import Assessed

STEPS = ("registration", "assessment", "workshop", "goals", "first_meeting", "meetings")
PROPOSED = date(2025, 1, 6)
Story = list[tuple[Event, datetime]]


def day(text: str) -> date:
    return date.fromisoformat(text)


def noon(when: date | str) -> datetime:
    on = day(when) if isinstance(when, str) else when
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def proposed(
    number: int = 1,
    *,
    on: date = PROPOSED,
    policy: Policy | None = None,
    zone: str = "UTC",
    replaces: str | None = None,
) -> Story:
    event = events.PairingProposed(
        programme="p",
        mentor=f"m{number}",
        protege=f"e{number}",
        proposed_on=on,
        starts_on=on,
        ends_on=on + timedelta(days=365),
        timezone=zone,
        policy=policy or Policy(),
        replaces=replaces,
    )
    return [(event, noon(on)), (events.StepEntered("registration", on + timedelta(days=14)), noon(on))]


def goals(*names: str, on: date = PROPOSED) -> events.GoalsAgreed:
    return events.GoalsAgreed(on, (), (), tuple(events.Goal(name, name, ("act",)) for name in names))


def through(last: str, number: int = 1, *, days: int = 1, policy: Policy | None = None) -> Story:
    """A pairing that completed these steps, one every so many days, and entered the next."""
    story = proposed(number, policy=policy)
    on = PROPOSED
    for step, following in pairwise(STEPS):
        on += timedelta(days=days)
        if step == "goals":
            story.append((goals("g1", "g2", on=on), noon(on)))
        if step == "first_meeting":
            story.append((events.MeetingHeld(on, 60), noon(on)))
            story += [(events.ContractSigned(role, on), noon(on)) for role in ("mentor", "protege")]
        story.append((events.StepCompleted(step, on, "done"), noon(on)))
        story.append((events.StepEntered(following, on + timedelta(days=14)), noon(on)))
        if step == last:
            break
    return story


def then(story: Story, *more: tuple[Event, str]) -> Story:
    return [*story, *((event, noon(when)) for event, when in more)]


def figures(story: Iterable[tuple[Event, datetime]], name: str = "pairing-1") -> PairingFigures:
    found = pairing_figures(name)
    for event, at in story:
        evolve(found, event, at)
    return found


def person(name: str, *more: tuple[Event, str], called: str = "Nobody", role: Any = "protege") -> PersonFigures:
    found = person_figures(name)
    evolve_person(found, events.ParticipantRegistered("p", role, name, called, "x@example.org"), noon(PROPOSED))
    for event, when in more:
        evolve_person(found, event, noon(when))
    return found


def programme(policy: Policy | None = None, zone: str = "UTC") -> Programme:
    return Programme(
        "p",
        name="Programme",
        purpose="To learn",
        starts_on=PROPOSED,
        timezone=zone,
        policy=policy or Policy(),
        competencies=(events.Competency("a", "Alpha"),),
    )


def told(
    *stories: Story,
    people: Sequence[PersonFigures] = (),
    as_of: datetime | None = None,
    audience: Audience = "mpm",
    policy: Policy | None = None,
    facts: FactCounts = FactCounts(),  # noqa: B008 - it is a constant
) -> dict[str, Any]:
    """The report on these pairings."""
    rows = [figures(story, f"pairing-{place}") for place, story in enumerate(stories, start=1)]
    return reported(programme(policy), rows, people, facts, as_of or noon("2026-06-30"), audience)


def reported(
    of: Programme,
    rows: Sequence[PairingFigures],
    people: Iterable[PersonFigures] = (),
    facts: FactCounts = FactCounts(),  # noqa: B008 - it is a constant
    as_of: datetime = noon("2026-06-30"),  # noqa: B008 - it is a constant
    audience: Audience = "mpm",
) -> dict[str, Any]:
    """The report on these figures, in which nothing is sealed."""
    found = {one.participant.id: one for one in people}
    heard = [
        Heard(
            row.pairing.id,
            row.said,
            [
                name.text
                for one in (row.pairing.mentor, row.pairing.protege)
                if one in found
                for name in found[one].names
            ],
        )
        for row in rows
    ]
    proposed: dict[str, date] = {}
    for row in rows:
        pairing = row.pairing
        proposed[pairing.protege] = min(proposed.get(pairing.protege, pairing.proposed_on), pairing.proposed_on)
    assessed = [Assessed(on, found[name].assessments) for name, on in proposed.items() if name in found]
    return report(of, counted(map(account, rows)), assessed, heard, facts, as_of, audience)
