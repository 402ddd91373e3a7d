"""The rule of each fact on a pairing: what it records, or why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from domain import events, facts
from domain.calendar import add_days, date_of, start_of
from domain.course import Course
from domain.pairing import ROLES, Pairing
from domain.participant import not_ahead
from domain.refusals import Refused, Waits
from domain.steps import NUMBER, judge


class Told(NamedTuple):
    """A fact as its rule sees it: its data, the date on which it was told, and the programme's competencies."""

    fact: facts.Fact
    on: date
    competencies: Callable[[], frozenset[str]]


def take(course: Course, fact: facts.Fact, competencies: Callable[[], frozenset[str]]) -> None:
    """Lets a fact take effect on the pairing in hand. Raises Refused, or Waits where it is for a later step."""
    pairing, data = course.pairing, fact.data
    told = Told(fact, date_of(fact.time, pairing.zone), competencies)
    for field in _BUSINESS_DATES.get(type(data), ()):
        not_ahead(field, getattr(data, field), told.on)
    if (never := _NEVER.get(type(data))) is not None:
        never(pairing, data, told)
    name, rule = _RULES[type(data)]
    verdict = judge(name, pairing.step)
    if verdict == "waits":
        raise Waits(fact.stream, f"the pairing is in step {NUMBER[pairing.step]}, {pairing.step}: too early for it")
    if verdict == "refused":
        raise Refused(_too_late(pairing, name))
    rule(course, data, told)


def _too_late(pairing: Pairing, name: str) -> str:
    what = name.replace("_", " ")
    if pairing.ended:
        return f"the pairing ended on {pairing.ended_on} ({pairing.step.replace('_', ' ')}): {what} comes too late"
    return f"the pairing is in step {NUMBER[pairing.step]}, {pairing.step}: {what} comes too late"


def _no_such_competency(pairing: Pairing, data: facts.GoalsAgreed, told: Told) -> None:
    for goal in data.goals:
        if goal.competency is not None and goal.competency not in told.competencies():
            raise Refused(f"goal {goal.id} names the competency {goal.competency}, which the programme does not have")


def _goals_agreed(course: Course, data: facts.GoalsAgreed, told: Told) -> None:
    kind = events.GoalsRevised if course.pairing.goals_agreed else events.GoalsAgreed
    course.record(kind(data.agreed_on, data.strengths, data.needs, data.goals))
    if course.pairing.step == "goals":
        course.complete("done", (data.agreed_on,))
        course.go_on()


def _meeting_held(course: Course, data: facts.MeetingHeld, told: Told) -> None:
    pairing, held_on = course.pairing, data.held_on
    _before_the_end(pairing, held_on)
    next_due_on = None
    if pairing.step in ("meetings", "feedback"):
        next_due_on = max(pairing.due["meeting"], add_days(held_on, pairing.policy.meeting_gap_days))
    course.record(
        events.MeetingHeld(
            held_on=held_on,
            minutes=data.minutes,
            mode=data.mode,
            topics=data.topics,
            agenda=data.agenda,
            notes=data.notes,
            actions=data.actions,
            next_due_on=next_due_on,
        )
    )
    if pairing.ended:
        return
    course.rescind("first_meeting", (held_on,))
    _rescind_meeting_miss(course, held_on)
    course.clear("meetings_missed", "a meeting was held")
    course.clear("never_started", "the first meeting was held")
    course.clear_overdue_if_met()
    if pairing.silent_on is not None and start_of(pairing.silent_on, pairing.zone) > course.at:
        course.clear("silent", "a meeting was held")
    course.go_on()


def _rescind_meeting_miss(course: Course, held_on: date) -> None:
    pairing = course.pairing
    for due_on in sorted(pairing.meeting_misses):
        counted_on = pairing.counted_on(held_on, due_on)
        if add_days(due_on, -pairing.policy.meeting_gap_days) < counted_on <= due_on:
            course.record(events.DeadlineMissRescinded("meeting", due_on, counted_on))
            return


def _meeting_missed(course: Course, data: facts.MeetingMissed, told: Told) -> None:
    pairing = course.pairing
    _before_the_end(pairing, data.planned_on)
    course.record(events.MeetingMissed(data.planned_on, data.reason, data.by))
    if pairing.step in ("first_meeting", "meetings", "feedback"):
        in_a_row = pairing.missed_in_a_row
        if in_a_row >= pairing.policy.missed_in_a_row:
            course.raise_("meetings_missed", f"{in_a_row} planned meetings in a row were missed")


def _before_the_end(pairing: Pairing, day: date) -> None:
    if pairing.ended_on is not None and day > pairing.ended_on:
        raise Refused(f"the pairing ended on {pairing.ended_on}, before the meeting of {day}")


def _no_contract(pairing: Pairing, data: facts.ContractSigned, told: Told) -> None:
    if pairing.policy.contract == "off":
        raise Refused("the programme asks for no contract")
    if pairing.contract == "waived":
        raise Refused("the contract was waived")


