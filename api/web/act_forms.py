"""The forms of the MPM's acts, as data: what each asks, in words, and which fact it sends. A new act is a row here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["line", "text", "day", "choice", "number"]


class Field(NamedTuple):
    """One field of a form; `offered`: its choices are what the domain says is possible now."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    offered: bool = False
    today: bool = False


class Act(NamedTuple):
    """`signed`: the fact says `by` whom, and that is whoever acts."""

    code: str
    fact: str
    title: str
    says: str
    button: str
    done: str
    fields: tuple[Field, ...] = ()
    signed: bool = False
    grave: bool = False


ON_PAIRING = (
    Act(
        "acknowledge",
        "mentoring.pairing.flag_acknowledged",
        "Acknowledge a flag",
        "Says that somebody has looked into it, and what they found. The flag stays until its condition ends.",
        "Acknowledge",
        "The flag was acknowledged.",
        (
            Field("signal", "Flag", "choice", offered=True),
            Field("note", "What you found", "text", required=False),
        ),
        signed=True,
    ),
    Act(
        "review",
        "mentoring.pairing.closure_reviewed",
        "Review the early closing",
        "Says what follows from it: a new match is sought for the protégé, or it ends here.",
        "Review",
        "The closing was reviewed.",
        (
            Field("outcome", "What follows", "choice", offered=True),
            Field("note", "What was learned", "text", required=False),
        ),
        signed=True,
    ),
    Act(
        "waive",
        "mentoring.pairing.waived",
        "Waive a requirement",
        "The pairing no longer waits for it. A deadline that was missed stays missed.",
        "Waive",
        "The requirement was waived.",
        (
            Field("requirement", "Requirement", "choice", offered=True),
            Field("reason", "Reason", "text", "Whoever audits this programme will read it."),
        ),
        signed=True,
    ),
    Act(
        "resume",
        "mentoring.pairing.resumed",
        "Resume",
        "Every date that is pending moves later by the days of the pause.",
        "Resume",
        "The pairing goes on.",
        (Field("resumed_on", "Resumed on", "day", "Today or before.", today=True),),
    ),
    Act(
        "pause",
        "mentoring.pairing.paused",
        "Pause",
        "While it lasts nothing falls due, and every pending date moves later by its days.",
        "Pause",
        "The pairing is paused.",
        (
            Field("paused_on", "Paused on", "day", "Today or before.", today=True),
            Field("reason", "Reason", "text"),
            Field("until", "Until", "day", "It ends by itself at the start of that day.", required=False),
        ),
    ),
    Act(
        "close",
        "mentoring.pairing.closed",
        "Close",
        "Ends the pairing for good. Neither the reason nor who asked for it can be changed afterwards.",
        "Close the pairing",
        "The pairing was closed.",
        (
            Field("reason", "Reason", "choice", offered=True),
            Field("by", "Who asked for it", "choice", choices=("mpm", "mentor", "protege", "hr")),
            Field("closed_on", "Closed on", "day", "Today or before.", today=True),
            Field("note", "Note", "text", required=False),
        ),
        grave=True,
    ),
)
ON_PARTICIPANT = (
    Act(
        "approve",
        "mentoring.participant.approved",
        "Approve",
        "They may be matched, and their pairing's first step is half done.",
        "Approve",
        "They are approved.",
        signed=True,
    ),
    Act(
        "decline",
        "mentoring.participant.declined",
        "Decline",
        "Final: they take no part in this programme, and a pairing of theirs closes.",
        "Decline",
        "They were declined.",
        (Field("reason", "Reason", "text"),),
        signed=True,
        grave=True,
    ),
)
ON_PROGRAMME = (
    Act(
        "close",
        "mentoring.programme.closed",
        "Close to new pairings",
        "Pairings that are under way go on to their end; no new one is taken.",
        "Close to new pairings",
        "The programme takes no new pairings.",
        signed=True,
        grave=True,
    ),
)
ACTS: Mapping[str, Mapping[str, Act]] = {
    kind: {act.code: act for act in acts}
    for kind, acts in (("pairings", ON_PAIRING), ("participants", ON_PARTICIPANT), ("programmes", ON_PROGRAMME))
}
LABELS = {field.name: field.label for acts in ACTS.values() for act in acts.values() for field in act.fields}
