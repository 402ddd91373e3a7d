"""One plain sentence an event, for whoever reads a pairing's history; never what the pair keeps to itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import events

_ROLES = {
    "mentor": "the mentor",
    "protege": "the protégé",
    "mpm": "the MPM",
    "hr": "HR",
    "clock": "the passing of time",
}
_STEPS = {
    "registration": "registration",
    "assessment": "the assessment",
    "workshop": "the workshop",
    "goals": "agreeing on goals",
    "first_meeting": "the first meeting",
    "meetings": "the monthly meetings",
    "feedback": "the quarter's feedback",
    "evaluation": "the final evaluation",
    "contract": "the contract",
    "meeting": "the monthly meeting",
    "closure_review": "the review of the closing",
}

_STANDS: dict[type, str] = {
    events.FeedbackOpened: "feedback",
    events.FeedbackClosed: "meetings",
    events.PairingClosedEarly: "closed_early",
    events.PairingCompleted: "completed",
}


def sentence(event: events.Event) -> str:
    """What happened, in words that need no knowledge of the record."""
    return _SENTENCES[type(event)](event)


def narrated(event: events.Event) -> str | None:
    """The same where the event is a pairing's; none for the others, which have no sentence."""
    return sentence(event) if type(event) in _SENTENCES else None


def step_after(step: str, event: events.Event) -> str:
    """Where a pairing stands after an event, told from where it stood before."""
    if isinstance(event, events.StepEntered):
        return event.step
    return _STANDS.get(type(event), step)


def _who(by: str) -> str:
    return _ROLES.get(by, by)


def _both(roles: tuple[str, ...]) -> str:
    return " and ".join(_who(role) for role in roles)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""


def _proposed(event: events.PairingProposed) -> str:
    again = f", in place of {event.replaces}" if event.replaces else ""
    term = f"from {event.starts_on} to {event.ends_on}"
    return f"Proposed: {event.mentor} as mentor of {event.protege}, {term}{again}."


def _entered(event: events.StepEntered) -> str:
    if event.due_on is None:
        return f"Began {_STEPS[event.step]}."
    what = "the next meeting is due" if event.step == "meetings" else "due"
    return f"Began {_STEPS[event.step]}, {what} by {event.due_on}."


_OUTCOMES = {"done": "Completed", "waived": "Waived", "lapsed": "Went on without", "off": "Not asked for"}


def _completed_step(event: events.StepCompleted) -> str:
    return f"{_OUTCOMES[event.outcome]}: {_STEPS[event.step]}, on {event.completed_on}."


def _goals(event: events.GoalsAgreed | events.GoalsRevised) -> str:
    how = "Agreed on" if isinstance(event, events.GoalsAgreed) else "Revised the goals, now"
    return f"{how} {_many(len(event.goals), 'goal')} on {event.agreed_on}."


def _held(event: events.MeetingHeld) -> str:
    after = f"; the next is due by {event.next_due_on}" if event.next_due_on else ""
    return f"Met on {event.held_on} for {_many(event.minutes, 'minute')}{after}."


def _missed_meeting(event: events.MeetingMissed) -> str:
    by = f" because of {_who(event.by)}" if event.by else ""
    return f"The meeting planned for {event.planned_on} did not take place{by}."


def _feedback(event: events.FeedbackGiven) -> str:
    late = ", late" if event.late else ""
    return (
        f"{_upper(_who(event.by))} gave feedback on quarter {event.quarter}{late}: "
        f"satisfaction {event.satisfaction}, progress {event.progress} of 5."
    )


def _round_closed(event: events.FeedbackClosed) -> str:
    missing = f", without {_both(event.missing)}" if event.missing else ": both gave it"
    return f"The feedback on quarter {event.quarter} closed{missing}."


def _term_ended(event: events.TermEnded) -> str:
    if not event.early:
        return f"The term ended on {event.ends_on}."
    by = f" by {_who(event.by)}" if event.by else ""
    why = f": {_words(event.reason)}" if event.reason else ""
    return f"The term was ended early on {event.ends_on}{by}{why}."


def _evaluated(event: events.EvaluationGiven) -> str:
    late = ", late" if event.late else ""
    would = "would recommend it" if event.recommend else "would not recommend it"
    rating = f"satisfaction {event.satisfaction} of 5"
    return f"{_upper(_who(event.by))} gave the final evaluation{late}: {rating}, {would}."


def _deadline(event: events.DeadlineMissed) -> str:
    what = f"feedback on quarter {event.quarter}" if event.deadline == "feedback" else _STEPS[event.deadline]
    missing = f", missing from {_both(event.missing)}" if event.missing else ""
    return f"{_upper(what)} was due by {event.due_on} and is late{missing}."


def _rescinded(event: events.DeadlineMissRescinded) -> str:
    return f"{_upper(_STEPS[event.deadline])}, due by {event.due_on}, was in time after all: {event.met_on}."


def _paused(event: events.PairingPaused) -> str:
    until = f", until {event.until}" if event.until else ""
    return f"Paused from {event.paused_on}{until}{_because(event.reason)}."


def _closed(event: events.PairingClosedEarly) -> str:
    where = f"in {_STEPS[event.step]}"
    return f"Closed early on {event.closed_on} by {_who(event.by)} {where}: {_words(event.reason)}."


def _completed(event: events.PairingCompleted) -> str:
    missing = f", without an evaluation from {_both(event.missing)}" if event.missing else ""
    return f"Completed on {event.completed_on}{missing}."


_SENTENCES: dict[type, Callable[[Any], str]] = {
    events.PairingProposed: _proposed,
    events.StepEntered: _entered,
    events.StepCompleted: _completed_step,
    events.RequirementWaived: lambda e: f"Waived {_STEPS[e.requirement]}, by {_who(e.by)}{_because(e.reason)}.",
    events.GoalsAgreed: _goals,
    events.GoalsRevised: _goals,
    events.MeetingHeld: _held,
    events.MeetingMissed: _missed_meeting,
    events.ContractSigned: lambda e: f"{_upper(_who(e.by))} signed the contract on {e.signed_on}.",
    events.ContractLapsed: lambda e: f"The contract was not signed by {e.due_on}; they go on without.",
    events.GoalProgressed: lambda e: f"Goal {e.goal} is at {e.percent} percent.",
    events.FeedbackOpened: lambda e: f"Feedback on quarter {e.quarter} was asked for, due by {e.due_on}.",
    events.FeedbackGiven: _feedback,
    events.FeedbackClosed: _round_closed,
    events.TermEnded: _term_ended,
    events.EvaluationGiven: _evaluated,
    events.DeadlineMissed: _deadline,
    events.DeadlineMissRescinded: _rescinded,
    events.FlagRaised: lambda e: f"Flag raised: {_words(e.signal)} ({e.detail}).",
    events.FlagCleared: lambda e: f"Flag cleared: {_words(e.signal)} ({e.why}).",
    events.FlagAcknowledged: lambda e: f"{_upper(_who(e.by))} looked at the flag {_words(e.signal)}{_because(e.note)}.",
    events.PairingPaused: _paused,
    events.PairingResumed: lambda e: f"Resumed on {e.resumed_on}; what was pending moves by {_many(e.days, 'day')}.",
    events.PairingClosedEarly: _closed,
    events.ClosureReviewed: lambda e: f"{_upper(_who(e.by))} reviewed the closing: {e.outcome}.",
    events.PairingCompleted: _completed,
}
