"""Given facts, when one more is told, then these events: the rules of the specification as small stories.

A story keeps its world in plain dicts and talks to the core only through its entrance. Unless something else is
said it plays in programme `p`, with mentor `m` and protégé `e` in pairing `a`; what is told on a date is told at noon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from domain import events, facts, intake
from domain.events import Event, Role
from domain.fact_data import FactData, Requirement
from domain.pairing import Pairing
from domain.participant import Participant
from domain.policy import Policy

# Which type of fact says what a class holds.
TYPES = {shape.made: name for name, shape in facts.FACTS.items()}


def day(text: str) -> date:
    """A date, or the one with which an instant begins."""
    return date.fromisoformat(text[:10])


def instant(text: str) -> datetime:
    """An instant with its offset, or noon UTC of a date."""
    if len(text) == len("2025-01-06"):
        return datetime.combine(day(text), time(12), UTC)
    return datetime.fromisoformat(text).astimezone(UTC)


def told(when: str, data: FactData, subject: str) -> facts.Fact:
    """A fact; the story gives it an id of its own."""
    return facts.Fact("upstream", "", TYPES[type(data)], subject, instant(when), data)


@dataclass(frozen=True)
class Sweep:
    """A worker brings pairings forward to an instant."""

    until: datetime
    pairings: tuple[str, ...] = ("a",)


def sweep(until: str, *pairings: str) -> Sweep:
    return Sweep(instant(until), pairings or ("a",))


@dataclass(frozen=True)
class Like:
    """An event of a kind, of which only some fields matter."""

    kind: type[Event]
    fields: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        return type(other) is self.kind and all(getattr(other, name) == value for name, value in self.fields.items())

    __hash__ = None  # type: ignore[assignment]  # Python's own way of saying that it is no key

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.kind.__name__}({said}, ...)"


def like(kind: type[Event], **fields: Any) -> Like:
    return Like(kind, fields)


@dataclass
class Story:
    """A world of streams in dicts, and what the last fact or sweep did to it."""

    places: dict[str, intake.Place] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    streams: dict[str, list[intake.Recorded]] = field(default_factory=dict)
    last: intake.Decision = field(default_factory=intake.Decision)
    arrivals: int = 0

    # What the core reads

    def place(self, stream: str) -> intake.Place:
        return self.places.get(stream) or intake.Place(stream)

    def holder(self, claim: str) -> str | None:
        return self.claims.get(claim)

    # Telling

    def tell(self, one: facts.Fact | Sweep) -> intake.Decision:
        if isinstance(one, Sweep):
            self.last = intake.bring_forward([f"pairing-{name}" for name in one.pairings], one.until, self)
        else:
            self.arrivals += 1
            named = one if one.id else replace(one, id=str(self.arrivals))
            self.last = intake.decide(named, self.arrivals, self)
        self.places.update(self.last.places)
        self.claims.update(self.last.claims)
        for recorded in self.last.recorded:
            self.streams.setdefault(recorded.stream, []).append(recorded)
        return self.last

    def when(self, *told: facts.Fact | Sweep) -> Story:
        """Tells these, and remembers what the last of them did."""
        for one in told:
            self.tell(one)
        return self

    # What came of it

    def events(self, stream: str = "pairing-a") -> list[Event]:
        """What the last fact or sweep recorded in a stream."""
        return [one.event for one in self.last.recorded if one.stream == stream]

    def history(self, kind: type[Event] | None = None, stream: str = "pairing-a") -> list[Event]:
        """What the stream holds, of one kind or of all."""
        found = [one.event for one in self.streams.get(stream, [])]
        return [event for event in found if kind is None or type(event) is kind]

    def then(self, *expected: Event | Like | type[Event], stream: str = "pairing-a", at: str | None = None) -> Story:
        """Accepted, and exactly these events were recorded in the stream, all of them at `at` where that is given."""
        assert (self.last.disposition, self.last.reason) == ("accepted", None)
        return self.recorded(*expected, stream=stream, at=at)

    def recorded(
        self, *expected: Event | Like | type[Event], stream: str = "pairing-a", at: str | None = None
    ) -> Story:
        """Whatever became of the fact itself, exactly these events were recorded in the stream."""
        found = self.events(stream)
        shown = [
            type(event) if isinstance(wanted, type) else event for event, wanted in zip(found, expected, strict=False)
        ] + found[len(expected) :]
        assert shown == list(expected), "recorded:\n" + "\n".join(map(str, found))
        if at is not None:
            assert {one.at for one in self.last.recorded if one.stream == stream} == {instant(at)}
        return self

    def refused(self, part: str) -> Story:
        """The last fact was refused, for a reason that says this."""
        assert self.last.disposition == "refused"
        assert self.last.reason is not None
        assert part in self.last.reason
        return self

    def parked(self, stream: str = "pairing-a") -> Story:
        """The last fact waits for this stream."""
        assert (self.last.disposition, self.last.waits_for) == ("parked", stream)
        assert self.place(stream).waiting[-1].arrival <= self.arrivals
        return self

    def settled(self, *expected: tuple[type[FactData], str]) -> Story:
        """What became of the facts that had waited, in the order in which they were tried."""
        assert [(type(one.waiting.fact.data), one.disposition) for one in self.last.settled] == list(expected)
        return self

    def pairing(self, name: str = "a") -> Pairing:
        state = self.place(f"pairing-{name}").state
        assert isinstance(state, Pairing)
        return state

    def participant(self, name: str) -> Participant:
        state = self.place(f"participant-{name}").state
        assert isinstance(state, Participant)
        return state

    def in_step(self, step: str) -> Story:
        assert self.pairing().step == step
        return self

    def flags(self, name: str = "a") -> list[str]:
        return sorted(self.pairing(name).flags)


def given(*told: facts.Fact | Sweep | Iterable[facts.Fact | Sweep]) -> Story:
    """A story so far: each of these was accepted, or waits."""
    story = Story()
    for one in told:
        for each in [one] if isinstance(one, (facts.Fact, Sweep)) else one:
            decision = story.tell(each)
            assert decision.disposition != "refused", f"{each}: {decision.reason}"
    return story


# The facts, with what a story need not say


def opened(
    policy: Policy | None = None, zone: str = "UTC", starts_on: str = "2025-01-01", when: str = "2025-01-01"
) -> facts.Fact:
    skills = (events.Competency("lead", "Leading"), events.Competency("listen", "Listening"))
    data = facts.ProgrammeOpened("Growth", "Grow leaders", day(starts_on), skills, zone, policy or Policy())
    return told(when, data, "p")


def programme_closed(when: str) -> facts.Fact:
    return told(when, facts.ProgrammeClosed("mpm"), "p")


def registered(
    who: str,
    role: Role | None = None,
    when: str = "2025-01-01",
    person: str | None = None,
    manager: str | None = None,
    capacity: int | None = None,
    programme: str = "p",
) -> facts.Fact:
    role = role or ("mentor" if who.startswith("m") else "protege")
    person = person or f"person-{who}"
    data = facts.ParticipantRegistered(
        programme, role, person, f"Name {who}", f"{who}@example.org", manager, None, capacity
    )
    return told(when, data, who)


def approved(who: str, when: str = "2025-01-02") -> facts.Fact:
    return told(when, facts.ParticipantApproved("mpm"), who)


def declined(who: str, when: str) -> facts.Fact:
    return told(when, facts.ParticipantDeclined("mpm", "not this time"), who)


def assessed(
    who: str, when: str = "2025-01-03", on: str | None = None, ratings: dict[str, int] | None = None
) -> facts.Fact:
    data = facts.ParticipantAssessed(ratings or {"lead": 3, "listen": 4}, day(on) if on else None)
    return told(when, data, who)


def trained(who: str, when: str = "2025-01-04", on: str | None = None) -> facts.Fact:
    return told(when, facts.ParticipantTrained("the workshop", day(on or when)), who)


def line(who: str, when: str, manager: str | None) -> facts.Fact:
    return told(when, facts.LineChanged(manager), who)


def changed(who: str, when: str, **what: Any) -> facts.Fact:
    return told(when, facts.ParticipantChanged(**what), who)


def left(who: str, when: str) -> facts.Fact:
    return told(when, facts.ParticipantLeft("moved away"), who)


def proposed(
    when: str = "2025-01-06",
    pairing: str = "a",
    mentor: str = "m",
    protege: str = "e",
    starts_on: str = "2025-01-06",
    ends_on: str | None = None,
    replaces: str | None = None,
) -> facts.Fact:
    ends = day(ends_on) if ends_on else None
    data = facts.PairingProposed("p", mentor, protege, day(starts_on), ends, replaces)
    return told(when, data, pairing)


def waived(requirement: Requirement, when: str, pairing: str = "a") -> facts.Fact:
    return told(when, facts.RequirementWaived(requirement, "mpm", "has it already"), pairing)


def goal(name: str = "g1", competency: str | None = None) -> events.Goal:
    return events.Goal(name, f"Goal {name}", ("practise",), competency)


def goals(
    when: str, on: str | None = None, *, goals: tuple[events.Goal, ...] = (goal(),), pairing: str = "a"
) -> facts.Fact:
    return told(when, facts.GoalsAgreed(day(on or when), ("kind",), ("patience",), goals), pairing)


def held(when: str, on: str | None = None, pairing: str = "a") -> facts.Fact:
    return told(when, facts.MeetingHeld(day(on or when), 60), pairing)


def missed(when: str, on: str | None = None, pairing: str = "a") -> facts.Fact:
    return told(when, facts.MeetingMissed(day(on or when)), pairing)


def signed(by: Role, when: str, on: str | None = None, pairing: str = "a") -> facts.Fact:
    return told(when, facts.ContractSigned(by, day(on or when)), pairing)


def both_signed(when: str, pairing: str = "a") -> list[facts.Fact]:
    return [signed("mentor", when, pairing=pairing), signed("protege", when, pairing=pairing)]


def progressed(when: str, percent: int, name: str = "g1", pairing: str = "a") -> facts.Fact:
    return told(when, facts.GoalProgressed(name, percent), pairing)


def feedback(by: Role, when: str, quarter: int = 1, satisfaction: int = 4, pairing: str = "a") -> facts.Fact:
    return told(when, facts.FeedbackGiven(quarter, by, satisfaction, 4), pairing)


def evaluation(by: Role, when: str, pairing: str = "a") -> facts.Fact:
    return told(when, facts.EvaluationGiven(by, 5, True), pairing)


def paused(when: str, on: str | None = None, until: str | None = None, pairing: str = "a") -> facts.Fact:
    return told(when, facts.PairingPaused(day(on or when), "leave", day(until) if until else None), pairing)


def resumed(when: str, on: str | None = None, pairing: str = "a") -> facts.Fact:
    return told(when, facts.PairingResumed(day(on or when)), pairing)


def closed(
    when: str,
    reason: str = "no_time",
    on: str | None = None,
    by: Any = "mpm",
    note: str | None = None,
    pairing: str = "a",
) -> facts.Fact:
    return told(when, facts.PairingClosed(by, reason, day(on or when), note), pairing)


def reviewed(when: str, pairing: str = "a") -> facts.Fact:
    return told(when, facts.ClosureReviewed("mpm", "rematch"), pairing)


def acknowledged(signal: str, when: str, pairing: str = "a") -> facts.Fact:
    return told(when, facts.FlagAcknowledged(signal, "mpm", "I will call them"), pairing)


# A pair on its way: proposed on Monday 2025-01-06, first meeting on 2025-01-13, one more in each of four months

READY = [
    *(registered(who) for who in ("m", "e")),
    *(approved(who) for who in ("m", "e")),
    assessed("e"),
    *(trained(who) for who in ("m", "e")),
]


def people(*who: str) -> list[facts.Fact]:
    """Registered, approved, assessed and trained."""
    return [fact for name in who for fact in (registered(name), approved(name), assessed(name), trained(name))]


MONTHLY = [held("2025-02-10"), held("2025-03-10"), held("2025-04-04")]


def a_pair_in(step: str, policy: Policy | None = None, zone: str = "UTC") -> list[facts.Fact | Sweep]:
    """What leads the default pair into a step: 1 to 4 on 2025-01-06, 5 on 01-10, 6 on 01-13, 7 on 04-06, 8 on 04-10."""
    start: list[facts.Fact | Sweep] = [opened(policy, zone)]
    people = {
        "registration": [registered("m"), registered("e")],
        "assessment": [registered("m"), registered("e"), approved("m"), approved("e")],
        "workshop": [*READY[:4], assessed("e")],
    }
    if step in people:
        return [*start, *people[step], proposed()]
    start += [*READY, proposed()]
    ways: list[tuple[str, list[facts.Fact | Sweep]]] = [
        ("goals", []),
        ("first_meeting", [goals("2025-01-10")]),
        ("meetings", [held("2025-01-13"), *both_signed("2025-01-13")]),
        ("feedback", [*MONTHLY, sweep("2025-04-06")]),
        ("evaluation", [closed("2025-04-10", "goals_met")]),
        ("completed", [evaluation("mentor", "2025-04-11"), evaluation("protege", "2025-04-11")]),
    ]
    if step == "closed_early":
        return [*start, closed("2025-01-09")]
    for name, way in ways:
        start += way
        if name == step:
            return start
    raise AssertionError(step)
