"""Who may see what, asked here and nowhere else: accounts will be put in this place.

Until there are accounts everybody who reaches this service is the one local MPM, who sees the names and e-mail
addresses of the people in the programmes, but never what a pair wrote, which is the pair's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events import SEALED
from domain.fact_rules import FACTS

WITHHELD = "(withheld)"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks, and what they may see."""

    names: bool
    what_a_pair_wrote: bool = False


LOCAL_MPM = Reader(names=True)


def withheld(event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's data for a trail or feed, where no reader sees a sealed text, names among them."""
    sealed = SEALED.get(event_type, ())
    return {name: WITHHELD if name in sealed and value is not None else value for name, value in data.items()}


def shown_name(reader: Reader, name: str | None) -> str:
    """A participant's name for this reader; withheld too where the key was destroyed."""
    return name if reader.names and name else WITHHELD


# What of a fact names somebody, and what of it is the pair's own; the rest of the fields that are known may be seen.
NAMES_IN_FACTS = {
    "mentoring.participant.registered": SEALED["ParticipantRegistered"],
    "mentoring.participant.changed": SEALED["ParticipantChanged"],
}
WRITTEN_IN_FACTS = {
    "mentoring.pairing.meeting_held": SEALED["MeetingHeld"],
    "mentoring.pairing.feedback_given": SEALED["FeedbackGiven"],
    "mentoring.pairing.evaluation_given": SEALED["EvaluationGiven"],
}


def shown_fact(reader: Reader, kind: str | None, data: object) -> dict[str, Any]:
    """What a fact said, as far as this reader may see it.

    Only fields that its type has: what else somebody put into a fact may be anything, and is withheld.
    """
    shape = FACTS.get(kind or "")
    if shape is None or not isinstance(data, Mapping):
        return {}
    hidden = set() if reader.names else set(NAMES_IN_FACTS.get(kind or "", ()))
    hidden |= set() if reader.what_a_pair_wrote else set(WRITTEN_IN_FACTS.get(kind or "", ()))
    return {name: WITHHELD if name in hidden else data[name] for name, *_ in shape.fields if data.get(name) is not None}
