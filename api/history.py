"""A pairing's page in words: its eight steps as a line, and its history day by day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from api.trail import Trail
from api.web.words import day, words
from domain.events import PairingClosedEarly
from domain.narration import sentence
from domain.steps import NUMBER, STEPS
from eventstore.codec import Codec
from eventstore.store import StoredEvent

KINDS = {
    "DeadlineMissed": "bad",
    "FlagRaised": "bad",
    "PairingClosedEarly": "bad",
    "MeetingMissed": "bad",
    "StepCompleted": "good",
    "PairingCompleted": "good",
    "DeadlineMissRescinded": "good",
    "FlagCleared": "good",
}

# What is due while a pairing is in a step, where that goes by another name.
_ASKS = {"first_meeting": ("first_meeting", "contract"), "meetings": ("meeting",)}


class StepOnTheLine(NamedTuple):
    """`how`: past, now, ahead, or closed where the pairing closed early."""

    name: str
    how: str
    says: str


def closing(found: Sequence[StoredEvent], codec: Codec) -> PairingClosedEarly | None:
    """How a pairing closed early, if it did."""
    closed = (codec.decode(event.type, event.data) for event in found if event.type == "PairingClosedEarly")
    return next(closed, None)


def steps(pairing: dict[str, Any], closed: PairingClosedEarly | None) -> list[StepOnTheLine]:
    """The eight steps as they stand for this pairing."""
    done = {each["step"]: each for each in pairing["steps"]}
    now = NUMBER.get(closed.step if closed else pairing["step"], 0)
    line = []
    for step in STEPS:
        ended = done.get(step)
        if closed is not None and step == closed.step:
            line.append(StepOnTheLine(step, "closed", f"closed {day(closed.closed_on)}"))
        elif NUMBER[step] == now:
            due = next((one for one in pairing["deadlines"] if one["kind"] in _ASKS.get(step, (step,))), None)
            line.append(StepOnTheLine(step, "now", f"due {day(due['due_on'])}" if due else "now"))
        elif ended is not None:
            how = "" if ended["outcome"] == "done" else f" ({ended['outcome']})"
            late = "" if ended["on_time"] or ended["outcome"] != "done" else ", late"
            line.append(StepOnTheLine(step, "past", f"{day(ended['completed_on'])}{how}{late}"))
        else:
            line.append(StepOnTheLine(step, "past" if NUMBER[step] < now else "ahead", ""))
    return line


def days(found: Sequence[StoredEvent], codec: Codec, trail: Trail) -> list[tuple[str, list[dict[str, Any]]]]:
    """What happened, newest day first, each event with its sentence."""
    told = [
        {
            **trail.shown(event),
            "sentence": sentence(codec.decode(event.type, event.data)),
            "kind": KINDS.get(event.type, "plain"),
        }
        for event in found
    ]
    by_day = [(on, list(events)) for on, events in groupby(told, key=lambda event: str(event["at"])[:10])]
    return by_day[::-1]


def _standing(pairing: dict[str, Any]) -> str:
    """State, step and health; of a pairing that has ended these are one."""
    if pairing["state"] == pairing["step"]:
        return words(pairing["state"])
    return f"{words(pairing['state'])}, step {words(pairing['step'])}, {words(pairing['health'])}"


def text(pairing: dict[str, Any], mentor: str, protege: str, told: Sequence[tuple[str, list[dict[str, Any]]]]) -> str:
    """A pairing as plain text, for a terminal."""
    lines = [
        f"Pairing {pairing['id']} of programme {pairing['programme']}",
        f"{mentor} ({pairing['mentor']}) mentors {protege} ({pairing['protege']})",
        f"{_standing(pairing)}; from {pairing['starts_on']} to {pairing['ends_on']}",
        "",
        "Deadlines",
        *(
            f"  {one['due_on']}  {words(one['kind'])}{', missed' if one['missed'] else ''}"
            for one in pairing["deadlines"]
        ),
        *([] if pairing["deadlines"] else ["  none pending"]),
        "",
        "Flags",
        *(
            f"  {str(one['since'])[:10]}  {words(one['signal'])}: {one['detail']}"
            f"{' (seen)' if one['acknowledged'] else ''}"
            for one in pairing["flags"]
        ),
        *([] if pairing["flags"] else ["  none open"]),
    ]
    if pairing["waiting"]:
        lines += [
            "",
            "Waiting",
            *(f"  {one['type']} {one['id']}: {one['reason']}" for one in pairing["waiting"]),
        ]
    lines += ["", "History"]
    for _, events in reversed(told):
        lines += [f"  {str(event['at'])[:16].replace('T', ' ')}  {event['sentence']}" for event in events]
    return "\n".join(_printable(line) for line in lines) + "\n"


def _printable(line: str) -> str:
    """Nothing that a fact said may end a line or colour the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in line)
