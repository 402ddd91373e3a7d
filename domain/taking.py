"""One decision while it is being made: what is brought forward, what takes effect, and what that releases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from domain import events, facts, pairing_facts, participant, programme
from domain.calendar import date_of, start_of
from domain.course import Course
from domain.pairing import ROLES, Pairing
from domain.participant import Participant
from domain.passing_of_time import Cause, happen, next_cause
from domain.programme import Programme
from domain.proposal import propose
from domain.refusals import Refused, Waits
from domain.world import Decision, Disposition, Place, Recorded, Settled, Waiting, World, begin, evolve


class Taking:
    """One decision while it is being made, on drafts of the places that it changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.decision = Decision()
        self.looked: dict[str, Place] = {}
        self.releasing: set[str] = set()

    # Places

    def look(self, stream: str) -> Place:
        found = self.looked.get(stream)
        if found is None:
            found = self.looked[stream] = self.world.place(stream)
            self.decision.read.add(stream)
        return found

    def draft(self, stream: str) -> Place:
        found = self.decision.places.get(stream)
        if found is None:
            found = self.look(stream).copy()
            self.looked[stream] = self.decision.places[stream] = found
        return found

    def programme(self, name: str) -> Programme | None:
        state = self.look(f"programme-{name}").state
        assert state is None or isinstance(state, Programme)
        return state

    def participant(self, name: str) -> Participant | None:
        state = self.look(f"participant-{name}").state
        assert state is None or isinstance(state, Participant)
        return state

    def pairing(self, name: str) -> Pairing | None:
        state = self.look(f"pairing-{name}").state
        assert state is None or isinstance(state, Pairing)
        return state

    def a_programme(self, name: str) -> Programme:
        found = self.programme(name)
        assert found is not None
        return found

    def a_participant(self, name: str) -> Participant:
        found = self.participant(name)
        assert found is not None
        return found

    # Recording

    def record(self, stream: str, event: events.Event, at: datetime, cause: facts.Fact | None) -> None:
        place = self.draft(stream)
        if place.state is None:
            place.state = begin(stream)
            place.barred = False
        at = max(at, place.state.clock)
        evolve(place.state, event, at)
        self.decision.recorded.append(Recorded(stream, event, at, cause))

    def course(self, stream: str, at: datetime, cause: facts.Fact | None) -> Course:
        """The pairing in hand at `at`, or at its clock if that is later."""
        state = self.draft(stream).state
        assert isinstance(state, Pairing)
        at = max(at, state.clock)

        def leave() -> None:
            for role in ROLES:
                self.record(f"participant-{state.participant(role)}", events.PairingLeft(state.id), at, cause)

        return Course(state, at, self.a_participant, lambda event: self.record(stream, event, at, cause), leave)

    def clock(self, stream: str) -> datetime:
        state = self.look(stream).state
        assert state is not None
        return state.clock

    def park(self, waiting: Waiting, stream: str) -> None:
        place = self.draft(stream)
        place.waiting = tuple(sorted((*place.waiting, waiting), key=lambda one: one.arrival))

    # Time

    def bring_forward(self, streams: Iterable[str], instant: datetime) -> None:
        """What time causes in all of these, in order of its instant: their participants see it in that order too."""
        ahead = [one for stream in streams if (one := self._next(stream, instant)) is not None]
        heapify(ahead)
        while ahead:
            _, stream, cause, begins = ahead[0]
            course = self.course(stream, begins, None)
            happen(course, cause)
            if course.moved:
                self.release(stream)
            if (following := self._next(stream, instant)) is None:
                heappop(ahead)
            else:
                heapreplace(ahead, following)

    def _next(self, stream: str, instant: datetime) -> tuple[datetime, str, Cause, datetime] | None:
        """What time causes next in a pairing by the instant, and when it is decided."""
        pairing = self.look(stream).state
        if not isinstance(pairing, Pairing) or (cause := next_cause(pairing)) is None:
            return None
        begins = start_of(cause.on, pairing.zone)
        if begins > instant and begins > pairing.clock:
            return None
        return max(begins, pairing.clock), stream, cause, begins

    def bring_all_forward(self, participants: Iterable[Participant | None], instant: datetime, *named: str) -> None:
        """Brings the streams named and every active pairing of these participants forward, together."""
        active = {f"pairing-{pairing}" for one in participants if one is not None for pairing in one.active}
        self.bring_forward(sorted({*named, *active}), instant)

    # Facts

    def attempt(self, fact: facts.Fact, released: bool = False) -> tuple[Disposition, str | None, str | None]:
        try:
            self.take(fact, released)
        except Waits as waits:
            return "parked", waits.reason, waits.stream
        except Refused as refused:
            return "refused", refused.reason, None
        return "accepted", None, None

    def take(self, fact: facts.Fact, released: bool) -> None:
        match fact.data:
            case facts.ProgrammeOpened() | facts.ProgrammeClosed() as data:
                self.take_programme(fact, data)
            case facts.ParticipantRegistered() as data:
                self.take_registration(fact, data, released)
            case facts.PairingProposed() as data:
                self.take_proposal(fact, data, released)
            case _ if fact.stream.startswith("participant-"):
                self.take_participant(fact, released)
            case _:
                self.take_pairing(fact, released)

    def take_programme(self, fact: facts.Fact, data: facts.ProgrammeOpened | facts.ProgrammeClosed) -> None:
        found = self.programme(fact.subject)
        if found is None and isinstance(data, facts.ProgrammeClosed):
            raise Waits(fact.stream, f"programme {fact.subject} is not known yet")
        self.record(fact.stream, programme.decide(found, data), fact.time, fact)
        if found is None:
            self.decision.programmes[fact.stream] = fact.subject
            self.release(fact.stream)

    def take_registration(self, fact: facts.Fact, data: facts.ParticipantRegistered, released: bool) -> None:
        found = self.participant(fact.subject)
        if not released:
            self.bring_all_forward((found,), fact.time)
        if self.look(fact.stream).barred:
            raise Refused(participant.forgotten(fact.subject))
        if found is None and self.programme(data.programme) is None:
            raise Waits(f"programme-{data.programme}", f"programme {data.programme} is not known yet")
        event = participant.register(found, fact, data)
        claim = participant.claim(data)
        holder = self.decision.claims.get(claim) or self.world.holder(claim)
        if holder is not None:
            raise Refused(
                f"person {data.person} is registered as {data.role} in programme {data.programme} already: {holder}"
            )
        self.decision.claims[claim] = fact.stream
        self.decision.programmes[fact.stream] = data.programme
        self.record(fact.stream, event, fact.time, fact)
        self.release(fact.stream)

    def take_participant(self, fact: facts.Fact, released: bool) -> None:
        found = self.participant(fact.subject)
        if found is None:
            if self.look(fact.stream).barred:
                raise Refused(participant.forgotten(fact.subject))
            raise Waits(fact.stream, f"participant {fact.subject} is not known yet")
        if not released:
            self.bring_all_forward((found,), fact.time)
            found = self.a_participant(fact.subject)
        its_programme = self.a_programme(found.programme)
        event = participant.decide(found, its_programme, fact)
        active, role = found.active, found.role
        self.record(fact.stream, event, fact.time, fact)
        for pairing in active:
            course = self.course(f"pairing-{pairing}", fact.time, fact)
            match event:
                case events.ReportingLineChanged() if role == "protege":
                    mentor = self.a_participant(course.pairing.mentor)
                    pairing_facts.line_changed(course, event.manager, mentor.person)
                case events.ParticipantLeft() | events.ParticipantDeclined():
                    pairing_facts.left(course, role, date_of(fact.time, its_programme.timezone))
                case _:
                    course.go_on()
            if course.moved:
                self.release(f"pairing-{pairing}")

    def take_proposal(self, fact: facts.Fact, data: facts.PairingProposed, released: bool) -> None:
        if not released:
            both = [one for one in map(self.participant, (data.mentor, data.protege)) if one is not None]
            instant = max((fact.time, *(one.clock for one in both)))  # the one at which it takes effect
            self.bring_all_forward(both, instant, fact.stream)
        if self.pairing(fact.subject) is not None:
            raise Refused(f"pairing {fact.subject} exists already")
        if (its_programme := self.programme(data.programme)) is None:
            raise Waits(f"programme-{data.programme}", f"programme {data.programme} is not known yet")
        for name in (data.mentor, data.protege):
            if self.participant(name) is None:
                raise Waits(f"participant-{name}", f"participant {name} is not known yet")
        mentor, protege = self.a_participant(data.mentor), self.a_participant(data.protege)
        replaced = None if data.replaces is None else self.pairing(data.replaces)
        try:
            event = propose(fact, data, its_programme, mentor, protege, replaced)
        except Refused as refused:
            self.bar(fact, refused.reason)
            raise
        at = max(fact.time, mentor.clock, protege.clock)
        self.decision.programmes[fact.stream] = data.programme
        self.record(fact.stream, event, at, fact)
        for participant_id in (data.mentor, data.protege):
            self.record(f"participant-{participant_id}", events.PairingJoined(fact.subject), at, fact)
        self.course(fact.stream, at, fact).begin()
        self.release(fact.stream)

    def bar(self, fact: facts.Fact, why: str) -> None:
        """A proposal was refused: what waited for the pairing is refused with it, and so is what comes later."""
        place = self.draft(fact.stream)
        place.barred = True
        assert isinstance(fact.data, facts.PairingProposed)
        self.decision.programmes[fact.stream] = fact.data.programme
        for waiting in place.waiting:
            self.decision.settled.append(Settled(waiting, "refused", _barred(fact.subject, why)))
        place.waiting = ()

    def take_pairing(self, fact: facts.Fact, released: bool) -> None:
        place = self.look(fact.stream)
        if place.state is None:
            if place.barred:
                raise Refused(_barred(fact.subject))
            raise Waits(fact.stream, f"pairing {fact.subject} is not known yet")
        if not released:
            self.bring_forward((fact.stream,), fact.time)
        course = self.course(fact.stream, fact.time, fact)

        def competencies() -> frozenset[str]:
            return frozenset(one.id for one in self.a_programme(course.pairing.programme).competencies)

        try:
            pairing_facts.take(course, fact, competencies)
        except Waits:
            if isinstance(fact.data, facts.MeetingHeld):
                # They meet, and it is too early for that: whoever is missing holds them up. A fact that is parked
                # again moves no clock.
                at = self.clock(fact.stream) if released else fact.time
                self.course(fact.stream, at, fact).block()
            raise
        if course.moved:
            self.release(fact.stream)

    # Facts that wait

    def release(self, stream: str) -> None:
        """Tries what waits for the stream again: oldest arrival first, and from the oldest anew after each success."""
        if stream in self.releasing:
            return  # the loop further out starts anew by itself
        self.releasing.add(stream)
        while self._release_one(stream):
            pass
        self.releasing.discard(stream)

    def _release_one(self, stream: str) -> bool:
        for waiting in self.look(stream).waiting:
            disposition, reason, waits_for = self.attempt(waiting.fact, released=True)
            if waits_for == stream:
                continue
            place = self.draft(stream)
            place.waiting = tuple(one for one in place.waiting if one is not waiting)
            self.decision.settled.append(Settled(waiting, disposition, reason, waits_for))
            if waits_for is not None:
                self.park(waiting, waits_for)
            elif disposition == "accepted":
                return True
        return False


def _barred(pairing: str, why: str | None = None) -> str:
    return f"the proposal of pairing {pairing} was refused" + (f": {why}" if why else "")
