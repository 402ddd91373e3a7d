"""How a pairing moves while something about it is being decided: what is recorded changes it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from domain import events
from domain.calendar import add_days, date_of
from domain.pairing import ROLES, Pairing
from domain.participant import Participant
from domain.steps import NEXT

NAMES = {
    "registration": "the registration",
    "assessment": "the competency assessment",
    "workshop": "the mentoring workshop",
    "goals": "the agreement on goals",
}


class Course:
    """One pairing in hand, at one instant.

    `record` appends an event to the pairing's stream; `moved` tells that a step was entered, a quarter opened or an
    end reached, after which the facts that wait are tried again.
    """

    def __init__(
        self,
        pairing: Pairing,
        at: datetime,
        people: Callable[[str], Participant],
        record: Callable[[events.Event], None],
        leave: Callable[[], None],
    ) -> None:
        self.pairing = pairing
        self.at = at
        self.people = people
        self.record = record
        self.leave = leave
        self.moved = False

    @property
    def today(self) -> date:
        return date_of(self.at, self.pairing.zone)

    # Steps

    def begin(self) -> None:
        """The proposal was recorded: the first step, and every further one whose requirement is met already."""
        self._enter("registration")
        self.go_on()

    def go_on(self) -> None:
        """Completes the step in hand while its requirement is met; entering the next can cascade."""
        while (settled := self._settled()) is not None:
            outcome, evidence = settled
            self.complete(outcome, evidence)

    def complete(self, outcome: events.Outcome, evidence: tuple[date, ...]) -> None:
        """Completes the step in hand on the latest date of its evidence, and enters the next."""
        pairing, step = self.pairing, self.pairing.step
        if outcome == "done":
            self.rescind(step, evidence)
        if step in pairing.missed:
            self.clear("overdue", f"{step} completed")
        self._complete_step(outcome, max(evidence))
        self._enter(NEXT["complete", step])

    def _complete_step(self, outcome: events.Outcome, on: date) -> None:
        pairing = self.pairing
        self.record(events.StepCompleted(pairing.step, max(on, pairing.entered_on), outcome))

    def _enter(self, step: str) -> None:
        self.record(events.StepEntered(step, self._due_on(step)))
        self.moved = True
        if step == "first_meeting":
            self.clear("blocked", "the first meeting may be held")

    def _due_on(self, step: str) -> date | None:
        pairing, policy = self.pairing, self.pairing.policy
        if step == "meetings":
            assert pairing.latest_held_on is not None
            return add_days(pairing.latest_held_on, policy.meeting_gap_days)
        if step == "evaluation":
            assert pairing.term_ended_on is not None
            return add_days(pairing.term_ended_on, policy.evaluation_days)
        if step in ("assessment", "workshop") and getattr(policy, step) == "off":
            return None
        return add_days(self.today, getattr(policy, f"{step}_days"))

    def _settled(self) -> tuple[events.Outcome, tuple[date, ...]] | None:
        """How the step in hand is met, with the dates of the evidence; None while it is not."""
        pairing, step = self.pairing, self.pairing.step
        if step == "first_meeting":
            if pairing.first_held_on is None or pairing.contract is None:
                return None
            return "done", tuple(day for day in (pairing.first_held_on, pairing.contract_on) if day is not None)
        if step not in ("registration", "assessment", "workshop", "goals"):
            return None
        if step != "goals":
            if getattr(pairing.policy, step, None) == "off":
                return "off", (pairing.entered_on,)
            evidence = [self._evidence(role) for role in self.asked()]
            if all(evidence):
                return "done", tuple(day for day in evidence if day is not None)
        if step in pairing.waived:
            return "waived", (pairing.waived[step],)
        return None

    def asked(self) -> tuple[events.Role, ...]:
        """The roles whose evidence the step in hand asks for."""
        pairing = self.pairing
        return ("protege",) if pairing.step == "assessment" and pairing.policy.assessed_by == "protege" else ROLES

    def _evidence(self, role: events.Role) -> date | None:
        participant = self.people(self.pairing.participant(role))
        match self.pairing.step:
            case "registration":
                return participant.approved_on
            case "assessment":
                return participant.assessed_on
            case _:
                return participant.attended_on

    def block(self) -> None:
        """They meet although a step before is not complete: the flag names the step and who is missing."""
        step = self.pairing.step
        asked = ROLES if step == "goals" else tuple(role for role in self.asked() if self._evidence(role) is None)
        missing = " and the ".join(asked)
        self.raise_("blocked", f"they meet, but {NAMES[step]} is not complete: waiting for the {missing}")

    # Ends

    def end_term(self, ends_on: date, closing: tuple[str, str, str | None] | None = None) -> None:
        """The term ends, by itself or, with a closing (by, reason, note), early with its goals met."""
        pairing = self.pairing
        by, reason, note = closing or (None, None, None)
        self.record(events.TermEnded(ends_on, closing is not None, by, reason, note))
        for signal in ("overdue", "silent"):
            self.clear(signal, "the term ended")
        if (quarter := pairing.open_round) is not None:
            self.record(events.FeedbackClosed(quarter, pairing.missing_from(pairing.rounds[quarter].given)))
        if pairing.step == "meetings":
            self._complete_step("done", ends_on)
        self._enter(NEXT["end_term", pairing.step])

    def finish(self, completed_on: date, closing: tuple[str, str, str | None] | None = None) -> None:
        """The pairing is completed, naming who gave no evaluation."""
        by, reason, note = closing or (None, None, None)
        missing = self.pairing.missing_from(self.pairing.evaluations)
        self.record(events.PairingCompleted(completed_on, missing, by, reason, note))
        self._end(tuple(sorted(self.pairing.flags)))

    def close_early(self, closed_on: date, by: str, reason: str, note: str | None = None) -> None:
        """The pairing closes before its term is over."""
        pairing, open_flags = self.pairing, tuple(sorted(self.pairing.flags))
        self.record(events.PairingClosedEarly(reason, by, closed_on, pairing.step, open_flags, note))
        self._end(open_flags)
        self.raise_("closed_early", f"closed by {by}: {reason}")

    def _end(self, open_flags: tuple[str, ...]) -> None:
        for signal in open_flags:
            self.clear(signal, "ended")
        self.leave()
        self.moved = True

    # Misses and flags

    def rescind(self, kind: str, evidence: tuple[date, ...]) -> None:
        """A recorded miss of the kind is rescinded where all the evidence is dated in time."""
        pairing = self.pairing
        due_on = pairing.misses.get(kind)
        if due_on is not None and all(pairing.in_time(day, due_on) for day in evidence):
            met_on = max(pairing.counted_on(day, due_on) for day in evidence)
            self.record(events.DeadlineMissRescinded(kind, due_on, met_on))

    def raise_(self, signal: str, detail: str) -> None:
        if signal not in self.pairing.flags:
            self.record(events.FlagRaised(signal, detail))

    def clear(self, signal: str, why: str) -> None:
        if signal in self.pairing.flags:
            self.record(events.FlagCleared(signal, why))

    def clear_overdue_if_met(self) -> None:
        """The missed deadline that the flag stood for is met, waived or settled."""
        if not self.pairing.missed:
            self.clear("overdue", "the deadline is met")
