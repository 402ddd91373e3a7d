"""The made-up log: what it leads to when the rules read it, and that it is the same for the same numbers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice, pairwise
from random import Random

import pytest

from domain import intake
from domain.calendar import start_of
from domain.facts import FACTS, Fact, content, decode, parse
from domain.flags import SIGNALS
from domain.health import HEALTHS, health, open_flags
from domain.pairing import Pairing
from domain.steps import STEPS
from pairway.generate import ZONE, facts
from pairway.generate.people import Company, plain
from pairway.generate.words import FIRST_NAMES, LAST_NAMES

ENDING = date(2026, 11, 22)


@dataclass
class World:
    """Everything in memory, for the domain to decide on."""

    places: dict[str, intake.Place] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    dispositions: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)

    def place(self, stream: str) -> intake.Place:
        return self.places.get(stream) or intake.Place(stream)

    def holder(self, claim: str) -> str | None:
        return self.claims.get(claim)

    def keep(self, decision: intake.Decision) -> None:
        self.places.update(decision.places)
        self.claims.update(decision.claims)

    @property
    def pairings(self) -> list[Pairing]:
        return [place.state for place in self.places.values() if isinstance(place.state, Pairing)]


@lru_cache(maxsize=8)
def at_the_end(pairings: int, months: int, seed: int, ending: date = ENDING) -> World:
    """What the rules make of a whole log, brought to its end."""
    world, now = World(), start_of(ending, ZONE)
    seen: dict[tuple[str, str], bytes] = {}
    for arrival, line in enumerate(facts(pairings, months, seed, ending)):
        fact = decode(line, now)
        if not isinstance(fact, Fact):
            world.dispositions["invalid"] += 1
            continue
        told = content(parse(line))
        if (before := seen.get((fact.source, fact.id))) is not None:
            world.dispositions["duplicate" if before == told else "reused"] += 1
            continue
        seen[fact.source, fact.id] = told
        world.types[fact.type] += 1
        decision = intake.decide(fact, arrival, world)
        world.keep(decision)
        world.dispositions[decision.disposition] += 1
    world.keep(intake.bring_forward([f"pairing-{one.id}" for one in world.pairings], now, world))
    return world


@pytest.mark.parametrize(("seed", "ending"), [(1, ENDING), (2, date(2026, 3, 1)), (7, date(2027, 2, 28))])
def test_at_the_end_of_the_demo_every_step_health_and_signal_is_on_show(seed: int, ending: date) -> None:
    pairings = at_the_end(120, 12, seed, ending).pairings
    assert len(pairings) == 120
    assert {pairing.step for pairing in pairings} == {*STEPS, "completed", "closed_early"}
    assert {health(pairing) for pairing in pairings} == set(HEALTHS)
    assert {signal for pairing in pairings for signal in open_flags(pairing)} == set(SIGNALS)
    assert sum(pairing.replaces is not None for pairing in pairings) == 6
    assert Counter(map(health, pairings))["on_track"] >= 25


def test_the_demo_holds_every_kind_of_disposition_and_of_fact() -> None:
    world = at_the_end(120, 12, 1)
    assert set(world.dispositions) == {"accepted", "duplicate", "parked", "refused", "invalid", "reused"}
    assert set(FACTS) - set(world.types) <= {"mentoring.programme.closed"}
    assert world.dispositions["accepted"] > 0.9 * sum(world.dispositions.values())
    assert any(place.waiting for place in world.places.values())


@pytest.mark.parametrize(("pairings", "months"), [(1, 1), (3, 2), (25, 3), (60, 6), (90, 24)])
def test_as_many_pairings_are_proposed_as_were_asked_for(pairings: int, months: int) -> None:
    assert len(at_the_end(pairings, months, 3).pairings) == pairings


def test_the_same_numbers_make_the_same_log_and_another_seed_another() -> None:
    log = list(facts(40, 6, 5, ENDING))
    assert log == list(facts(40, 6, 5, ENDING))
    assert log != list(facts(40, 6, 6, ENDING))


def test_nothing_is_told_after_the_end_and_the_log_reaches_up_to_it() -> None:
    times = []
    for line in facts(120, 12, 1, ENDING):
        fact = decode(line, datetime(2100, 1, 1, tzinfo=UTC))
        if isinstance(fact, Fact):
            times.append(fact.time)
    assert max(times) < start_of(ENDING, ZONE)
    assert (start_of(ENDING, ZONE) - max(times)).days < 3
    assert 365 < (max(times) - min(times)).days < 365 + 150


def test_most_facts_arrive_in_the_order_of_their_times_but_not_all() -> None:
    times = [json.loads(line)["time"] for line in facts(120, 12, 1, ENDING) if line.endswith(b"}")]
    late = sum(before > after for before, after in pairwise(times))
    assert 0 < late < 0.2 * len(times)


def test_a_log_is_made_as_it_is_read() -> None:
    first = list(islice(facts(200_000, 12, 1, ENDING), 10))
    assert json.loads(first[0])["type"] == "mentoring.programme.opened"


def test_an_address_is_made_of_the_name_and_no_two_people_share_one() -> None:
    assert {plain(name) for name in ("Łukasz", "Nguyễn", "O'Brien", "Yılmaz", "Al-Sayed", "Đặng")} == {
        "lukasz", "nguyen", "obrien", "yilmaz", "al-sayed", "dang",
    }  # fmt: skip
    for name in FIRST_NAMES + LAST_NAMES:
        assert plain(name).replace("-", "").isalpha(), name


def test_people_have_names_of_their_own() -> None:
    company = Company(Random(1))
    people = [company.join("protege") for _ in range(9_000)]
    assert len({person.email for person in people}) == 9_000
    assert len({person.name for person in people}) > 5_000
    assert all(person.email.isascii() for person in people)
