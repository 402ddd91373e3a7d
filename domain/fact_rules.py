"""Each type of fact with its fields and the rule of each: the table by which `data` is read."""

from __future__ import annotations

from domain import fact_data as told
from domain.events import Competency, Goal, MeetingAction
from domain.fields import (
    LARGEST_COUNT,
    Each,
    EachNamed,
    Maybe,
    NoIdTwice,
    Number,
    OneOf,
    OrNull,
    Shape,
    Unfit,
    Whole,
    any_text,
    day,
    identifier,
    text,
    time_zone,
    yes_or_no,
)
from domain.flags import SIGNALS
from domain.policy import DAYS_IN_A_SHORT_MONTH, LONGEST_DAYS, LONGEST_MONTHS, Policy

CLOSING_REASONS = (
    "goals_met",
    "mismatch",
    "no_time",
    "no_contact",
    "role_change",
    "participant_left",
    "conflict_of_interest",
    "misconduct",
    "not_established",
    "other",
)

# The rules of a value, by what it means

role = OneOf("mentor", "protege")
level = OneOf("required", "suggested", "off")
days = Whole(1, LONGEST_DAYS)
months = Whole(1, LONGEST_MONTHS)
count = Whole(1)
rating = Whole(1, 5)
texts = Each(text)


def _feedback_fits_its_quarter(policy: Policy) -> None:
    room = DAYS_IN_A_SHORT_MONTH * policy.feedback_every_months
    if policy.feedback_days >= room:
        why = f"must be less than {room}, the days of feedback_every_months at {DAYS_IN_A_SHORT_MONTH} a month"
        raise Unfit(("feedback_days", f"{why}, not {policy.feedback_days}"))


def _names_a_change(changed: told.ParticipantChanged) -> None:
    if changed == told.ParticipantChanged():
        raise Unfit(("", "must name at least one of name, email, department, capacity"))


def _ends_after_it_begins(paused: told.PairingPaused) -> None:
    if paused.until is not None and paused.until <= paused.paused_on:
        raise Unfit(("until", f"must be after paused_on ({paused.paused_on}), not {paused.until}"))


policy = Shape(
    Policy,
    further=_feedback_fits_its_quarter,
    closed=True,
    term_months=Maybe(months),
    registration_days=Maybe(days),
    assessment_days=Maybe(days),
    workshop_days=Maybe(days),
    goals_days=Maybe(days),
    first_meeting_days=Maybe(days),
    contract_days=Maybe(days),
    meeting_gap_days=Maybe(days),
    feedback_every_months=Maybe(months),
    feedback_days=Maybe(days),
    evaluation_days=Maybe(days),
    evaluation_grace_days=Maybe(days),
    closure_review_days=Maybe(days),
    silent_days=Maybe(days),
    never_started_days=Maybe(days),
    overdue_days=Maybe(days),
    low_rating=Maybe(rating),
    missed_in_a_row=Maybe(count),
    mentor_capacity=Maybe(count),
    assessed_by=Maybe(OneOf("protege", "both")),
    assessment=Maybe(level),
    workshop=Maybe(level),
    contract=Maybe(level),
    suppress_below=Maybe(Whole(0, LARGEST_COUNT)),
)
competency = Shape(Competency, id=identifier, name=text)
goal = Shape(
    Goal,
    id=identifier,
    title=text,
    actions=Each(text, least=1),
    competency=Maybe(identifier),
    resources=Maybe(texts),
    measure=Maybe(any_text),
)
action = Shape(MeetingAction, title=text, owner=role, due_on=Maybe(day))

