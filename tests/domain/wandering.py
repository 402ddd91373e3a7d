"""Logs of facts as life writes them: plausible, disorderly, and different for every seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from domain import events, facts
from domain.calendar import add_months
from domain.events import Role
from domain.fact_rules import CLOSING_REASONS
from domain.flags import SIGNALS
from domain.policy import Level, Policy
from tests.domain.story import TYPES

START = date(2025, 1, 1)
ROLES: tuple[Role, ...] = ("mentor", "protege")
ZONES = ("UTC", "UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Kiritimati", "Etc/GMT+12")
LEVELS: tuple[Level, ...] = ("required", "suggested", "off")
SKILLS = (events.Competency("lead", "Leading"), events.Competency("listen", "Listening"))


class Log:
    """The facts of one programme, by the time at which they were told."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.facts: list[facts.Fact] = []
        self.policy = self._policy()
        self.zone = self.chance.choice(ZONES)
        self._write()

    # Chance

    def _maybe(self, likelihood: float) -> bool:
        return self.chance.random() < likelihood

    def _days(self, least: int, most: int) -> timedelta:
        return timedelta(days=self.chance.randint(least, most))

    def _policy(self) -> Policy:
        chance = self.chance
        if self._maybe(0.3):
            return Policy(term_months=chance.choice((1, 3, 6, 12)))
        months = chance.choice((1, 1, 2, 3))
        return Policy(
            term_months=chance.choice((1, 2, 4, 6, 12)),
            registration_days=chance.randint(1, 30),
            assessment_days=chance.randint(1, 30),
            workshop_days=chance.randint(1, 40),
            goals_days=chance.randint(1, 30),
            first_meeting_days=chance.randint(1, 30),
            contract_days=chance.randint(1, 30),
            meeting_gap_days=chance.choice((1, 7, 31, 31, 60)),
            feedback_every_months=months,
            feedback_days=chance.choice((1, 14, 27, 28 * months - 1)),
            evaluation_days=chance.randint(1, 40),
            evaluation_grace_days=chance.choice((1, 10, 30)),
            closure_review_days=chance.randint(1, 20),
            silent_days=chance.choice((1, 20, 45)),
            never_started_days=chance.choice((1, 14, 28)),
            overdue_days=chance.choice((1, 7, 14)),
            low_rating=chance.randint(1, 5),
            missed_in_a_row=chance.randint(1, 3),
            mentor_capacity=chance.randint(1, 3),
            assessed_by=chance.choice(("protege", "both")),
            assessment=chance.choice(LEVELS),
            workshop=chance.choice(LEVELS),
            contract=chance.choice(LEVELS),
        )

    # Telling

    def _tell(self, on: date, data: Any, subject: str) -> None:
        minutes = 0 if self._maybe(0.1) else self.chance.randint(0, 24 * 60 - 1)
        time = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minutes)
        self.facts.append(facts.Fact("upstream", str(len(self.facts)), TYPES[type(data)], subject, time, data))

    def _business(self, on: date) -> date:
        """Mostly the day itself, sometimes long before, now and then after it by mistake."""
        roll = self.chance.random()
        if roll < 0.6:
            return on - timedelta(days=1)
        if roll < 0.95:
            return on - self._days(1, 30)
        return on + timedelta(days=self.chance.randint(0, 3))

    def _write(self) -> None:
        chance = self.chance
        programme = facts.ProgrammeOpened("Growth", "Grow leaders", START, SKILLS, self.zone, self.policy)
        self._tell(START, programme, "p")
        mentors = [f"m{number}" for number in range(chance.randint(1, 2))]
        proteges = [f"e{number}" for number in range(chance.randint(1, 3))]
        for who in mentors:
            self._participant(who, "mentor")
        for who in proteges:
            self._participant(who, "protege")
        before: dict[str, str] = {}
        on = START + self._days(5, 40)
        for number in range(chance.randint(1, 4)):
            protege = chance.choice(proteges) if self._maybe(0.2) else proteges[number % len(proteges)]
            self._pairing(f"a{number}", chance.choice(mentors), protege, on, before.get(protege))
            before[protege] = f"a{number}"
            on += self._days(0, 90) if number < len(proteges) - 1 else self._days(60, 200)
        if self._maybe(0.1):
            self._tell(START + self._days(30, 300), facts.ProgrammeClosed("mpm"), "p")

    def _participant(self, who: str, role: Role) -> None:
        chance, on = self.chance, START + self._days(0, 20)
        managers = (None, None, "boss", "boss", "boss", "boss", "person-m0", "person-m1")
        capacity = chance.choice((None, None, 1, 3)) if role == "mentor" else None
        person = f"person-{who}" if self._maybe(0.98) else "person-m0"
        data = facts.ParticipantRegistered("p", role, person, who, f"{who}@example.org", chance.choice(managers))
        self._tell(on, replace(data, capacity=capacity), who)
        ratings = {"lead": chance.randint(1, 5), "listen": chance.randint(1, 5)}
        for likelihood, told in (
            (0.98, facts.ParticipantApproved("mpm")),
            (0.02, facts.ParticipantDeclined("mpm", "no")),
            (0.9, facts.ParticipantAssessed(ratings)),
            (0.3, facts.ParticipantAssessed(ratings, self._business(on))),
            (0.8, facts.ParticipantTrained("workshop", self._business(on))),
            (0.2, facts.LineChanged(chance.choice(managers))),
            (0.2, facts.LineChanged(chance.choice(managers))),
            (0.2, facts.ParticipantChanged(capacity=chance.randint(1, 3))),
            (0.06, facts.ParticipantLeft()),
        ):
            if self._maybe(likelihood):
                late = 300 if isinstance(told, (facts.ParticipantLeft, facts.LineChanged)) else 40
                self._tell(on + self._days(0, late), told, who)

    def _pairing(self, pairing: str, mentor: str, protege: str, on: date, replaces: str | None) -> None:
        chance, policy = self.chance, self.policy
        starts_on = on + self._days(-3, 20)
        ends_on = starts_on + self._days(1, 200) if self._maybe(0.2) else None
        replaces = replaces if self._maybe(0.3) else None
        self._tell(on, facts.PairingProposed("p", mentor, protege, starts_on, ends_on, replaces), pairing)
        for requirement in ("assessment", "workshop", "goals", "contract"):
            if self._maybe(0.15):
                waiver = facts.RequirementWaived(requirement, "mpm", "has it")
                self._tell(on + self._days(0, 60), waiver, pairing)
        goal = events.Goal("g1", "Goal", ("act",))
        for number in range(chance.choice((0, 1, 1, 1, 2))):
            day = on + self._days(0, 40)
            listed = (goal, events.Goal(f"g{number + 2}", "Other", ("act",), chance.choice((None, "lead"))))
            self._tell(day, facts.GoalsAgreed(self._business(day), ("s",), ("n",), listed), pairing)
        for role in ROLES:
            if self._maybe(0.7):
                day = on + self._days(5, 60)
                self._tell(day, facts.ContractSigned(role, self._business(day)), pairing)
        term = 31 * policy.term_months
        gap = chance.choice((7, 25, 35, 60))
        day = on + self._days(0, 40)
        while day < on + timedelta(days=term + 20) and len(self.facts) < 200:
            if self._maybe(0.75):
                self._tell(day, facts.MeetingHeld(self._business(day), 60), pairing)
            else:
                self._tell(day, facts.MeetingMissed(self._business(day)), pairing)
            if self._maybe(0.2):
                self._tell(day, facts.GoalProgressed("g1", chance.randint(0, 100)), pairing)
            day += self._days(1, 2 * gap)
        for quarter in range(1, 1 + term // (31 * policy.feedback_every_months)):
            opens = add_months(starts_on, quarter * policy.feedback_every_months)
            for role in ROLES:
                if self._maybe(0.7):
                    ratings = chance.randint(1, 5), chance.randint(1, 5)
                    given = facts.FeedbackGiven(quarter, role, *ratings)
                    self._tell(opens + self._days(-5, policy.feedback_days + 10), given, pairing)
        self._interruptions(pairing, on, term)
        for role in ROLES:
            if self._maybe(0.6):
                day = on + timedelta(days=term) + self._days(-30, 70)
                self._tell(day, facts.EvaluationGiven(role, chance.randint(1, 5), True), pairing)
        for signal in SIGNALS:
            if self._maybe(0.05):
                self._tell(on + self._days(0, term), facts.FlagAcknowledged(signal, "mpm"), pairing)

    def _interruptions(self, pairing: str, on: date, term: int) -> None:
        chance = self.chance
        for _ in range(chance.choice((0, 0, 1, 2))):
            day = on + self._days(0, term + 40)
            paused_on = self._business(day)
            until = paused_on + self._days(1, 60) if self._maybe(0.4) else None
            self._tell(day, facts.PairingPaused(paused_on, "leave", until), pairing)
            if self._maybe(0.8):
                back = day + self._days(0, 60)
                self._tell(back, facts.PairingResumed(self._business(back)), pairing)
        if self._maybe(0.35):
            day = on + self._days(0, term + 40)
            reason = chance.choice(("goals_met", *CLOSING_REASONS))
            self._tell(day, facts.PairingClosed("mpm", reason, self._business(day)), pairing)
            if self._maybe(0.7):
                self._tell(day + self._days(-5, 40), facts.ClosureReviewed("mpm", "end"), pairing)

    # Order of arrival

    def in_order(self) -> list[facts.Fact]:
        return sorted(self.facts, key=lambda fact: fact.time)

    def in_disorder(self) -> list[facts.Fact]:
        """Most arrive as they happen, some days or months late."""
        late = {
            fact.id: self._days(0, self.chance.choice((1, 20, 200))) if self._maybe(0.3) else timedelta()
            for fact in self.facts
        }
        return sorted(self.facts, key=lambda fact: fact.time + late[fact.id])
