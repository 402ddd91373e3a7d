"""The feed of all events: pages, and a stream that goes on without loss or doubling."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from api import tail
from api.needs import Needs
from tests.api.conftest import Service, serving, told_a_problem


def test_pages_of_the_feed_are_the_whole_record_in_order(service: Service) -> None:
    service.a_pair()
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = service.get(f"/api/v1/events?after={after}&limit=3").json()
        if not page["events"]:
            break
        found += page["events"]
        after = page["next"]
    assert [event["position"] for event in found] == list(range(1, page["head"] + 1))
    assert page["next"] == page["head"]


def test_beyond_the_head_there_is_nothing_yet(service: Service) -> None:
    assert service.get("/api/v1/events?after=7").json() == {"events": [], "next": 7, "head": 0}


def test_a_name_is_withheld_in_the_feed(service: Service) -> None:
    service.a_pair()
    events = service.get("/api/v1/events").json()["events"]
    registered = [event["data"] for event in events if event["type"] == "ParticipantRegistered"]
    assert {(data["name"], data["email"]) for data in registered} == {("(withheld)", "(withheld)")}


# The stream


@contextmanager
def listening(service: Service, query: str = "", **headers: str) -> Iterator[Iterator[tuple[int, dict[str, Any]]]]:
    """What a listener hears: (id, event)."""
    with service.client.stream("GET", f"/api/v1/events/stream{query}", headers=headers) as answered:
        assert answered.headers["content-type"].startswith("text/event-stream")
        yield heard(answered)


def heard(answered: httpx.Response) -> Iterator[tuple[int, dict[str, Any]]]:
    position = 0
    for line in answered.iter_lines():
        if line.startswith("id: "):
            position = int(line[4:])
        elif line.startswith("data: "):
            yield position, json.loads(line[6:])


def test_a_listener_hears_what_was_and_what_comes(service: Service) -> None:
    service.send(service.a_programme())
    with listening(service) as events:
        position, event = next(events)
        assert (position, event["type"]) == (1, "ProgrammeOpened")
        service.send(service.a_participant("m1", "mentor", "Ivo"))
        position, event = next(events)
        assert (position, event["type"]) == (2, "ParticipantRegistered")
        assert event["data"]["name"] == "(withheld)"


def test_a_listener_that_comes_back_misses_nothing_and_hears_nothing_twice(service: Service) -> None:
    service.a_pair()
    head = service.needs.store.head()
    found: list[int] = []
    while len(found) < head:
        # a connection that breaks after every second event
        headers = {"Last-Event-ID": str(found[-1])} if found else {}
        with listening(service, **headers) as events:
            found += [next(events)[0] for _ in range(min(2, head - len(found)))]
    assert found == list(range(1, head + 1))


def test_the_last_event_heard_counts_more_than_where_the_address_begins(service: Service) -> None:
    service.a_pair()
    with listening(service, "?after=1", **{"Last-Event-ID": "4"}) as events:
        assert next(events)[0] == 5
    with listening(service, "?after=6") as events:
        assert next(events)[0] == 7


def test_events_that_are_recorded_while_many_listen_reach_all_in_order(service: Service) -> None:
    found: dict[int, list[int]] = {}
    people = 40

    def listen(number: int) -> None:
        with listening(service) as events:
            found[number] = [next(events)[0] for _ in range(people + 1)]

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    service.send(service.a_programme())
    for number in range(people):
        service.send(service.a_participant(f"m{number}", "mentor", f"Person {number}"))
    for thread in threads:
        thread.join(20)
    assert list(found.values()) == [list(range(1, people + 2))] * 4


def test_a_position_that_is_no_number_is_told(service: Service) -> None:
    answered = service.get("/api/v1/events/stream", **{"Last-Event-ID": "yesterday"})
    assert "Last-Event-ID" in told_a_problem(answered, 422)["detail"]


def test_a_listener_ahead_of_the_record_is_told_so_instead_of_missing_what_comes(service: Service) -> None:
    """As after a restore from an older backup: what comes next has positions that the listener counts as heard."""
    service.send(service.a_programme())
    head = service.get("/api/v1/events").json()["head"]
    for asked, headers in (("", {"Last-Event-ID": str(head + 1)}), (f"?after={head + 1}", {})):
        said = told_a_problem(service.get(f"/api/v1/events/stream{asked}", **headers), 422)["detail"]
        assert f"Position {head + 1} is not there: the record ends at {head}." in said


def test_one_listener_too_many_is_told(service: Service, monkeypatch: Any) -> None:
    monkeypatch.setattr(tail, "MOST_LISTENERS", 1)
    service.send(service.a_programme())
    with listening(service) as events:
        next(events)
        said = told_a_problem(service.get("/api/v1/events/stream"), 503)
        assert said["type"] == "urn:pairway:problem:too-many-listeners"


def test_a_listener_holds_no_connection_of_the_pool_while_nothing_happens(service: Service) -> None:
    service.send(service.a_programme())
    with listening(service) as events:
        next(events)
        statistics = service.needs.pool.get_stats()
        assert statistics["pool_available"] == statistics["pool_size"]


def test_the_stream_ends_when_the_service_stops(make_needs: Callable[..., Needs]) -> None:
    ended = threading.Event()

    def listen(client: httpx.Client, began: threading.Event) -> None:
        with client.stream("GET", "/api/v1/events/stream") as answered:
            for _ in answered.iter_lines():
                began.set()
        ended.set()

    with serving(make_needs()) as client:
        began = threading.Event()
        other = httpx.Client(base_url=client.base_url, timeout=30)
        thread = threading.Thread(target=listen, args=(other, began))
        thread.start()
        assert began.wait(10)
    thread.join(5)
    other.close()
    assert ended.is_set()
