"""Forgetting over HTTP: done once and for all, and told to whoever asks what it destroyed."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import Service, told_a_problem

ASKED = {"by": "mpm", "reason": "They asked for it."}


def forget(service: Service, who: str, asked: object = ASKED) -> httpx.Response:
    return service.client.post(f"/api/v1/participants/{who}/forget", json=asked)


def test_a_participant_is_forgotten(service: Service) -> None:
    service.a_pair()
    answered = forget(service, "t1")
    assert answered.status_code == 200, answered.text
    said = answered.json()
    assert said == {
        "participant": "t1",
        "at": "2025-06-01T14:00:00+02:00",
        "position": service.needs.store.head(),
        "before": False,
        "keys": ["pairing-p1", "participant-t1"],
        "pairings": ["p1"],
        "elsewhere": [],
        "open_texts": [],
    }
    found = service.get("/api/v1/participants/t1").json()
    assert (found["name"], found["email"], found["state"]) == ("(withheld)", "(withheld)", "approved")
    assert found["forgotten"] is True
    service.projector.catch_up()
    for path in ("/api/v1/programmes/leaders/board", "/programmes/leaders/board", "/pairings/p1"):
        text = service.get(path).text
        assert "Sara" not in text
        assert "Ivo Petrov" in text
    event = service.get(f"/api/v1/events?after={said['position'] - 1}").json()["events"][0]
    assert (event["type"], event["stream"], event["actor"]) == ("ParticipantForgotten", "participant-t1", "mpm")
    assert event["data"] == ASKED
    assert event["cause"] == {"source": "urn:pairway:forget", "id": "t1"}


def test_asked_again_it_is_told_that_it_was_done_before(service: Service) -> None:
    service.a_pair()
    first = forget(service, "t1").json()
    again = forget(service, "t1", {"by": "somebody", "reason": "Again."})
    assert again.status_code == 200
    assert again.json() == {**first, "before": True, "keys": []}


def test_later_facts_about_them_are_refused_with_a_reason(service: Service) -> None:
    service.a_pair()
    forget(service, "t1")
    fact = service.fact("participant.changed", "t1", "2025-05-01T09:00:00+02:00", name="Sara Ito")
    said = told_a_problem(service.send(fact), 409)
    assert said["detail"] == "participant t1 was forgotten: nothing more is recorded about them"
    assert told_a_problem(service.client.post(f"{said['href']}/retry"), 409)["type"].endswith("not-waiting")


def test_an_invalid_fact_about_them_cannot_be_tried_again(service: Service) -> None:
    service.a_pair()
    fact = service.fact("participant.changed", "t1", "2025-05-01T09:00:00+02:00", name="Sara", capacity="Sara")
    said = told_a_problem(service.send(fact), 422)
    forget(service, "t1")
    shown = service.get(said["href"])
    assert "Sara" not in shown.text
    assert shown.json()["errors"] == [{"field": "data.capacity", "reason": "(withheld)"}]
    again = told_a_problem(service.client.post(f"{said['href']}/retry"), 409)
    assert again["detail"] == "What this fact said was forgotten with the person it was about."


def test_nobody_is_no_participant(service: Service) -> None:
    assert told_a_problem(forget(service, "nobody"), 404)["detail"] == "There is no participant nobody."


@pytest.mark.parametrize(
    "asked", [{}, {"by": "mpm"}, {**ASKED, "by": " "}, {**ASKED, "more": 1}, {**ASKED, "reason": "x" * 1001}, [], None]
)
def test_who_asks_and_why_are_to_be_told(service: Service, asked: object) -> None:
    service.a_pair()
    assert told_a_problem(forget(service, "t1", asked), 422)["type"].endswith("wrong-question")
    assert service.get("/api/v1/participants/t1").json()["name"] == "Sara Ito"


def test_a_reason_that_names_them_is_refused(service: Service) -> None:
    service.a_pair()
    said = told_a_problem(forget(service, "t1", {**ASKED, "reason": "Sara asked for it."}), 409)
    assert said["type"].endswith("act-refused")
    assert said["detail"].startswith("Nothing was done: the reason names the person")


def test_a_page_of_another_site_forgets_nobody(service: Service) -> None:
    service.a_pair()
    answered = service.client.post(
        "/api/v1/participants/t1/forget", json=ASKED, headers={"Origin": "http://elsewhere.example"}
    )
    assert answered.status_code == 403
