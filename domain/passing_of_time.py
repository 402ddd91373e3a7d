"""What time alone causes, in order: deadlines, flags, quarters, the grace and the end of the term."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from domain import events
from domain.calendar import DAY, add_days, start_of
from domain.course import Course
from domain.pairing import Pairing

DEADLINES = (
    "registration",
    "assessment",
    "workshop",
    "goals",
    "first_meeting",
    "contract",
    "meeting",
    "feedback",
    "evaluation",
    "closure_review",
)
_ORDER = {kind: place for place, kind in enumerate(DEADLINES)}
_DEADLINE, _FLAG, _QUARTER, _GRACE, _TERM = range(5)


class Cause(NamedTuple):
    """Something that the start of a date causes; causes sort in the order in which they are decided."""

    on: date
    rank: int
    place: int | str
    name: str


def next_cause(pairing: Pairing) -> Cause | None:
    """The earliest thing that time alone will cause, or None: an end, or a pause without an end."""
    if (pause := pairing.paused) is not None and not pairing.ended:
        return None if pause.until is None else Cause(pause.until, _TERM, 0, "resume")
    causes: list[tuple[date, int, int | str, str]] = []
    if pairing.due:
        due_on, place, kind = min([(due_on, _ORDER[kind], kind) for kind, due_on in pairing.due.items()])
        causes.append((due_on + DAY, _DEADLINE, place, kind))
    if not pairing.ended:
        flags, step = pairing.flags, pairing.step
        if pairing.never_started_on is not None and "never_started" not in flags and step == "first_meeting":
            causes.append((pairing.never_started_on, _FLAG, "never_started", "never_started"))
        if pairing.overdue_on is not None and "overdue" not in flags:
            causes.append((pairing.overdue_on, _FLAG, "overdue", "overdue"))
        if pairing.silent_on is not None and "silent" not in flags and step in ("meetings", "feedback"):
            causes.append((pairing.silent_on, _FLAG, "silent", "silent"))
        if step == "meetings" and (opens_on := pairing.opens_on(pairing.next_quarter)) is not None:
            causes.append((opens_on, _QUARTER, 0, "quarter"))
        if pairing.grace_on is not None:
            causes.append((pairing.grace_on, _GRACE, 0, "grace"))
        if pairing.term_ended_on is None:
            causes.append((pairing.ends_on, _TERM, 0, "term"))
    return Cause(*min(causes)) if causes else None


def next_instant(pairing: Pairing) -> datetime | None:
    """The instant of the next cause: when the pairing is due."""
    cause = next_cause(pairing)
    return None if cause is None else start_of(cause.on, pairing.zone)


def happen(course: Course, cause: Cause) -> None:
    """Records what the cause leads to; the course stands at max(its instant, clock)."""
    match cause.rank:
        case _ if cause.name == "resume":
            pause = course.pairing.paused
            assert pause is not None
            course.record(events.PairingResumed(cause.on, (cause.on - pause.paused_on).days))
        case 0:
            _deadline(course, cause.name)
        case 1:
            course.raise_(cause.name, _detail(course.pairing, cause.name))
        case 2:
            quarter = course.pairing.next_quarter
            due_on = add_days(cause.on, course.pairing.policy.feedback_days)
            course.record(events.FeedbackOpened(quarter, due_on))
            course.moved = True
        case 3:
            course.finish(cause.on)
        case _:
            _term(course, cause.on)


def _deadline(course: Course, kind: str) -> None:
    pairing = course.pairing
    due_on = pairing.due[kind]
    if kind in ("assessment", "workshop") and getattr(pairing.policy, kind) == "suggested":
        course.complete("lapsed", (course.today,))
        course.go_on()
    elif kind == "contract" and pairing.policy.contract == "suggested":
        course.record(events.ContractLapsed(due_on))
        course.go_on()
    elif kind == "feedback":
        quarter = pairing.open_round
        assert quarter is not None
        missing = pairing.missing_from(pairing.rounds[quarter].given)
        course.record(events.DeadlineMissed(kind, due_on, quarter, missing))
        course.record(events.FeedbackClosed(quarter, missing))
        course.raise_("feedback_missing", f"quarter {quarter}: no feedback from the {' and the '.join(missing)}")
    elif kind == "evaluation":
        course.record(events.DeadlineMissed(kind, due_on, missing=pairing.missing_from(pairing.evaluations)))
    else:
        course.record(events.DeadlineMissed(kind, due_on))


def _term(course: Course, ends_on: date) -> None:
    pairing = course.pairing
    established = pairing.step in ("meetings", "feedback") or (
        pairing.step == "first_meeting" and pairing.first_held_on is not None
    )
    if established:
        course.end_term(ends_on)
    else:
        course.close_early(ends_on, "clock", "not_established")


def _detail(pairing: Pairing, signal: str) -> str:
    match signal:
        case "never_started":
            return f"no meeting held since the first one could be, on {pairing.entered_on}"
        case "overdue":
            kind, due_on = next(iter(pairing.missed.items()))
            return f"{kind} was due on {due_on} and is still not met"
        case _:
            return f"no meeting held since {pairing.latest_held_on}"
