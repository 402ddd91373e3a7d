"""The first half of a pairing's story, from the two registrations to the first meeting."""

from __future__ import annotations

from datetime import date, timedelta

from domain.calendar import add_months
from pairway.generate import words
from pairway.generate.cast import Pair, Programme, assess, days
from pairway.generate.fates import Fate, befall
from pairway.generate.people import Person
from pairway.generate.post import Data, Thread, at
from pairway.generate.term import Term


class Story:
    """Tells what happens to one protégé and the mentor they are matched with."""

    def __init__(self, programme: Programme, fate: Fate, protege: Person | None = None) -> None:
        self.programme = programme
        self.fate = fate
        self.rng = programme.rng
        self.post = programme.post
        self.known = protege

    # Registration, and what comes before a match

    def tell(self) -> Thread:
        """From the registrations to the first meeting; the later threads begin from here."""
        rng, fate = self.rng, self.fate
        proposed_on = self.programme.day(fate.ago)
        lead = days(rng, 12, 30)
        yield at(proposed_on - lead, rng)
        protege = self.programme.company.join("protege")
        mentor = self._find_mentor(proposed_on)
        self._register(protege, "protege")
        self.post.begin(self._prepare(protege, "protege", proposed_on))
        if self.programme.happens("declined", 0.03):
            self.post.begin(self._declined())
        yield at(proposed_on, rng)
        if self.programme.happens("own manager", 0.02):
            self._propose_the_manager(protege)
        if mentor.gone:
            mentor = self._find_mentor(proposed_on)
            yield at(self.post.now.date() + days(rng, 1, 3), rng)
        yield from self._matched(protege, mentor, None)

    def again(self, replaces: str, mentor: Person) -> Thread:
        """A rematch: everybody is approved, assessed and trained already."""
        assert self.known is not None
        yield self.post.now
        yield from self._matched(self.known, mentor, replaces)

    def _find_mentor(self, proposed_on: date) -> Person:
        company = self.programme.company
        mentor = company.take_mentor(ready=self.fate.calm)
        if mentor is None:
            mentor = company.join("mentor")
            company.welcome(mentor)
            self._register(mentor, "mentor")
            self.post.begin(self._prepare(mentor, "mentor", proposed_on))
        return mentor

    def _register(self, person: Person, role: str) -> None:
        data: Data = {
            "programme": self.programme.id,
            "role": role,
            "person": person.person,
            "name": person.name,
            "email": person.email,
            "manager": person.manager,
            "department": person.department,
        }
        if role == "mentor":
            data["capacity"] = person.capacity
        self.post.tell("participant.registered", person.id, data, promptly=self.fate.calm or self.rng.random() < 0.95)

    def _prepare(self, person: Person, role: str, proposed_on: date) -> Thread:
        """Approval, assessment and workshop of one person, early or late."""
        rng, fate, post = self.rng, self.fate, self.post
        mine = role == "protege"
        stuck = fate.stuck if mine else None
        now = post.now.date()
        if stuck == "registration":
            return
        approved = now + days(rng, 1, 6)
        late = not fate.calm and mine and rng.random() < 0.06
        yield at(proposed_on + days(rng, 3, 30) if late else approved, rng)
        post.tell("participant.approved", person.id, {"by": "mpm"}, promptly=fate.calm)
        if stuck == "assessment":
            return
        if mine or rng.random() < 0.4:
            late = not fate.calm and rng.random() < 0.3
            day = proposed_on + days(rng, 2, 24) if late else proposed_on - days(rng, 1, 6)
            yield at(max(day, post.now.date() + timedelta(1)), rng)
            if not (late and mine and rng.random() < 0.1):
                assess(self.programme, person, 2.6, fate.calm)
        if stuck == "workshop":
            return
        if not fate.calm and rng.random() < 0.12:
            return
        late = not fate.calm and rng.random() < 0.35
        day = proposed_on + days(rng, 1, 32) if late else proposed_on - days(rng, 0, 2)
        yield at(max(day, post.now.date() + timedelta(1)), rng)
        held = post.now.date()
        post.tell(
            "participant.trained",
            person.id,
            {"workshop": "mentoring-basics", "attended_on": str(held)},
            fate.calm,
        )
        person.ready = True
        if self.programme.happens("changed", 0.03):
            yield at(held + days(rng, 40, 200), rng)
            person.department = rng.choice(words.DEPARTMENTS)
            post.tell("participant.changed", person.id, {"department": person.department})

    def _declined(self) -> Thread:
        """Somebody who applied and is not taken."""
        person = self.programme.company.join("protege")
        self._register(person, "protege")
        yield at(self.post.now.date() + days(self.rng, 2, 9), self.rng)
        data: Data = {"by": "mpm", "reason": self.rng.choice(words.DECLINED_BECAUSE)}
        self.post.tell("participant.declined", person.id, data)

    def _propose_the_manager(self, protege: Person) -> None:
        """A match that the rules forbid: the mentor is the protégé's own manager."""
        manager = self.programme.company.join("mentor")
        manager.person, manager.department = protege.manager, protege.department
        self._register(manager, "mentor")
        data: Data = {
            "programme": self.programme.id,
            "mentor": manager.id,
            "protege": protege.id,
            "starts_on": str(self.post.now.date()),
        }
        self.post.tell("pairing.proposed", f"{protege.id}-own-manager", data, promptly=True)

    # The match, up to the first meeting

    def _matched(self, protege: Person, mentor: Person, replaces: str | None) -> Thread:
        rng, fate, post = self.rng, self.fate, self.post
        starts_on = post.now.date() + (timedelta(2) if fate.calm else days(rng, 0, 9))
        ends_on = add_months(starts_on, self.programme.term_months)
        pair = Pair(self.programme.next_pair(), mentor, protege, fate, starts_on, ends_on)
        data: Data = {
            "programme": self.programme.id,
            "mentor": mentor.id,
            "protege": protege.id,
            "starts_on": str(starts_on),
            "score": round(rng.betavariate(6, 2.5), 3),
            "because": rng.sample(words.BECAUSE, rng.randint(1, 2)),
        }
        if replaces is not None:
            data["replaces"] = replaces
        post.tell("pairing.proposed", pair.id, data, promptly=fate.calm)
        term = Term(self.programme, pair, self._match_anew)
        post.begin(term.leave_the_way())
        if fate.meets_too_early:
            post.begin(term.meet_too_early())
        if fate.stuck in ("registration", "assessment", "workshop", "goals"):
            return
        if not fate.calm and self.programme.happens("waived", 0.1):
            post.begin(term.waive())
        yield at(post.now.date() + (days(rng, 3, 7) if fate.calm else days(rng, 3, 40)), rng)
        if pair.over:
            return
        term.agree_goals()
        if fate.stuck == "first_meeting":
            return
        if not fate.calm and rng.random() < 0.2:
            post.begin(term.sign("mentor", 0, 6))
        yield at(post.now.date() + (days(rng, 3, 9) if fate.calm else days(rng, 2, 24)), rng)
        while pair.paused:
            yield at(post.now.date() + timedelta(7), rng)
        if pair.over:
            return
        post.begin(term.sign("mentor", 0, 9))
        post.begin(term.sign("protege", 0, 12))
        post.begin(term.give_feedback("mentor"))
        post.begin(term.give_feedback("protege"))
        post.begin(term.progress())
        post.begin(term.end_the_term())
        if rng.random() < 0.4:
            post.begin(term.reassess())
        yield from term.meet()

    def _match_anew(self, pair: Pair) -> Thread:
        programme, rng = self.programme, self.rng
        mentor = self._find_mentor(self.post.now.date())
        if mentor is pair.mentor:
            programme.company.give_back(mentor)
            mentor = programme.company.join("mentor")
            programme.company.welcome(mentor)
            self._register(mentor, "mentor")
            self.post.begin(self._prepare(mentor, "mentor", self.post.now.date()))
        yield at(self.post.now.date() + days(rng, 1, 4), rng)
        fate = Fate((programme.ending - self.post.now.date()).days, diligence=0.92)
        befall(fate, programme.term_months * 30, rng)
        fate.rematch = False
        yield from Story(programme, fate, pair.protege).again(pair.id, mentor)
