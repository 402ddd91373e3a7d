"""A fact is recorded once, however many send it at once and whatever breaks in between; and all hear the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.bodies import BATCH, STRUCTURED
from api.needs import Needs
from domain import events
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import open_pool
from eventstore.roles import acting_as
from eventstore.store import Store
from pairway.recorder import Recorder
from projections.runner import Projector
from tests.api.conftest import MASTER, Clock, Service, serving, told_a_problem
from tests.cutting import Moment, Wire, wire

CLIENTS = 8
Fact = dict[str, Any]


def told(client: httpx.Client, fact: Fact | list[Fact]) -> httpx.Response:
    kind = BATCH if isinstance(fact, list) else STRUCTURED
    return client.post("/api/v1/facts", content=json.dumps(fact).encode(), headers={"Content-Type": kind})


def at_once(clients: list[httpx.Client], fact: Fact | list[Fact]) -> list[httpx.Response]:
    """The same fact from all clients, sent as nearly at once as can be."""
    ready = threading.Barrier(len(clients))

    def send(client: httpx.Client) -> httpx.Response:
        ready.wait()
        return told(client, fact)

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(send, clients))


@pytest.fixture(params=[1, 2], ids=["one server", "two servers"])
def clients(request: pytest.FixtureRequest, service: Service, make_needs: Callable[..., Needs]) -> Iterator[list[Any]]:
    """Eight clients of one server, or four each of two that know nothing of each other."""
    second = Recorder(service.needs.store, service.needs.codec, service.needs.keyring, service.clock.now)
    with serving(make_needs(take=second.take, bring_forward=second.bring_forward)) as other:
        urls = [service.client.base_url, other.base_url if request.param == 2 else service.client.base_url]
        opened = [httpx.Client(base_url=urls[number % 2], timeout=60) for number in range(CLIENTS)]
        try:
            yield opened
        finally:
            for client in opened:
                client.close()


def kept(service: Service, source: str, fact_id: str) -> list[tuple[Any, ...]]:
    """The rows that the inbox has of a fact."""
    with service.needs.pool.connection() as conn:
        return conn.execute(
            "SELECT arrival, disposition FROM pairway.inbox WHERE source = %s AND id = %s", (source, fact_id)
        ).fetchall()


def caused(service: Service, fact: Fact) -> list[int]:
    """The positions of what a fact caused."""
    return [each.position or 0 for each in service.needs.store.caused_by(fact["source"], fact["id"])]


def overdue(service: Service) -> Fact:
    """A fact that finds a deadline missed: time moves first, then it is recorded, and the pairing goes on."""
    service.a_pair()
    return service.fact("participant.assessed", "t1", "2025-03-07T09:00:00+01:00", ratings={"delegation": 3})


def early(service: Service) -> Fact:
    return service.fact("participant.approved", "m9", "2025-01-03T09:00:00Z", by="mpm")


def refused(service: Service) -> Fact:
    service.send(service.a_programme())
    return service.a_programme()


# What is sent, its status for the one who was first, and its disposition.
SENT: dict[str, tuple[Callable[[Service], Fact], int, str]] = {
    "accepted": (Service.a_programme, 201, "accepted"),
    "accepted after time has moved": (overdue, 201, "accepted"),
    "parked": (early, 202, "parked"),
    "refused": (refused, 409, "refused"),
}


@pytest.mark.parametrize("what", SENT)
def test_a_fact_sent_by_eight_clients_at_once_is_recorded_once_and_answers_the_same_to_all(
    service: Service, clients: list[httpx.Client], what: str
) -> None:
    make, status, disposition = SENT[what]
    fact = make(service)
    answered = at_once(clients, fact)

    (first,) = [each for each in answered if each.status_code != 200]
    assert (first.status_code, first.json()["disposition"]) == (status, disposition)
    ((arrival, became),) = kept(service, fact["source"], fact["id"])
    assert became == disposition
    said = first.json()
    for name in ("type", "title", "status", "detail"):
        said.pop(name, None)  # of the problem, where it is one
    said["type"] = said.pop("fact_type", fact["type"])
    said |= {"first": disposition, "disposition": "duplicate", "href": f"/api/v1/facts/{arrival}"}
    if disposition == "accepted":
        said["positions"] = caused(service, fact)
        assert first.json()["positions"] == said["positions"]
    for each in answered:
        if each is not first:
            assert each.json() == said


def test_a_batch_sent_by_eight_clients_at_once_is_recorded_once_fact_by_fact(
    service: Service, clients: list[httpx.Client]
) -> None:
    facts = [service.a_programme(), *(service.a_participant(f"m{number}", "mentor", "Ivo") for number in range(20))]
    responses = at_once(clients, facts)
    assert [each.status_code for each in responses] == [200] * CLIENTS, [each.text for each in responses]
    answered = [each.json() for each in responses]

    for number, fact in enumerate(facts):
        said = [answer[number] for answer in answered]
        assert sorted(each["disposition"] for each in said) == ["accepted", *["duplicate"] * (CLIENTS - 1)]
        assert {each["href"] for each in said} == {f"/api/v1/facts/{kept(service, fact['source'], fact['id'])[0][0]}"}
        assert {tuple(each["positions"]) for each in said} == {tuple(caused(service, fact))}
        assert len(kept(service, fact["source"], fact["id"])) == 1


def test_a_fact_that_is_twice_in_one_batch_answers_the_same_twice(service: Service) -> None:
    fact = service.a_programme()
    first, second = service.send_all([fact, fact])
    assert second == {**first, "disposition": "duplicate", "first": "accepted"}


def test_a_repeated_fact_with_a_hostile_id_answers_as_the_first_did(service: Service) -> None:
    for number, hostile in enumerate(("a\0b", "<b>&\u202e", "x" * 9_000)):
        fact = service.a_programme() | {"id": hostile, "subject": f"leaders-{number}"}
        first, second = service.send(fact), service.send(fact)
        if first.status_code == 201:
            assert second.status_code == 200, second.text
            assert second.json() == {**first.json(), "disposition": "duplicate", "first": "accepted"}
        else:
            told_a_problem(first, 422)


# A connection that is cut at the commit


@pytest.fixture
def wired(database_url: str) -> Iterator[Wire]:
    with wire(acting_as(database_url)) as made:
        yield made


@pytest.fixture
def far(wired: Wire, make_needs: Callable[..., Needs], clock: Clock) -> Iterator[Service]:
    """The service at the other end of the wire."""
    codec, keyring = Codec(events.EVENTS, events.SEALED), Keyring(MASTER)
    with open_pool(wired.url, name="far") as pool:
        store = Store(pool)
        recorder = Recorder(store, codec, keyring, clock.now)
        projector = Projector(pool, store, codec, keyring)
        projector.prepare()
        parts = {"pool": pool, "store": store, "take": recorder.take, "bring_forward": recorder.bring_forward}
        needs = make_needs(**parts, database_url=wired.url)
        with serving(needs) as client:
            yield Service(client, needs, projector, clock)


def after_a_cut(far: Service, wired: Wire, moment: Moment, fact: Fact) -> httpx.Response:
    """The answer to the second try, the connection having been cut in the first."""
    wired.cut(moment, fact["id"], fact["type"])
    problem = told_a_problem(told(far.client, fact), 503)
    assert wired.cuts == 1
    assert "Nothing was recorded" not in problem["detail"], "nobody knows that"
    assert "again" in problem["detail"]
    return told(far.client, fact)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_fact_whose_connection_was_cut_at_the_commit_and_that_is_sent_again_is_recorded_once(
    far: Service, wired: Wire, moment: Moment
) -> None:
    far.send(far.a_programme())
    fact = far.a_participant("m1", "mentor", "Ivo Petrov") | {"id": f"cut-{moment}"}
    answered = after_a_cut(far, wired, moment, fact)

    if moment == "before":
        assert (answered.status_code, answered.json()["disposition"]) == (201, "accepted")
    else:
        assert answered.status_code == 200
        assert (answered.json()["disposition"], answered.json()["first"]) == ("duplicate", "accepted")
    assert answered.json()["positions"] == caused(far, fact)
    assert len(kept(far, fact["source"], fact["id"])) == 1
    assert [each.type for each in far.needs.store.read_stream("participant-m1")] == ["ParticipantRegistered"]
    # what the service knew of the participant is put right as well
    approved = far.send(far.fact("participant.approved", "m1", "2025-01-03T09:00:00+01:00", by="mpm"))
    assert approved.status_code == 201, approved.text


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_batch_whose_connection_was_cut_at_the_commit_is_recorded_once(
    far: Service, wired: Wire, moment: Moment
) -> None:
    facts = [far.a_programme() | {"id": f"cut-{moment}"}, *(far.a_participant(f"m{n}", "mentor", "Ivo") for n in "12")]
    wired.cut(moment, f"cut-{moment}", "mentoring.programme.opened")
    told_a_problem(told(far.client, facts), 503)
    assert wired.cuts == 1

    answered = told(far.client, facts).json()
    assert {each["disposition"] for each in answered} == {"accepted" if moment == "before" else "duplicate"}
    assert [each["positions"] for each in answered] == [caused(far, fact) for fact in facts]
    assert [len(kept(far, fact["source"], fact["id"])) for fact in facts] == [1, 1, 1]