def _contract_signed(course: Course, data: facts.ContractSigned, told: Told) -> None:
    pairing = course.pairing
    if data.by in pairing.signed:
        raise Refused(f"the {data.by} signed the contract already, on {pairing.signed[data.by]}")
    course.record(events.ContractSigned(data.by, data.signed_on))
    if len(pairing.signed) == len(ROLES):
        course.rescind("contract", tuple(pairing.signed.values()))
        course.clear_overdue_if_met()
        course.go_on()


def _goal_progressed(course: Course, data: facts.GoalProgressed, told: Told) -> None:
    progress = course.pairing.goals.get(data.goal)
    if progress is None:
        raise Refused(f"the pairing has no goal {data.goal}")
    if progress.told is not None and told.fact.time < progress.told:
        raise Refused(f"a newer figure for goal {data.goal} is in force already")
    course.record(events.GoalProgressed(data.goal, data.percent, told.fact.time))


def _feedback_given(course: Course, data: facts.FeedbackGiven, told: Told) -> None:
    pairing, quarter = course.pairing, data.quarter
    found = pairing.rounds.get(quarter)
    if found is None:
        to_come = pairing.step != "evaluation" and quarter >= pairing.next_quarter
        if to_come and pairing.opens_on(quarter) is not None:
            raise Waits(told.fact.stream, f"quarter {quarter} has not opened yet")
        raise Refused(f"quarter {quarter} was skipped or does not exist")
    if data.by in found.given:
        raise Refused(f"the {data.by} gave the feedback of quarter {quarter} already")
    course.record(
        events.FeedbackGiven(
            quarter=quarter,
            by=data.by,
            satisfaction=data.satisfaction,
            progress=data.progress,
            late=not pairing.in_time(told.on, found.due_on),
            given_on=told.on,
            comment=data.comment,
        )
    )
    _after_feedback(course, quarter)


def _after_feedback(course: Course, quarter: int) -> None:
    pairing = course.pairing
    found = pairing.rounds[quarter]
    closes = found.open and len(found.given) == len(ROLES)
    met = closes and found.in_time
    awaited = [found.given.get(role) for role in found.missed]
    in_time = [given.given_on for given in awaited if given is not None and not given.late]
    if found.missed and not found.rescinded and len(in_time) == len(awaited):
        met_on = pairing.counted_on(max(in_time), found.due_on)
        course.record(events.DeadlineMissRescinded("feedback", found.due_on, met_on, quarter))
        met = quarter == max(number for number, one in pairing.rounds.items() if one.missed)
    if met:
        course.clear("feedback_missing", f"the feedback of quarter {quarter} is there")
    low = [role for role, rating in sorted(pairing.ratings.items()) if rating.satisfaction <= pairing.policy.low_rating]
    if not low:
        course.clear("low_rating", "no latest feedback rates it low")
    if closes:
        course.record(events.FeedbackClosed(quarter, ()))
    if low:
        course.raise_("low_rating", f"the latest feedback of the {' and the '.join(low)} rates satisfaction low")


def _evaluation_given(course: Course, data: facts.EvaluationGiven, told: Told) -> None:
    pairing = course.pairing
    if data.by in pairing.evaluations:
        raise Refused(f"the {data.by} gave the final evaluation already")
    assert pairing.evaluation_due is not None
    course.record(
        events.EvaluationGiven(
            by=data.by,
            satisfaction=data.satisfaction,
            recommend=data.recommend,
            late=not pairing.in_time(told.on, pairing.evaluation_due),
            given_on=told.on,
            worked=data.worked,
            did_not=data.did_not,
            why=data.why,
        )
    )
    if pairing.step == "evaluation" and not pairing.missing_from(pairing.evaluations):
        evidence = tuple(given.given_on for given in pairing.evaluations.values())
        course.rescind("evaluation", evidence)
        completed_on = max(*evidence, pairing.entered_on)
        course.record(events.StepCompleted("evaluation", completed_on, "done"))
        course.finish(completed_on)


def _waived(course: Course, data: facts.RequirementWaived, told: Told) -> None:
    pairing, requirement = course.pairing, data.requirement
    if getattr(pairing.policy, requirement, None) == "off":
        raise Refused(f"the programme does not ask for the {requirement}")
    if requirement in pairing.waived:
        raise Refused(f"the {requirement} was waived already, on {pairing.waived[requirement]}")
    if requirement in pairing.done:
        raise Refused(f"the {requirement} was completed already, on {pairing.done[requirement].completed_on}")
    if requirement == "contract" and pairing.contract is not None:
        raise Refused(f"the contract is settled already: {pairing.contract}")
    course.record(events.RequirementWaived(requirement, data.by, data.reason, told.on))
    if requirement == pairing.step:
        course.complete("waived", (told.on,))
    elif requirement == "contract":
        course.clear_overdue_if_met()
    course.go_on()


