"""What each recorded event changes in a pairing; the events of its stream, in order, add up to where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from domain import events
from domain.calendar import add_days, date_of
from domain.pairing import ROLES, Done, Flag, Given, Pairing, Pause, Progress, Rating, Round
from domain.steps import NEXT


def evolve(pairing: Pairing, event: events.Event, at: datetime) -> None:
    """Folds one recorded event into the pairing, which the fold owns. It never refuses."""
    pairing.clock = at
    _FOLDS[type(event)](pairing, event, at)


def _proposed(pairing: Pairing, event: events.PairingProposed, at: datetime) -> None:
    pairing.programme = event.programme
    pairing.mentor = event.mentor
    pairing.protege = event.protege
    pairing.zone = event.timezone
    pairing.policy = event.policy
    pairing.proposed_on = event.proposed_on
    pairing.starts_on = event.starts_on
    pairing.ends_on = event.ends_on
    pairing.replaces = event.replaces
    if event.policy.contract == "off":
        pairing.contract = "off"


def _entered(pairing: Pairing, event: events.StepEntered, at: datetime) -> None:
    step, entered_on = event.step, date_of(at, pairing.zone)
    pairing.step = step
    pairing.entered_on = entered_on
    if event.due_on is not None:
        pairing.due = {**pairing.due, "meeting" if step == "meetings" else step: event.due_on}
    if step == "first_meeting":
        pairing.first_meeting_due = event.due_on
        pairing.never_started_on = add_days(entered_on, pairing.policy.never_started_days)
    elif step == "meetings":
        pairing.meetings_entered_on = entered_on
        while pairing.quarter_on(pairing.next_quarter) <= entered_on:
            pairing.next_quarter += 1
    elif step == "evaluation" and event.due_on is not None:
        pairing.evaluation_due = event.due_on
        pairing.grace_on = add_days(event.due_on, pairing.policy.evaluation_grace_days)


def _completed_step(pairing: Pairing, event: events.StepCompleted, at: datetime) -> None:
    step = event.step
    due_on = pairing.due.get(step) or pairing.missed.get(step)
    _met(pairing, step)
    if step == "first_meeting":
        first_due = pairing.first_meeting_due
        on_time = first_due is None or any(pairing.in_time(day, first_due) for day in pairing.first_held)
    else:
        on_time = due_on is None or pairing.in_time(event.completed_on, due_on)
    pairing.done = {**pairing.done, step: Done(event.completed_on, event.outcome, on_time)}


def _met(pairing: Pairing, kind: str) -> None:
    pairing.due = _without(pairing.due, kind)
    if kind in pairing.missed:
        pairing.missed = _without(pairing.missed, kind)
        pairing.overdue_on = None


def _without(dates: dict[str, date], kind: str) -> dict[str, date]:
    return {other: day for other, day in dates.items() if other != kind} if kind in dates else dates


def _waived(pairing: Pairing, event: events.RequirementWaived, at: datetime) -> None:
    pairing.waived = {**pairing.waived, event.requirement: event.waived_on}
    if event.requirement == "contract":
        _contract_settled(pairing, "waived", event.waived_on)


def _contract_settled(pairing: Pairing, how: str, settled_on: date) -> None:
    pairing.contract = how
    pairing.contract_on = settled_on
    _met(pairing, "contract")


def _goals(pairing: Pairing, event: events.GoalsAgreed | events.GoalsRevised, at: datetime) -> None:
    pairing.goals_agreed = True
    pairing.goals = {goal.id: pairing.goals.get(goal.id, Progress(0, None)) for goal in event.goals}


def _progressed(pairing: Pairing, event: events.GoalProgressed, at: datetime) -> None:
    pairing.goals = {**pairing.goals, event.goal: Progress(event.percent, event.told)}


def _held(pairing: Pairing, event: events.MeetingHeld, at: datetime) -> None:
    if pairing.ended:
        return
    held_on = event.held_on
    pairing.missed_in_a_row = 0
    if pairing.first_held_on is None:
        pairing.first_held_on = held_on
        pairing.never_started_on = None
        _met(pairing, "first_meeting")
        if pairing.contract is None:
            pairing.due = {**pairing.due, "contract": add_days(held_on, pairing.policy.contract_days)}
    if pairing.step == "first_meeting":
        pairing.first_held = (*pairing.first_held, held_on)
    if pairing.latest_held_on is None or held_on > pairing.latest_held_on:
        pairing.latest_held_on = held_on
    silent_on = add_days(held_on, pairing.policy.silent_days)
    if pairing.silent_on is None or silent_on > pairing.silent_on:
        pairing.silent_on = silent_on
    if event.next_due_on is not None:
        if event.next_due_on > pairing.due["meeting"]:
            pairing.slipped = ()
        pairing.due = {**pairing.due, "meeting": event.next_due_on}


def _missed_meeting(pairing: Pairing, event: events.MeetingMissed, at: datetime) -> None:
    if pairing.step in ("first_meeting", "meetings", "feedback"):
        pairing.missed_in_a_row += 1


def _signed(pairing: Pairing, event: events.ContractSigned, at: datetime) -> None:
    pairing.signed = {**pairing.signed, event.by: event.signed_on}
    if len(pairing.signed) == len(ROLES):
        if pairing.contract is None:
            _contract_settled(pairing, "signed", max(pairing.signed.values()))
        pairing.contract = "signed"


def _lapsed(pairing: Pairing, event: events.ContractLapsed, at: datetime) -> None:
    _contract_settled(pairing, "lapsed", date_of(at, pairing.zone))


def _quarter_opened(pairing: Pairing, event: events.FeedbackOpened, at: datetime) -> None:
    pairing.step = NEXT["open_quarter", pairing.step]
    pairing.next_quarter = event.quarter + 1
    pairing.rounds = {**pairing.rounds, event.quarter: Round(event.due_on, {})}
    pairing.due = {**pairing.due, "feedback": event.due_on}


def _feedback(pairing: Pairing, event: events.FeedbackGiven, at: datetime) -> None:
    found = pairing.rounds[event.quarter]
    _change_round(pairing, event.quarter, given={**found.given, event.by: Given(event.given_on, event.late)})
    latest = pairing.ratings.get(event.by)
    if latest is None or event.quarter > latest.quarter:
        pairing.ratings = {**pairing.ratings, event.by: Rating(event.quarter, event.satisfaction)}


def _change_round(pairing: Pairing, quarter: int, **changes: Any) -> None:
    pairing.rounds = {**pairing.rounds, quarter: pairing.rounds[quarter]._replace(**changes)}


def _round_closed(pairing: Pairing, event: events.FeedbackClosed, at: datetime) -> None:
    _change_round(pairing, event.quarter, open=False)
    pairing.due = _without(pairing.due, "feedback")
    pairing.step = NEXT["close_round", "feedback"]


def _term_ended(pairing: Pairing, event: events.TermEnded, at: datetime) -> None:
    pairing.ends_on = event.ends_on
    pairing.term_ended_on = event.ends_on
    for kind in ("first_meeting", "contract", "meeting"):
        _met(pairing, kind)
    pairing.never_started_on = pairing.silent_on = pairing.overdue_on = None


def _evaluated(pairing: Pairing, event: events.EvaluationGiven, at: datetime) -> None:
    pairing.evaluations = {**pairing.evaluations, event.by: Given(event.given_on, event.late)}


def _deadline_missed(pairing: Pairing, event: events.DeadlineMissed, at: datetime) -> None:
    kind, due_on = event.deadline, event.due_on
    if kind == "meeting":
        pairing.meeting_misses = (*pairing.meeting_misses, due_on)
        pairing.slipped = (*pairing.slipped, due_on)
        pairing.due = {**pairing.due, "meeting": add_days(due_on, pairing.policy.meeting_gap_days)}
    elif kind == "feedback":
        assert event.quarter is not None
        assert event.missing is not None
        _change_round(pairing, event.quarter, missed=event.missing)
    else:
        pairing.due = _without(pairing.due, kind)
        pairing.missed = {**pairing.missed, kind: due_on}
        pairing.misses = {**pairing.misses, kind: due_on}
        pairing.overdue_on = add_days(due_on, pairing.policy.overdue_days)


def _rescinded(pairing: Pairing, event: events.DeadlineMissRescinded, at: datetime) -> None:
    kind, due_on = event.deadline, event.due_on
    if kind == "meeting":
        pairing.meeting_misses = tuple(day for day in pairing.meeting_misses if day != due_on)
        pairing.slipped = tuple(day for day in pairing.slipped if day != due_on)
    elif kind == "feedback":
        assert event.quarter is not None
        _change_round(pairing, event.quarter, rescinded=True)
    else:
        pairing.misses = _without(pairing.misses, kind)


def _raised(pairing: Pairing, event: events.FlagRaised, at: datetime) -> None:
    pairing.flags = {**pairing.flags, event.signal: Flag(at, event.detail)}


def _cleared(pairing: Pairing, event: events.FlagCleared, at: datetime) -> None:
    pairing.flags = {signal: flag for signal, flag in pairing.flags.items() if signal != event.signal}


def _acknowledged(pairing: Pairing, event: events.FlagAcknowledged, at: datetime) -> None:
    found = pairing.flags[event.signal]
    pairing.flags = {**pairing.flags, event.signal: found._replace(acknowledged=True)}


def _paused(pairing: Pairing, event: events.PairingPaused, at: datetime) -> None:
    pairing.pauses = (*pairing.pauses, Pause(event.paused_on, None, event.until))


def _resumed(pairing: Pairing, event: events.PairingResumed, at: datetime) -> None:
    days, pause = event.days, pairing.pauses[-1]
    pairing.pauses = (*pairing.pauses[:-1], pause._replace(resumed_on=event.resumed_on))
    pairing.shifted += days
    if pairing.first_meeting_due is not None and "first_meeting" in pairing.due:
        pairing.first_meeting_due = add_days(pairing.first_meeting_due, days)
    if pairing.evaluation_due is not None and "evaluation" in pairing.due:
        pairing.evaluation_due = add_days(pairing.evaluation_due, days)
    pairing.due = {kind: add_days(due_on, days) for kind, due_on in pairing.due.items()}
    for quarter, found in pairing.rounds.items():
        pending = found.open or found.due_on >= pause.paused_on
        if pending and not found.missed and len(found.given) < len(ROLES):
            _change_round(pairing, quarter, due_on=add_days(found.due_on, days))
    if pairing.term_ended_on is None:
        pairing.ends_on = add_days(pairing.ends_on, days)
    if pairing.never_started_on is not None:
        pairing.never_started_on = add_days(pairing.never_started_on, days)
    if pairing.silent_on is not None and "silent" not in pairing.flags:
        pairing.silent_on = add_days(pairing.silent_on, days)
    if pairing.overdue_on is not None:
        pairing.overdue_on = add_days(pairing.overdue_on, days)
    if pairing.grace_on is not None:
        pairing.grace_on = add_days(pairing.grace_on, days)


def _closed_early(pairing: Pairing, event: events.PairingClosedEarly, at: datetime) -> None:
    _end(pairing, "closed_early", event.closed_on)
    recorded_on = date_of(at, pairing.zone)
    pairing.due = {"closure_review": add_days(recorded_on, pairing.policy.closure_review_days)}


def _completed(pairing: Pairing, event: events.PairingCompleted, at: datetime) -> None:
    _end(pairing, "completed", event.completed_on)


def _end(pairing: Pairing, end: str, ended_on: date) -> None:
    pairing.step = end
    pairing.ended_on = ended_on
    pairing.due = {}
    pairing.missed = {}
    pairing.never_started_on = pairing.silent_on = pairing.overdue_on = pairing.grace_on = None


def _reviewed(pairing: Pairing, event: events.ClosureReviewed, at: datetime) -> None:
    pairing.reviewed = True
    pairing.due = {}
    pairing.missed = {}


_FOLDS: dict[type, Callable[[Pairing, Any, datetime], None]] = {
    events.PairingProposed: _proposed,
    events.StepEntered: _entered,
    events.StepCompleted: _completed_step,
    events.RequirementWaived: _waived,
    events.GoalsAgreed: _goals,
    events.GoalsRevised: _goals,
    events.MeetingHeld: _held,
    events.MeetingMissed: _missed_meeting,
    events.ContractSigned: _signed,
    events.ContractLapsed: _lapsed,
    events.GoalProgressed: _progressed,
    events.FeedbackOpened: _quarter_opened,
    events.FeedbackGiven: _feedback,
    events.FeedbackClosed: _round_closed,
    events.TermEnded: _term_ended,
    events.EvaluationGiven: _evaluated,
    events.DeadlineMissed: _deadline_missed,
    events.DeadlineMissRescinded: _rescinded,
    events.FlagRaised: _raised,
    events.FlagCleared: _cleared,
    events.FlagAcknowledged: _acknowledged,
    events.PairingPaused: _paused,
    events.PairingResumed: _resumed,
    events.PairingClosedEarly: _closed_early,
    events.ClosureReviewed: _reviewed,
    events.PairingCompleted: _completed,
}
