"""What the MPM is offered is what would be accepted: held against the rules themselves, wherever a log wanders."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import facts, intake
from domain.acts import OUTCOMES, REQUIREMENTS, acts_on_pairing, acts_on_participant, acts_on_programme
from domain.calendar import date_of
from domain.fact_data import FactData
from domain.fact_rules import CLOSING_REASONS
from domain.flags import SIGNALS
from domain.pairing import Pairing
from domain.participant import Participant
from domain.passing_of_time import next_instant
from domain.programme import Programme
from tests.domain.story import TYPES, Story
from tests.domain.wandering import Log

ALL: dict[str, tuple[str, ...]] = {
    "acknowledge": SIGNALS,
    "review": OUTCOMES,
    "waive": REQUIREMENTS,
    "resume": ("resume",),
    "pause": ("pause",),
    "close": CLOSING_REASONS,
}


def told_as(act: str, choice: Any, pairing: Pairing) -> FactData:
    """What the form of an act would send today."""
    today = date_of(pairing.clock, pairing.zone)
    match act:
        case "acknowledge":
            return facts.FlagAcknowledged(choice, "mpm")
        case "review":
            return facts.ClosureReviewed("mpm", choice)
        case "waive":
            return facts.RequirementWaived(choice, "mpm", "why")
        case "resume":
            return facts.PairingResumed(today)
        case "pause":
            return facts.PairingPaused(today, "why")
    return facts.PairingClosed("mpm", choice, today)


def becomes_of(story: Story, data: FactData, stream: str) -> str:
    """What would become of a fact that is told at the stream's own clock, so that no time passes before it."""
    state = story.place(stream).state
    assert state is not None
    subject = stream.partition("-")[2]
    fact = facts.Fact("console", "x", TYPES[type(data)], subject, state.clock, data)
    return intake.decide(fact, story.arrivals + 1, story).disposition


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_what_is_offered_would_be_accepted_and_what_is_not_would_not(seed: int) -> None:
    log = Log(seed)
    story = Story()
    for number, fact in enumerate(log.in_order()):
        story.tell(fact)
        if number % 5:
            continue
        for stream, place in list(story.places.items()):
            match place.state:
                case Pairing() as pairing:
                    # where time has something left to do by then, that comes first
                    if (due := next_instant(pairing)) is None or due > pairing.clock:
                        check_pairing(story, stream, pairing)
                case Participant() as person:
                    offered = acts_on_participant(person)
                    assert ("approve" in offered) == (
                        becomes_of(story, facts.ParticipantApproved("mpm"), stream) == "accepted"
                    )
                    assert ("decline" in offered) == (
                        becomes_of(story, facts.ParticipantDeclined("mpm", "why"), stream) == "accepted"
                    )
                case Programme() as programme:
                    closing = becomes_of(story, facts.ProgrammeClosed("mpm"), stream)
                    assert bool(acts_on_programme(programme)) == (closing == "accepted")


def check_pairing(story: Story, stream: str, pairing: Pairing) -> None:
    offered = acts_on_pairing(pairing)
    today = date_of(pairing.clock, pairing.zone)
    # a pause of a date before the last resumption is refused for its date, and so is a closing before the proposal
    fits = today >= max([pairing.proposed_on, *(one.resumed_on for one in pairing.pauses if one.resumed_on)])
    for act, choices in ALL.items():
        for choice in choices:
            becomes = becomes_of(story, told_as(act, choice, pairing), stream)
            if choice in offered.get(act, ()):
                assert becomes == "accepted" or not fits, (act, choice, pairing)
            elif act != "acknowledge":  # what was acknowledged may be so again, and is not offered again
                assert becomes != "accepted", (act, choice, pairing)
