"""The inbox and the import as pages: what came, why it was not taken, and nothing of what is a pair's own."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import pytest

from api.may_see import LOCAL_MPM, Reader, shown_fact
from domain.facts import FACTS
from tests.api.conftest import Service
from tests.api.test_acts import kept, send
from tests.api.test_pages import HOSTILE, Page

SECRET = "she wants to leave the company"


def get(service: Service, path: str, status: int = 200) -> str:
    answered = service.get(path, Accept="text/html")
    assert answered.status_code == status, answered.text
    return answered.text


def a_meeting(service: Service, time: str = "2025-01-20T09:00:00+01:00", **more: Any) -> dict[str, Any]:
    data = {"held_on": "2025-01-20", "minutes": 60, "notes": SECRET, "agenda": SECRET, "topics": ["plans"], **more}
    return service.fact("pairing.meeting_held", "p1", time, **data)


def upload(service: Service, file: bytes) -> httpx.Response:
    return service.client.post("/import", files={"file": ("facts.ndjson", file)})


def lines(*facts: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(fact).encode() for fact in facts)


def test_the_inbox_of_all_programmes_tells_the_time_in_one_zone_and_which(service: Service) -> None:
    service.a_pair()
    service.send(a_meeting(service))
    service.send(service.fact("pairing.paused", "p1", "2025-01-20", paused_on=1))
    everywhere = Page(get(service, "/inbox")).text
    assert everywhere.count("1 Jun 2025, 12:00 UTC") == 2
    assert "1 Jun 2025, 14:00" not in everywhere
    assert "1 Jun 2025, 14:00" in Page(get(service, "/programmes/leaders/inbox")).text
    assert "UTC" not in Page(get(service, "/programmes/leaders/inbox")).text


def test_the_inbox_says_why_and_counts_by_source(service: Service) -> None:
    service.a_pair()
    service.send(a_meeting(service))
    service.send({**service.fact("pairing.paused", "p1", "2025-01-20", paused_on=1), "source": HOSTILE})
    text = Page(get(service, "/inbox")).text
    for said in ("too early for it", "time must be", HOSTILE[:60], "Meeting held"):
        assert said in text
    assert "Meeting held" not in Page(get(service, "/inbox?disposition=invalid")).text
    assert "too early" in get(service, "/programmes/leaders/inbox?source=urn:test&disposition=parked")
    assert "No fact matches" in get(service, "/inbox?source=nobody")
    get(service, "/programmes/nowhere/inbox", 404)


def test_what_a_pair_keeps_to_itself_is_not_in_the_inbox(service: Service) -> None:
    service.a_pair()
    arrival = service.send(a_meeting(service, unheard_of=SECRET)).json()["href"].rpartition("/")[2]
    page = get(service, f"/inbox/{arrival}")
    assert "plans" in page
    assert "(withheld)" in page
    for address in (f"/inbox/{arrival}", "/inbox", "/pairings/p1"):
        assert SECRET not in get(service, address)


def test_a_fact_of_no_known_type_or_of_no_sense_shows_nothing_of_what_it_says() -> None:
    assert shown_fact(LOCAL_MPM, None, {"notes": SECRET}) == {}
    assert shown_fact(LOCAL_MPM, "mentoring.pairing.gossip", {"notes": SECRET}) == {}
    assert shown_fact(LOCAL_MPM, "mentoring.pairing.meeting_held", [SECRET]) == {}
    for kind in FACTS:
        shown = shown_fact(
            LOCAL_MPM, kind, dict.fromkeys(("notes", "agenda", "comment", "worked", "did_not", "why"), SECRET)
        )
        assert set(shown.values()) <= {"(withheld)"}


def test_whoever_may_not_see_names_sees_none_in_a_fact() -> None:
    data = {"name": "Ivo", "email": "ivo@example.org", "role": "mentor"}
    shown = shown_fact(Reader(names=False), "mentoring.participant.registered", data)
    assert shown == {"role": "mentor", "name": "(withheld)", "email": "(withheld)"}


def test_a_fact_that_waits_is_tried_again_from_its_page(service: Service) -> None:
    service.a_pair()
    arrival = service.send(a_meeting(service)).json()["href"].rpartition("/")[2]
    assert send(service, f"/inbox/{arrival}/retry").headers["location"] == f"/inbox/{arrival}?now=parked"
    assert "It still waits." in get(service, f"/inbox/{arrival}?now=parked")
    told = send(service, "/inbox/retry", programme="leaders", of="programme").headers["location"]
    assert told == "/programmes/leaders/inbox?tried=1&taken=0"
    assert "1 fact was tried again; 0 no longer wait." in Page(get(service, told)).text


def test_trying_all_again_takes_what_no_longer_has_to_wait(service: Service) -> None:
    service.a_pair()
    service.send(a_meeting(service))
    service.send(service.fact("pairing.paused", "p1", "2025-01-10T09:00:00+01:00", paused_on="2025-01-10", reason="x"))
    service.send(service.fact("pairing.resumed", "p1", "2025-01-19T09:00:00+01:00", resumed_on="2025-01-19"))
    told = send(service, "/inbox/retry").headers["location"]
    assert told.startswith("/inbox?tried=1&taken=")
    assert "tried again" in get(service, told)


def test_an_invalid_fact_that_still_does_not_fit_is_not_kept_a_second_time(service: Service) -> None:
    service.a_pair()
    arrival = service.send(service.fact("pairing.paused", "p1", "yesterday")).json()["href"].rpartition("/")[2]
    before = kept(service)
    assert send(service, f"/inbox/{arrival}/retry").headers["location"].endswith("?now=invalid")
    assert kept(service) == before
    assert send(service, "/inbox/1/retry").status_code == 409
    get(service, "/inbox/999", 404)


def test_a_file_is_looked_at_before_it_is_taken(service: Service) -> None:
    service.a_pair()
    before = kept(service)
    good = service.fact("pairing.waived", "p1", "2025-01-20T09:00:00Z", requirement="workshop", by="mpm", reason="x")
    bad = service.fact("pairing.waived", "p1", "2025-01-20T09:00:00Z", requirement="lunch", by="mpm", reason="x")
    file = b"\xef\xbb\xbf" + lines(good, a_meeting(service)) + b"\r\n\r\n" + lines(good, bad) + b'\n{"half'
    looked = upload(service, file)
    text = Page(looked.text).text
    assert looked.status_code == 200
    assert "Take 5 facts in" in text
    for said in ("must be one of assessment, workshop, goals, contract", "too early for it", "It is no JSON"):
        assert said in text
    rows = re.findall(r'<th scope="row" class="n">(\d+)</th><td>(\w+)</td>', looked.text)
    assert rows == [("5", "Invalid"), ("6", "Invalid"), ("2", "Waiting")]
    assert SECRET not in looked.text
    assert kept(service) == before
    (file_again,) = re.findall(r'name="facts" value="([^"]+)"', looked.text)
    done = send(service, "/import/record", facts=file_again)
    assert done.headers["location"] == "/import?accepted=1&parked=1&duplicate=1&invalid=2"
    assert "1 accepted, 1 waiting, 2 invalid, 1 came before" in Page(get(service, done.headers["location"])).text
    assert kept(service) == before + 4
    again = send(service, "/import/record", facts=file_again)
    assert again.headers["location"] == "/import?duplicate=3&invalid=2"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "no fact in this file"),
        (b"\n \r\n", "no fact in this file"),
        (b"x\n" * 10_001, "use `pairway import FILE`"),
    ],
)
def test_a_file_that_is_not_taken_is_told_why(service: Service, file: bytes, said: str) -> None:
    looked = upload(service, file)
    assert looked.status_code == 422
    assert said in Page(looked.text).text
    spoilt = send(service, "/import/record", facts=urlsafe_b64encode(file).decode() or "x")
    assert spoilt.status_code == 422


def test_what_is_foreseen_is_what_becomes_of_it(service: Service) -> None:
    facts = [service.a_programme(), service.a_participant("m1", "mentor", "Ivo"), a_meeting(service)]
    facts += [facts[0], {**facts[1], "id": "other"}, service.fact("pairing.left", "p1", "2025-01-01T00:00:00Z")]
    raw = [json.dumps(fact).encode() for fact in facts]
    foreseen = [(each.disposition, each.reason, each.errors) for each in service.needs.foresee(raw)]
    assert kept(service) == 0
    taken = [(each.disposition, each.reason, each.errors) for each in service.needs.take(raw)]
    assert foreseen == taken
    assert [each[0] for each in taken] == ["accepted", "accepted", "parked", "duplicate", "refused", "invalid"]
