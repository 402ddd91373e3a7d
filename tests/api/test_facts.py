"""Facts in over HTTP: each mode of CloudEvents, each disposition, and whatever is thrown at it."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from api.bodies import BATCH, LARGEST_SINGLE, STRUCTURED
from tests.api.conftest import Service, told_a_problem


def kept(service: Service, disposition: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get(f"/api/v1/facts?disposition={disposition}").json()["facts"]
    return found


# Dispositions


def test_an_accepted_fact_names_its_positions_and_where_it_is_kept(service: Service) -> None:
    answered = service.send(service.a_programme())
    assert answered.status_code == 201, answered.text
    said = answered.json()
    assert said["disposition"] == "accepted"
    assert said["positions"] == [1]
    assert answered.headers["location"] == said["href"]
    assert service.get(said["href"]).json()["disposition"] == "accepted"


def test_a_repeated_fact_answers_what_the_first_one_answered(service: Service) -> None:
    fact = service.a_programme()
    first = service.send(fact).json()
    answered = service.send(fact)
    assert answered.status_code == 200
    assert answered.json() == {**first, "disposition": "duplicate", "first": "accepted"}


def test_a_fact_about_an_unknown_subject_waits(service: Service) -> None:
    answered = service.send(service.fact("participant.approved", "m1", "2025-01-03T09:00:00Z", by="mpm"))
    assert answered.status_code == 202
    assert answered.json()["disposition"] == "parked"
    assert answered.json()["reason"]
    assert kept(service, "parked")[0]["waits_for"] == "participant-m1"


def test_a_refused_fact_is_a_problem_with_a_sentence(service: Service) -> None:
    service.send(service.a_programme())
    said = told_a_problem(service.send(service.a_programme()), 409)
    assert said["disposition"] == "refused"
    assert said["type"] == "urn:pairway:problem:refused"
    assert said["detail"] == kept(service, "refused")[0]["reason"]


def test_an_invalid_fact_is_a_problem_that_names_every_field(service: Service) -> None:
    fact = service.a_programme()
    fact["data"]["starts_on"] = "2025-02-30"
    del fact["data"]["purpose"]
    said = told_a_problem(service.send(fact), 422)
    assert said["disposition"] == "invalid"
    assert {error["field"] for error in said["errors"]} == {"data.starts_on", "data.purpose"}
    assert kept(service, "invalid")[0]["errors"] == said["errors"]


# Modes


def test_binary_mode_takes_its_attributes_from_percent_encoded_headers(service: Service) -> None:
    fact = service.a_programme()
    headers = {f"ce-{name}": quote(str(fact[name]), safe="/:+") for name in fact if name != "data"}
    headers["ce-id"] = quote('Größe "1" €', safe="")
    answered = service.post(json.dumps(fact["data"]).encode(), "application/json; charset=utf-8", **headers)
    assert answered.status_code == 201, answered.text
    assert answered.json()["id"] == 'Größe "1" €'


def test_in_binary_mode_the_body_cannot_change_the_attributes(service: Service) -> None:
    fact = service.a_programme()
    headers = {f"ce-{name}": str(fact[name]) for name in fact if name != "data"}
    body = json.dumps(fact["data"]).encode() + b', "subject": "other"'
    said = told_a_problem(service.post(body, "application/json", **headers), 422)
    assert said["subject"] == "leaders"
    assert [error["field"] for error in said["errors"]] == ["data"]


def test_binary_mode_with_other_data_than_json_is_invalid_and_kept(service: Service) -> None:
    fact = service.a_programme()
    headers = {f"ce-{name}": str(fact[name]) for name in fact if name != "data"}
    said = told_a_problem(service.post(b"<xml/>", "application/xml", **headers), 422)
    assert said["href"] == kept(service, "invalid")[0]["href"]


def test_plain_json_is_taken_as_one_fact_or_as_a_batch(service: Service) -> None:
    one = service.post(json.dumps(service.a_programme()).encode(), "application/json")
    assert one.status_code == 201
    many = service.post(json.dumps([service.a_participant("m1", "mentor", "Ivo")]).encode(), "application/json")
    assert [each["disposition"] for each in many.json()] == ["accepted"]


def test_any_other_format_is_told_what_is_read_here(service: Service) -> None:
    for content_type in ("text/plain", "application/cloudevents+xml", f"{STRUCTURED}; charset=utf-16", ""):
        headers = {"Content-Type": content_type} if content_type else {}
        answered = service.client.post("/api/v1/facts", content=b"{}", headers=headers)
        told_a_problem(answered, 415)
    assert kept(service, "invalid") == []


def test_a_compressed_body_is_told_to_come_as_it_is(service: Service) -> None:
    body = gzip.compress(json.dumps(service.a_programme()).encode())
    answered = service.post(body, STRUCTURED, **{"Content-Encoding": "gzip"})
    assert "'gzip'" in told_a_problem(answered, 415)["detail"]
    assert answered.headers["accept-encoding"] == "identity"
    assert kept(service, "invalid") == []


def test_a_batch_answers_each_fact_in_order_and_a_bad_one_holds_up_none(service: Service) -> None:
    good, other = service.a_programme(), service.a_participant("m1", "mentor", "Ivo")
    body = b"[%b, {oh no}, 17, %b, %b]" % tuple(json.dumps(fact).encode() for fact in (good, other, good))
    answered = service.post(body, BATCH)
    assert answered.status_code == 200
    said = answered.json()
    assert [each["disposition"] for each in said] == ["accepted", "invalid", "invalid", "accepted", "duplicate"]
    assert said[3]["positions"] == [2]


def test_an_empty_batch_answers_nothing(service: Service) -> None:
    assert service.post(b" [ ] ", BATCH).json() == []


def test_a_batch_of_ten_thousand_is_taken(service: Service) -> None:
    service.send(service.a_programme())
    people = [service.a_participant(f"m{number}", "mentor", f"Person {number}") for number in range(10_000)]
    answered = service.send_all(people)
    assert {each["disposition"] for each in answered} == {"accepted"}
    assert [each["subject"] for each in answered] == [fact["subject"] for fact in people]
    assert len({each["positions"][0] for each in answered}) == 10_000


def test_a_broken_batch_is_one_problem_and_is_kept(service: Service) -> None:
    for body in (b"[{}", b"[] and more", b"", b'["never ends]', b"17"):
        said = told_a_problem(service.post(body, BATCH), 422)
        assert said["disposition"] == "invalid"
        assert kept(service, "invalid")[0]["href"] == said["href"]


def test_one_fact_sent_as_a_batch_is_not_taken_by_mistake(service: Service) -> None:
    told_a_problem(service.post(json.dumps(service.a_programme()).encode(), BATCH), 400)
    assert service.get("/api/v1/facts").json()["facts"] == []


# Hostile bytes


HOSTILE = {
    "NUL in a text": b'{"specversion":"1.0","source":"urn:x","id":"a\x00b","data":{}}',
    "NUL escaped": b'{"specversion":"1.0","source":"urn:x","id":"a\\u0000b","data":{}}',
    "broken UTF-8": b'{"specversion":"1.0","source":"urn:\xff\xfe","id":"b","data":{}}',
    "half a character": b'{"specversion":"1.0","source":"urn:x","id":"\\ud800","data":{}}',
    "deep nesting": b"[" * 100_000 + b"]" * 100_000,
    "deep data": b'{"data":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    "65 KiB": b'{"specversion":"1.0","data":{"notes":"' + b"x" * 65 * 1024 + b'"}}',
    "a long number": b'{"id":' + b"9" * 5000 + b"}",
    "NaN": b'{"id": NaN}',
    "no JSON": b"hello",
    "nothing": b"",
    "a list": b"[1, 2]",
    "null": b"null",
}


def test_hostile_bytes_are_invalid_and_kept(service: Service) -> None:
    for what, body in HOSTILE.items():
        said = told_a_problem(service.post(body, STRUCTURED), 422)
        assert said["errors"], what
        assert service.get(said["href"]).json()["disposition"] == "invalid"


def test_hostile_bytes_in_a_batch_hold_up_nothing(service: Service) -> None:
    facts = [body for body in HOSTILE.values() if body not in (b"", b"hello")]
    body = b"[" + b",".join([*facts, json.dumps(service.a_programme()).encode()]) + b"]"
    said = service.post(body, BATCH).json()
    assert [each["disposition"] for each in said] == ["invalid"] * len(facts) + ["accepted"]


def test_a_body_larger_than_any_fact_is_turned_away(service: Service) -> None:
    told_a_problem(service.post(b"x" * (LARGEST_SINGLE + 1), STRUCTURED), 413)


def test_a_body_that_grows_too_large_is_turned_away_without_a_length(service: Service) -> None:
    parts = (b"x" * 65_536 for _ in range(20))
    answered = service.client.post("/api/v1/facts", content=parts, headers={"Content-Type": STRUCTURED})
    told_a_problem(answered, 413)


# The inbox


def test_the_inbox_is_filtered_and_paged_newest_first(service: Service) -> None:
    service.a_pair()
    first = service.get("/api/v1/facts?programme=leaders&limit=4").json()
    assert first["facts"][0]["type"] == "mentoring.pairing.proposed"
    second = service.get(first["next"]).json()
    assert len(first["facts"]) + len(second["facts"]) == 6
    assert second["next"] is None
    assert service.get("/api/v1/facts?source=urn:other").json()["facts"] == []


def test_the_inbox_never_shows_what_a_fact_said(service: Service) -> None:
    service.a_pair(mentor="Zebulon Quist")
    assert "Zebulon" not in service.get("/api/v1/facts").text
    assert "Zebulon" not in service.get("/api/v1/events").text


def test_a_fact_that_waits_is_tried_again_and_waits_still(service: Service) -> None:
    service.a_pair()
    early = service.fact("pairing.meeting_held", "p1", "2025-01-07T09:00:00Z", held_on="2025-01-07", minutes=30)
    waiting = service.send(early).json()
    answered = service.client.post(f"{waiting['href']}/retry")
    assert answered.status_code == 202
    assert answered.json()["reason"]


def test_an_invalid_fact_is_tried_again_as_it_came(service: Service) -> None:
    fact = service.fact("programme.closed", "leaders", "2025-06-01T13:00:00Z", by="mpm")
    href = told_a_problem(service.send(fact), 422)["href"]
    service.clock.at += timedelta(hours=2)
    assert service.client.post(f"{href}/retry").status_code == 202


def test_what_is_settled_is_not_tried_again(service: Service) -> None:
    href = service.send(service.a_programme()).json()["href"]
    said = told_a_problem(service.client.post(f"{href}/retry"), 409)
    assert said["type"] == "urn:pairway:problem:not-waiting"


def test_a_fact_that_never_came_is_not_found(service: Service) -> None:
    told_a_problem(service.get("/api/v1/facts/999"), 404)
    told_a_problem(service.client.post("/api/v1/facts/999/retry"), 404)
