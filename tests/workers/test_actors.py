"""The actors, called in place: they take ids, and doing it twice changes nothing."""

from __future__ import annotations

import json

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker

from eventstore import imports, inbox
from pairway.wiring import Parts
from projections.due import due
from tests.parts import NOW, log, recorded
from workers.actors import Actors, actors


@pytest.fixture
def declared(parts: Parts) -> Actors:
    def waits_for(arrival: int) -> str | None:
        row = inbox.one(parts.pool, arrival)
        return row.waits_for if row else None

    return actors(StubBroker(), parts.recorder, parts.store.seal, parts.now, waits_for)


def taken(parts: Parts, *, import_id: int | None = None) -> list[str]:
    """A log is taken in; who is due then."""
    parts.recorder.take(log(8), import_id=import_id, first_line=None if import_id is None else 1)
    return who_is_due(parts)


def who_is_due(parts: Parts) -> list[str]:
    parts.store.seal(wait=True)
    parts.projector.catch_up()
    return [each.pairing for each in due(parts.pool, NOW, 1000)]


def evaluation_of(pairing: str) -> bytes:
    """A fact that waits until the pairing's term has ended."""
    fact = {
        "specversion": "1.0",
        "source": "urn:test",
        "id": "evaluation",
        "type": "mentoring.pairing.evaluation_given",
        "subject": pairing,
        "time": "2024-12-01T12:00:00Z",
        "data": {"by": "mentor", "satisfaction": 4, "recommend": True},
    }
    return json.dumps(fact).encode()


def test_a_due_pairing_is_brought_forward_and_is_due_no_more(parts: Parts, declared: Actors) -> None:
    before = taken(parts)
    assert before

    declared.bring_forward(before)

    assert who_is_due(parts) == []


def test_the_same_message_again_changes_nothing_in_the_record(parts: Parts, declared: Actors) -> None:
    who = taken(parts)
    declared.bring_forward(who)
    once = recorded(parts)

    declared.bring_forward(who)
    declared.bring_forward(list(reversed(who)))

    assert recorded(parts) == once


def test_time_stands_still_for_the_programmes_of_an_open_import(parts: Parts, declared: Actors) -> None:
    number = imports.open_import(parts.pool, "log", b"digest", NOW)
    assert taken(parts, import_id=number) == [], "held programmes are not on the list"
    everyone = [name.removeprefix("pairing-") for name in recorded(parts) if name.startswith("pairing-")]
    before = recorded(parts)

    declared.bring_forward(everyone)
    assert recorded(parts) == before

    imports.finish(parts.pool, number, NOW)
    now_due = who_is_due(parts)
    assert now_due
    declared.bring_forward(now_due)
    assert who_is_due(parts) == []


def test_trying_a_waiting_fact_again_moves_its_pairing_on(parts: Parts, declared: Actors) -> None:
    facts = log(12)
    parts.recorder.take(facts[: len(facts) // 2])
    who = who_is_due(parts)
    told = parts.recorder.take([evaluation_of(who[0])])[0]
    assert told.disposition == "parked"
    assert told.arrival is not None

    declared.retry(told.arrival)

    assert who[0] not in who_is_due(parts)


def test_trying_again_what_does_not_wait_does_nothing(parts: Parts, declared: Actors) -> None:
    taken(parts)
    before = recorded(parts)

    declared.retry(1_000_000)
    accepted = inbox.page(parts.pool, disposition="accepted", limit=1)[0]
    declared.retry(accepted.arrival)

    assert recorded(parts) == before


def test_actors_belong_to_the_broker_they_were_declared_for(parts: Parts) -> None:
    one, other = StubBroker(), StubBroker()
    for broker in (one, other):
        actors(broker, parts.recorder, parts.store.seal, parts.now, lambda _arrival: None)

    assert one.get_declared_actors() == other.get_declared_actors() == {"bring_forward", "retry"}
    assert isinstance(one.get_actor("bring_forward"), dramatiq.Actor)
    assert one.get_actor("bring_forward") is not other.get_actor("bring_forward")
