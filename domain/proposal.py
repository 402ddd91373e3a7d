"""What a proposed pairing must hold, and the event that records it."""

from __future__ import annotations

from collections.abc import Iterator

from domain import events, facts
from domain.calendar import add_months, date_of
from domain.pairing import Pairing
from domain.participant import Participant, forgotten
from domain.programme import Programme
from domain.refusals import Refused


def propose(
    fact: facts.Fact,
    data: facts.PairingProposed,
    programme: Programme,
    mentor: Participant,
    protege: Participant,
    replaced: Pairing | None,
) -> events.PairingProposed:
    """Records a proposal, unless a rule forbids it. Raises Refused."""
    proposed_on = date_of(fact.time, programme.timezone)
    event = events.PairingProposed(
        programme=programme.id,
        mentor=mentor.id,
        protege=protege.id,
        proposed_on=proposed_on,
        starts_on=data.starts_on,
        ends_on=data.ends_on or add_months(data.starts_on, programme.policy.term_months),
        timezone=programme.timezone,
        policy=programme.policy,
        replaces=data.replaces,
        score=data.score,
        because=data.because,
    )
    for objection in _objections(event, programme, mentor, protege, replaced):
        raise Refused(objection)
    return event


def _objections(
    event: events.PairingProposed,
    programme: Programme,
    mentor: Participant,
    protege: Participant,
    replaced: Pairing | None,
) -> Iterator[str]:
    if programme.closed:
        yield f"programme {programme.id} is closed: no new pairings"
    for role, one in (("mentor", mentor), ("protege", protege)):
        if one.programme != programme.id:
            yield f"participant {one.id} is in programme {one.programme}, not in {programme.id}"
        if one.role != role:
            yield f"participant {one.id} is registered as {one.role}, not as {role}"
        if one.forgotten:
            yield forgotten(one.id)
        if one.gone:
            yield f"participant {one.id} has {'been declined' if one.declined else 'left'}"
    if mentor.person == protege.person:
        yield f"mentor and protege are the same person, {mentor.person}"
    if protege.manager == mentor.person:
        yield f"the mentor {mentor.id} is the direct manager of the protege {protege.id}"
    capacity = mentor.capacity or programme.policy.mentor_capacity
    if len(mentor.active) >= capacity:
        pairings = "pairing" if len(mentor.active) == 1 else "pairings"
        yield f"the mentor {mentor.id} has {len(mentor.active)} active {pairings}, which is their capacity"
    if protege.active:
        yield f"the protege {protege.id} is in another active pairing, {protege.active[0]}"
    if event.starts_on < programme.starts_on:
        yield f"starts_on {event.starts_on} lies before the programme's, {programme.starts_on}"
    if event.ends_on <= event.starts_on:
        yield f"ends_on {event.ends_on} is not after starts_on {event.starts_on}"
    if event.ends_on <= event.proposed_on:
        yield f"ends_on {event.ends_on} is not after the date of the proposal, {event.proposed_on}"
    if event.replaces is not None:
        if replaced is None:
            yield f"there is no pairing {event.replaces} to replace"
        elif replaced.step != "closed_early" or replaced.protege != protege.id:
            yield f"pairing {event.replaces} is not one of the protege's that closed early"
