"""A matched pair's doings, told as threads that run side by side: goals, meetings, feedback, turns and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pairway.generate import words
from pairway.generate.cast import Pair, Programme, assess, days
from pairway.generate.post import Data, Thread, at


class Term:
    """One pairing's threads; each is begun when its time has come."""

    def __init__(self, programme: Programme, pair: Pair, match_anew: Callable[[Pair], Thread]) -> None:
        self.programme = programme
        self.pair = pair
        self.match_anew = match_anew
        self.fate = pair.fate
        self.rng = programme.rng
        self.post = programme.post

    # Beginnings

    def waive(self) -> Thread:
        yield at(self.post.now.date() + days(self.rng, 1, 20), self.rng)
        requirement = self.rng.choice(("assessment", "workshop", "workshop", "goals", "contract"))
        data: Data = {"requirement": requirement, "by": "mpm", "reason": words.WAIVED_BECAUSE[requirement]}
        self.post.tell("pairing.waived", self.pair.id, data)

    def agree_goals(self) -> None:
        pair, rng = self.pair, self.rng
        goals: list[Data] = []
        for number, chosen in enumerate(rng.sample(words.GOALS, rng.choices((1, 2, 3), (2, 5, 3))[0]), 1):
            competency, title, measure, actions = chosen
            goal: Data = {
                "id": f"g{number}",
                "title": title,
                "actions": list(actions),
                "competency": competency,
                "measure": measure,
            }
            if rng.random() < 0.3:
                goal["resources"] = [rng.choice(words.RESOURCES)]
            goals.append(goal)
        pair.goals = [f"g{number}" for number in range(1, len(goals) + 1)]
        data: Data = {
            "agreed_on": str(self.post.now.date()),
            "strengths": rng.sample(words.STRENGTHS, rng.randint(1, 3)),
            "needs": rng.sample(words.NEEDS, rng.randint(1, 2)),
            "goals": goals,
        }
        self.post.tell("pairing.goals_agreed", pair.id, data, promptly=self.fate.calm)

    def sign(self, role: str, low: int, high: int) -> Thread:
        pair, rng = self.pair, self.rng
        if not self.fate.calm and rng.random() < 0.18:
            return
        yield at(self.post.now.date() + (days(rng, 0, 3) if self.fate.calm else days(rng, low, high)), rng)
        if not pair.over and role not in pair.signed:
            pair.signed.add(role)
            data: Data = {"by": role, "signed_on": str(self.post.now.date())}
            self.post.tell("pairing.contract_signed", pair.id, data, promptly=self.fate.calm)

    # Meetings

    def meet_too_early(self) -> Thread:
        """They do not wait for the steps before: the meeting is parked, and the MPM sees that they are blocked."""
        yield at(self.post.now.date() + days(self.rng, 5, 14), self.rng)
        self._hold()

    def _hold(self) -> None:
        pair, rng, now = self.pair, self.rng, self.post.now
        data: Data = {
            "held_on": str(now.date()),
            "minutes": rng.choice((30, 45, 60, 60, 60, 90)),
            "mode": rng.choice(("in_person", "video", "video", "phone")),
            "topics": rng.sample(words.TOPICS, rng.randint(1, 3)),
        }
        if rng.random() < 0.4:
            data["agenda"] = rng.choice(words.AGENDAS)
        if rng.random() < 0.7:
            data["notes"] = rng.choice(words.NOTES)
        if rng.random() < 0.35:
            due_on = str(now.date() + days(rng, 10, 40))
            owner = rng.choice(("mentor", "protege"))
            data["actions"] = [{"title": rng.choice(words.ACTIONS), "owner": owner, "due_on": due_on}]
        if rng.random() < 0.006:
            # A slip of the pen: held on a day that is still to come. It is refused, and told again.
            wrong = data | {"held_on": str(now.date() + timedelta(1))}
            self.post.tell("pairing.meeting_held", pair.id, wrong, promptly=True)
        self.post.tell("pairing.meeting_held", pair.id, data, promptly=self.fate.calm)

    def _miss(self) -> None:
        pair, rng = self.pair, self.rng
        data: Data = {"planned_on": str(self.post.now.date()), "by": rng.choice(("mentor", "protege"))}
        if rng.random() < 0.7:
            data["reason"] = rng.choice(words.MISSED_BECAUSE)
        self.post.tell("pairing.meeting_missed", pair.id, data, promptly=self.fate.calm)

    def meet(self) -> Thread:
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        stops = None if fate.last_meeting_ago is None else self.programme.day(fate.last_meeting_ago)
        self._hold()
        while True:
            gap = days(rng, 21, 30) if rng.random() < fate.diligence else days(rng, 32, 62)
            day = post.now.date() + gap
            if stops is not None and day > stops:
                if day - gap < stops - timedelta(21):
                    day = stops
                else:
                    yield from self._fall_silent()
                    return
            yield at(day, rng)
            while pair.paused:
                yield at(post.now.date() + days(rng, 5, 9), rng)
            if pair.done():
                return
            while rng.random() < (0.06 if fate.calm else 0.1):
                self._miss()
                yield at(post.now.date() + days(rng, 3, 12), rng)
            if not (pair.done() or pair.paused):
                self._hold()

    def _fall_silent(self) -> Thread:
        pair, rng, post = self.pair, self.rng, self.post
        if self.fate.misses_after:
            for _ in range(rng.randint(2, 3)):
                yield at(post.now.date() + days(rng, 6, 11), rng)
                if not pair.over:
                    self._miss()
        yield at(post.now.date() + days(rng, 48, 54), rng)
        if not pair.over and rng.random() < 0.6:
            self._acknowledge("silent")

    def _acknowledge(self, signal: str) -> None:
        data: Data = {"signal": signal, "by": "mpm", "note": self.rng.choice(words.LOOKED_AT)}
        self.post.tell("pairing.flag_acknowledged", self.pair.id, data)

    def progress(self) -> Thread:
        pair, rng, post = self.pair, self.rng, self.post
        while True:
            yield at(post.now.date() + days(rng, 20, 80), rng)
            if pair.done():
                return
            goal = rng.choice(pair.goals)
            percent = min(100, pair.percents.get(goal, 0) + rng.randint(1, 8) * 5)
            pair.percents[goal] = percent
            post.tell("pairing.goal_progressed", pair.id, {"goal": goal, "percent": percent})
            if rng.random() < 0.02:
                self.agree_goals()

    def reassess(self) -> Thread:
        yield at(self.post.now.date() + days(self.rng, 150, 300), self.rng)
        if not self.pair.over:
            assess(self.programme, self.pair.protege, 3.2, self.fate.calm)

    # Feedback and evaluation

    def give_feedback(self, role: str) -> Thread:
        """One role's, quarter by quarter; in the last quarter that fits before the term's end there is none."""
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        quarter = 1
        yield post.now
        while True:
            while post.now.date() <= pair.quarter_on(quarter) or pair.paused:
                yield at(max(pair.quarter_on(quarter) + timedelta(1), post.now.date() + timedelta(4)), rng)
            if pair.done() or pair.quarter_on(quarter) + timedelta(14) >= pair.ends_on:
                return
            forgets = fate.forgets_feedback and role == ("mentor" if len(pair.goals) % 2 else "protege")
            chance = rng.random()
            if not forgets and chance < 0.96:
                late = chance > (0.93 if fate.calm else 0.86)
                yield at(post.now.date() + (days(rng, 15, 30) if late else days(rng, 0, 11)), rng)
                if pair.over:
                    return
                self._feedback(role, quarter)
                if rng.random() < 0.01:
                    yield at(post.now.date() + timedelta(1), rng)
                    self._feedback(role, quarter)
            quarter += 1

    def _feedback(self, role: str, quarter: int) -> None:
        pair, rng, fate = self.pair, self.rng, self.fate
        low = (fate.low and role == "protege") or rng.random() < 0.015
        satisfaction = rng.randint(1, 2) if low else rng.choices((3, 4, 5), (25, 50, 25))[0]
        data: Data = {
            "quarter": quarter,
            "by": role,
            "satisfaction": satisfaction,
            "progress": min(5, max(1, satisfaction + rng.choice((-1, 0, 0, 1)))),
        }
        if rng.random() < 0.6:
            data["comment"] = rng.choice(words.LOW_COMMENTS if low else words.COMMENTS)
        self.post.tell("pairing.feedback_given", pair.id, data, promptly=fate.calm)
        if low and rng.random() < 0.4:
            self.post.begin(self._look_into_it("low_rating"))

    def _look_into_it(self, signal: str) -> Thread:
        yield at(self.post.now.date() + days(self.rng, 1, 6), self.rng)
        if not self.pair.over:
            self._acknowledge(signal)

    def end_the_term(self) -> Thread:
        """The end of the term as planned, which pauses move."""
        pair, rng, post = self.pair, self.rng, self.post
        yield post.now
        while post.now.date() < pair.ends_on + timedelta(days=pair.shift):
            yield at(pair.ends_on + timedelta(days=pair.shift), rng)
        if not pair.done():
            yield from self._evaluate()

    def _evaluate(self) -> Thread:
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        pair.evaluating = True
        given = False
        for role in rng.sample(("mentor", "protege"), 2):
            if fate.forgets_evaluation and (given or role == "mentor"):
                continue
            if rng.random() < (0.05 if fate.calm else 0.12):
                continue
            yield at(post.now.date() + (days(rng, 4, 12) if rng.random() < 0.85 else days(rng, 13, 30)), rng)
            if pair.over:
                return
            self._evaluation(role)
            given = True
        if fate.close_reason != "goals_met":
            # By then the grace is over, whatever was lost on the way, and the mentor's place is free in the record too.
            yield at(post.now.date() + timedelta(70), rng)
            self._let_go()

    def _evaluation(self, role: str) -> None:
        pair, rng = self.pair, self.rng
        satisfaction = rng.choices((2, 3, 4, 5), (6, 20, 44, 30))[0]
        data: Data = {
            "by": role,
            "satisfaction": satisfaction,
            "recommend": satisfaction > 2 and rng.random() < 0.93,
        }
        for name, sayings in (("worked", words.WORKED), ("did_not", words.DID_NOT), ("why", words.WHY)):
            if rng.random() < 0.7:
                data[name] = rng.choice(sayings)
        if "worked" in data and rng.random() < 0.15:
            # Words that must not reach the MPM: they name the other.
            other = (pair.mentor if role == "protege" else pair.protege).name.split()[0]
            data["worked"] = f"{other}'s patience"
        self.post.tell("pairing.evaluation_given", pair.id, data, promptly=self.fate.calm)

    # What comes between

    def leave_the_way(self) -> Thread:
        """The turn that this pairing's fate holds: a pause, a change of line, or an early end."""
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        day = self.programme.day
        yield post.now
        if fate.pause_ago is not None:
            yield at(day(fate.pause_ago), rng)
            if not pair.over:
                yield from self._pause()
        if fate.line_ago is not None:
            yield at(day(fate.line_ago), rng)
            post.tell("participant.line_changed", pair.protege.id, {"manager": pair.mentor.person}, promptly=True)
            if rng.random() < 0.3:
                yield at(post.now.date() + days(rng, 2, 9), rng)
                self._acknowledge("reporting_line")
            if not fate.calm:
                yield at(post.now.date() + days(rng, 10, 40), rng)
                post.tell("participant.line_changed", pair.protege.id, {"manager": pair.protege.manager})
        elif not fate.calm and rng.random() < 0.05:
            yield at(post.now.date() + days(rng, 30, 200), rng)
            if not pair.over:
                manager = None if rng.random() < 0.1 else f"h{rng.randint(1, 10):02d}00"
                post.tell("participant.line_changed", pair.protege.id, {"manager": manager})
        if fate.close_ago is not None:
            yield at(day(fate.close_ago), rng)
            if not pair.over:
                yield from self._close()

    def _pause(self) -> Thread:
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        paused_on = post.now.date()
        data: Data = {"paused_on": str(paused_on), "reason": rng.choice(words.PAUSED_BECAUSE)}
        length = fate.pause_days
        planned = length is not None and rng.random() < 0.5
        if length is not None and (planned or fate.calm):
            data["until"] = str(paused_on + timedelta(days=length))
        post.tell("pairing.paused", pair.id, data, promptly=True)
        pair.paused = True
        if length is None:
            return
        yield at(paused_on + timedelta(days=length), rng)
        pair.paused = False
        pair.shift += (post.now.date() - paused_on).days
        if "until" not in data:
            post.tell("pairing.resumed", pair.id, {"resumed_on": str(post.now.date())}, promptly=True)

    def _close(self) -> Thread:
        pair, rng, fate, post = self.pair, self.rng, self.fate, self.post
        reason = fate.close_reason
        if reason == "participant_left":
            who = pair.protege if pair.mentor.load > 1 or rng.random() < 0.5 else pair.mentor
            who.gone = True
            why = rng.choice(words.LEFT_BECAUSE)
            post.tell("participant.left", who.id, {"reason": why} if why else {}, promptly=True)
        else:
            by = {
                "misconduct": "hr",
                "role_change": "hr",
                "conflict_of_interest": "mpm",
                "no_contact": "mpm",
            }.get(reason, rng.choice(("mentor", "protege", "protege", "mpm")))
            data: Data = {"by": by, "reason": reason, "closed_on": str(post.now.date())}
            if rng.random() < 0.7:
                data["note"] = words.CLOSING_NOTES[reason]
            post.tell("pairing.closed", pair.id, data, promptly=True)
        if reason == "goals_met":
            yield from self._evaluate()
            return
        pair.closed = True
        self._let_go()
        if not fate.reviewed:
            return
        yield at(post.now.date() + (days(rng, 2, 10) if rng.random() < 0.8 else days(rng, 15, 25)), rng)
        outcome = "rematch" if fate.rematch or rng.random() < 0.2 else "end"
        review: Data = {"by": "mpm", "outcome": outcome, "note": rng.choice(words.REVIEW_NOTES)}
        post.tell("pairing.closure_reviewed", pair.id, review, promptly=fate.rematch)
        if fate.rematch:
            yield at(post.now.date() + days(rng, 3, 20), rng)
            yield from self.match_anew(pair)

    def _let_go(self) -> None:
        """The mentor's place is free again."""
        self.programme.company.give_back(self.pair.mentor)
