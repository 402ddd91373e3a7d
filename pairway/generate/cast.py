"""What the threads of the stories share: the programme, and each pairing as its own people know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from domain.calendar import add_months
from pairway.generate import words
from pairway.generate.fates import Fate
from pairway.generate.people import Company, Person
from pairway.generate.post import Data, Post

QUARTER_MONTHS = 3


@dataclass(slots=True)
class Programme:
    """What all stories of one programme share."""

    id: str
    post: Post
    company: Company
    rng: Random
    ending: date
    term_months: int
    pairs: int = 0
    happened: set[str] = field(default_factory=set)

    def happens(self, what: str, chance: float) -> bool:
        """Whether it does this time; whatever may happen does so once."""
        if what in self.happened and self.rng.random() >= chance:
            return False
        self.happened.add(what)
        return True

    def next_pair(self) -> str:
        self.pairs += 1
        return f"pair-{self.pairs:05d}"

    def day(self, ago: int) -> date:
        return self.ending - timedelta(days=ago)


@dataclass(slots=True)
class Pair:
    """A pairing as its own people know it; `shift` is by how many days pauses have moved its dates."""

    id: str
    mentor: Person
    protege: Person
    fate: Fate
    starts_on: date
    ends_on: date
    shift: int = 0
    paused: bool = False
    closed: bool = False
    evaluating: bool = False
    signed: set[str] = field(default_factory=set)
    goals: list[str] = field(default_factory=list)
    percents: dict[str, int] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Closed early, or one of the two has left."""
        return self.closed or self.mentor.gone or self.protege.gone

    def done(self) -> bool:
        """Nothing but evaluations is to be told any more."""
        return self.over or self.evaluating

    def quarter_on(self, quarter: int) -> date:
        return add_months(self.starts_on, quarter * QUARTER_MONTHS) + timedelta(days=self.shift)


def days(rng: Random, low: int, high: int) -> timedelta:
    return timedelta(days=rng.randint(low, high))


def assess(programme: Programme, person: Person, mean: float, promptly: bool) -> None:
    """Tells a competency assessment with ratings around a mean."""
    rng, post = programme.rng, programme.post
    ratings = {name: min(5, max(1, round(rng.gauss(mean, 0.8)))) for name, _ in words.COMPETENCIES}
    data: Data = {"ratings": ratings}
    if rng.random() < 0.6:
        data["assessed_on"] = str(post.now.date())
    post.tell("participant.assessed", person.id, data, promptly=promptly)