FACTS: dict[str, Shape] = {
    "mentoring.programme.opened": Shape(
        told.ProgrammeOpened,
        name=text,
        purpose=text,
        starts_on=day,
        timezone=Maybe(time_zone),
        policy=Maybe(policy),
        competencies=NoIdTwice(Each(competency, least=1)),
    ),
    "mentoring.programme.closed": Shape(told.ProgrammeClosed, by=text),
    "mentoring.participant.registered": Shape(
        told.ParticipantRegistered,
        programme=identifier,
        role=role,
        person=text,
        name=text,
        email=text,
        manager=Maybe(any_text),
        department=Maybe(any_text),
        capacity=Maybe(count),
    ),
    "mentoring.participant.approved": Shape(told.ParticipantApproved, by=text),
    "mentoring.participant.declined": Shape(told.ParticipantDeclined, by=text, reason=text),
    "mentoring.participant.assessed": Shape(
        told.ParticipantAssessed, ratings=EachNamed(rating), assessed_on=Maybe(day)
    ),
    "mentoring.participant.trained": Shape(told.ParticipantTrained, workshop=text, attended_on=day),
    "mentoring.participant.line_changed": Shape(told.LineChanged, manager=OrNull(text)),
    "mentoring.participant.changed": Shape(
        told.ParticipantChanged,
        further=_names_a_change,
        name=Maybe(text),
        email=Maybe(text),
        department=Maybe(any_text),
        capacity=Maybe(count),
    ),
    "mentoring.participant.left": Shape(told.ParticipantLeft, reason=Maybe(any_text)),
    "mentoring.pairing.proposed": Shape(
        told.PairingProposed,
        programme=identifier,
        mentor=identifier,
        protege=identifier,
        starts_on=day,
        ends_on=Maybe(day),
        replaces=Maybe(identifier),
        score=Maybe(Number(0, 1)),
        because=Maybe(texts),
    ),
    "mentoring.pairing.waived": Shape(
        told.RequirementWaived,
        requirement=OneOf("assessment", "workshop", "goals", "contract"),
        by=text,
        reason=text,
    ),
    "mentoring.pairing.goals_agreed": Shape(
        told.GoalsAgreed,
        agreed_on=day,
        strengths=texts,
        needs=texts,
        goals=NoIdTwice(Each(goal, least=1, most=3)),
    ),
    "mentoring.pairing.meeting_held": Shape(
        told.MeetingHeld,
        held_on=day,
        minutes=Whole(1, 1440),
        mode=Maybe(OneOf("in_person", "video", "phone")),
        topics=Maybe(texts),
        agenda=Maybe(any_text),
        notes=Maybe(any_text),
        actions=Maybe(Each(action)),
    ),
    "mentoring.pairing.meeting_missed": Shape(
        told.MeetingMissed, planned_on=day, reason=Maybe(any_text), by=Maybe(role)
    ),
    "mentoring.pairing.contract_signed": Shape(told.ContractSigned, by=role, signed_on=day),
    "mentoring.pairing.goal_progressed": Shape(told.GoalProgressed, goal=identifier, percent=Whole(0, 100)),
    "mentoring.pairing.feedback_given": Shape(
        told.FeedbackGiven,
        quarter=count,
        by=role,
        satisfaction=rating,
        progress=rating,
        comment=Maybe(any_text),
    ),
    "mentoring.pairing.evaluation_given": Shape(
        told.EvaluationGiven,
        by=role,
        satisfaction=rating,
        recommend=yes_or_no,
        worked=Maybe(any_text),
        did_not=Maybe(any_text),
        why=Maybe(any_text),
    ),
    "mentoring.pairing.paused": Shape(
        told.PairingPaused, further=_ends_after_it_begins, paused_on=day, reason=text, until=Maybe(day)
    ),
    "mentoring.pairing.resumed": Shape(told.PairingResumed, resumed_on=day),
    "mentoring.pairing.closed": Shape(
        told.PairingClosed,
        by=OneOf("mentor", "protege", "mpm", "hr"),
        reason=OneOf(*CLOSING_REASONS),
        closed_on=day,
        note=Maybe(any_text),
    ),
    "mentoring.pairing.closure_reviewed": Shape(
        told.ClosureReviewed, by=text, outcome=OneOf("rematch", "end"), note=Maybe(any_text)
    ),
    "mentoring.pairing.flag_acknowledged": Shape(
        told.FlagAcknowledged, signal=OneOf(*SIGNALS), by=text, note=Maybe(any_text)
    ),
}