def _paused(course: Course, data: facts.PairingPaused, told: Told) -> None:
    pairing = course.pairing
    if pairing.paused is not None:
        raise Refused(f"the pairing is paused already, since {pairing.paused.paused_on}")
    if data.paused_on < pairing.proposed_on:
        raise Refused(f"paused_on {data.paused_on} lies before the proposal of {pairing.proposed_on}")
    resumed_on = pairing.pauses[-1].resumed_on if pairing.pauses else None
    if resumed_on is not None and data.paused_on < resumed_on:
        raise Refused(f"paused_on {data.paused_on} lies before the last resumption, on {resumed_on}")
    course.record(events.PairingPaused(data.paused_on, data.reason, data.until))
    course.moved = True


def _resumed(course: Course, data: facts.PairingResumed, told: Told) -> None:
    pairing, pause = course.pairing, course.pairing.paused
    if pause is None:
        resumed_on = pairing.pauses[-1].resumed_on if pairing.pauses else None
        if resumed_on is None or data.resumed_on > resumed_on:
            raise Waits(told.fact.stream, "the pairing is not paused: waiting to be told of the pause")
        raise Refused(f"the pairing is not paused; it was resumed on {resumed_on}")
    if data.resumed_on < pause.paused_on:
        raise Refused(f"resumed_on {data.resumed_on} lies before paused_on {pause.paused_on}")
    course.record(events.PairingResumed(data.resumed_on, (data.resumed_on - pause.paused_on).days))


def _closed(course: Course, data: facts.PairingClosed, told: Told) -> None:
    pairing = course.pairing
    if data.closed_on < pairing.proposed_on:
        raise Refused(f"closed_on {data.closed_on} lies before the proposal of {pairing.proposed_on}")
    if pairing.step == "evaluation":
        course.finish(data.closed_on, (data.by, data.reason, data.note))
    elif data.reason != "goals_met":
        course.close_early(data.closed_on, data.by, data.reason, data.note)
    elif pairing.step in ("meetings", "feedback"):
        course.end_term(data.closed_on, (data.by, data.reason, data.note))
    else:
        raise Refused(
            f"the pairing is in step {NUMBER[pairing.step]}, {pairing.step}: there are no goals to have met yet"
        )


def _flag_acknowledged(course: Course, data: facts.FlagAcknowledged, told: Told) -> None:
    if data.signal not in course.pairing.flags:
        raise Refused(f"no flag {data.signal} is open")
    course.record(events.FlagAcknowledged(data.signal, data.by, data.note))


def _closure_reviewed(course: Course, data: facts.ClosureReviewed, told: Told) -> None:
    if course.pairing.reviewed:
        raise Refused("the closing was reviewed already")
    course.record(events.ClosureReviewed(data.by, data.outcome, data.note))
    course.rescind("closure_review", (told.on,))
    course.clear("closed_early", "the closing was reviewed")


def left(course: Course, role: events.Role, told_on: date) -> None:
    """A participant left or was declined: the pairing ends with that."""
    pairing = course.pairing
    if pairing.step == "evaluation":
        course.finish(told_on, (role, "participant_left", None))
    else:
        course.close_early(max(told_on, pairing.proposed_on), role, "participant_left")


def line_changed(course: Course, manager: str | None, mentor_person: str) -> None:
    """The protégé's reporting line changed."""
    if manager == mentor_person:
        course.raise_("reporting_line", "the mentor is now the direct manager of the protege")
    else:
        course.clear("reporting_line", "the reporting line changed again")


_BUSINESS_DATES: dict[type, tuple[str, ...]] = {
    facts.GoalsAgreed: ("agreed_on",),
    facts.MeetingHeld: ("held_on",),
    facts.ContractSigned: ("signed_on",),
    facts.PairingPaused: ("paused_on",),
    facts.PairingResumed: ("resumed_on",),
    facts.PairingClosed: ("closed_on",),
}
# What no later step can make acceptable is refused at once, rather than parked.
_NEVER: dict[type, Callable[[Pairing, Any, Told], None]] = {
    facts.GoalsAgreed: _no_such_competency,
    facts.ContractSigned: _no_contract,
}
_RULES: dict[type, tuple[str, Callable[[Course, Any, Told], None]]] = {
    facts.GoalsAgreed: ("goals_agreed", _goals_agreed),
    facts.MeetingHeld: ("meeting_held", _meeting_held),
    facts.MeetingMissed: ("meeting_missed", _meeting_missed),
    facts.ContractSigned: ("contract_signed", _contract_signed),
    facts.GoalProgressed: ("goal_progressed", _goal_progressed),
    facts.FeedbackGiven: ("feedback_given", _feedback_given),
    facts.EvaluationGiven: ("evaluation_given", _evaluation_given),
    facts.RequirementWaived: ("waived", _waived),
    facts.PairingPaused: ("paused", _paused),
    facts.PairingResumed: ("resumed", _resumed),
    facts.PairingClosed: ("closed", _closed),
    facts.FlagAcknowledged: ("flag_acknowledged", _flag_acknowledged),
    facts.ClosureReviewed: ("closure_reviewed", _closure_reviewed),
}
