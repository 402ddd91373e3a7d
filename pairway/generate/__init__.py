"""A made-up upstream log, for the demo year and for load: one CloudEvent a line, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from pairway.generate import words
from pairway.generate.cast import Programme
from pairway.generate.fates import LEAD_DAYS, Fate, fates
from pairway.generate.people import Company
from pairway.generate.post import ZONE, Data, Post, Thread, at
from pairway.generate.stories import Story

__all__ = ["LONGEST_MONTHS", "ZONE", "facts"]

LONGEST_MONTHS = 240
LONGEST_TERM_MONTHS = 12
SHORTEST_TERM_MONTHS = 3


def facts(pairings: int, months: int, seed: int, ending: date) -> Iterator[bytes]:
    """The lines of a log that ends where `ending` begins in ZONE; the same for the same numbers.

    So many pairings are proposed over the months before, and a little earlier; each line lacks its line end.
    """
    rng = Random(seed)  # noqa: S311 - it is a story
    post = Post(rng, datetime.combine(ending, time()))
    term_months = max(SHORTEST_TERM_MONTHS, min(LONGEST_TERM_MONTHS, months))
    chosen = fates(pairings, months, term_months, rng)
    begins = ending - timedelta(days=round(months * 30.44) + LEAD_DAYS)
    programme = Programme(f"leaders-{begins.year}", post, Company(rng), rng, ending, term_months)
    post.begin(_programme(programme, begins, chosen))
    yield from post.arrivals()


def _programme(programme: Programme, begins: date, chosen: list[Fate]) -> Thread:
    """Opens the programme, and begins each story when its time has come."""
    rng, post = programme.rng, programme.post
    yield at(begins - timedelta(45), rng)
    data: Data = {
        "name": f"Leaders {begins.year}",
        "purpose": "Grow our own leaders: ready successors for a third of all senior posts",
        "starts_on": str(begins),
        "timezone": ZONE,
        "policy": {"term_months": programme.term_months, "mentor_capacity": 2},
        "competencies": [{"id": id_, "name": name} for id_, name in words.COMPETENCIES],
    }
    post.tell("programme.opened", programme.id, data, promptly=True)
    for fate in chosen:
        yield at(programme.day(fate.ago) - timedelta(days=31), rng)
        post.begin(Story(programme, fate).tell())
