"""Acts from the console: facts like any other, once however often a form is sent, and from nobody else's page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.needs import Needs
from pairway.form_ids import FormIds
from tests.api.conftest import MASTER, Service
from tests.api.test_pages import HOSTILE, Page


@pytest.fixture
def make_needs(make_needs: Any) -> Any:
    """The read models are brought up by hand here: nobody waits for them."""

    def make(**other: Any) -> Needs:
        needs: Needs = make_needs(**{"reached": lambda: 10**9, **other})
        return needs

    return make


def send(service: Service, path: str, form: str | None = None, **fields: str) -> httpx.Response:
    """Sends a form as a browser does, with an id of its own unless one is given."""
    form = service.needs.form_ids.make() if form is None else form
    return service.client.post(path, data={"form": form, **fields}, headers={"Accept": "text/html"})


def told(service: Service, kind: str, stream: str = "pairing-p1") -> list[Any]:
    """The events of one kind in a stream."""
    return [event for event in service.needs.store.read_stream(stream) if event.type == kind]


def kept(service: Service) -> int:
    return len(service.get("/api/v1/facts?limit=1000").json()["facts"])


def test_an_act_is_a_fact_of_whoever_acts(service: Service) -> None:
    service.a_pair()
    form = service.needs.form_ids.make()
    done = send(service, "/pairings/p1/acts/waive", form, requirement="workshop", reason="Trained elsewhere")
    assert (done.status_code, done.headers["location"]) == (303, "/pairings/p1?done=waive")
    (event,) = told(service, "RequirementWaived")
    assert (event.actor, event.cause_source, event.cause_id) == ("pairway/console",) * 2 + (form.partition(".")[0],)
    shown = service.get("/api/v1/pairings/p1/events").json()["events"]
    (said,) = [each["data"] for each in shown if each["type"] == "RequirementWaived"]
    assert said == {"requirement": "workshop", "by": "mpm", "reason": "Trained elsewhere", "waived_on": "2025-06-01"}


def test_a_form_that_is_sent_many_times_at_once_is_one_act(service: Service) -> None:
    service.a_pair()
    before, form = kept(service), service.needs.form_ids.make()
    with ThreadPoolExecutor(8) as senders:
        answers = list(
            senders.map(
                lambda _: send(service, "/pairings/p1/acts/pause", form, paused_on="2025-06-01", reason="Leave"),
                range(8),
            )
        )
    assert {(each.status_code, each.headers["location"]) for each in answers} == {(303, "/pairings/p1?done=pause")}
    assert len(told(service, "PairingPaused")) == 1
    assert kept(service) == before + 1


@pytest.mark.parametrize("form", ["", "made-up", "0" * 32 + "." + "0" * 20, FormIds(bytes(32)).make()])
def test_a_form_that_was_not_made_here_does_nothing(service: Service, form: str) -> None:
    service.a_pair()
    before = kept(service)
    assert send(service, "/pairings/p1/acts/pause", form, paused_on="2025-06-01", reason="x").status_code == 403
    assert send(service, "/inbox/1/retry", form).status_code == 403
    assert send(service, "/inbox/retry", form).status_code == 403
    assert send(service, "/import/record", form, facts="e30=").status_code == 403
    assert kept(service) == before


@pytest.mark.parametrize("header", [{"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_act(service: Service, header: dict[str, str]) -> None:
    service.a_pair()
    fields = {"form": service.needs.form_ids.make(), "paused_on": "2025-06-01", "reason": "x"}
    answered = service.client.post("/pairings/p1/acts/pause", data=fields, headers=header)
    assert answered.status_code == 403
    assert told(service, "PairingPaused") == []


def test_a_refusal_is_told_beside_the_form_and_what_was_typed_is_kept(service: Service) -> None:
    service.a_pair()
    before = kept(service)
    answered = send(service, "/pairings/p1/acts/pause", paused_on="2024-12-31", reason=HOSTILE)
    page = Page(answered.text)
    assert answered.status_code == 409
    assert "Paused on 2024-12-31 lies before the proposal of 2025-01-06." in page.text
    assert HOSTILE in page.text
    values = {attributes.get("name"): attributes.get("value") for tag, attributes in page.found if tag == "input"}
    assert values["paused_on"] == "2024-12-31"
    # a slip of the pen is no fact
    assert kept(service) == before


def test_what_does_not_fit_is_told_at_its_field(service: Service) -> None:
    service.a_pair()
    before = kept(service)
    answered = send(service, "/pairings/p1/acts/close", reason="no_time", closed_on="2025-02-30")
    assert answered.status_code == 422
    page = Page(answered.text)
    assert "Closed on must be a date" in page.text
    assert "Who asked for it is missing." in page.text
    wrong = {attributes["name"] for _, attributes in page.found if attributes.get("aria-invalid") == "true"}
    assert wrong == {"by", "closed_on"}
    assert kept(service) == before


def test_what_is_not_possible_now_is_said(service: Service) -> None:
    service.a_pair()
    answered = service.get("/pairings/p1/acts/resume", Accept="text/html")
    assert answered.status_code == 409
    assert "“Resume” is not possible as things stand now." in Page(answered.text).text
    assert send(service, "/pairings/p1/acts/review", outcome="end").status_code == 409
    assert service.get("/pairings/p1/acts/promote", Accept="text/html").status_code == 404
    assert send(service, "/pairings/nobody/acts/pause", reason="x").status_code == 404


def test_a_pairing_is_paused_resumed_closed_and_reviewed(service: Service) -> None:
    service.a_pair()
    steps: list[tuple[str, dict[str, str]]] = [
        ("pause", {"paused_on": "2025-06-01", "reason": "Leave", "until": "2025-09-01"}),
        ("resume", {"resumed_on": "2025-06-01"}),
        ("close", {"by": "mentor", "reason": "no_time", "closed_on": "2025-06-01", "note": "Alas"}),
        ("review", {"outcome": "rematch", "note": "Soon"}),
    ]
    for act, fields in steps:
        assert f"/pairings/p1/acts/{act}" in service.get("/pairings/p1", Accept="text/html").text
        assert send(service, f"/pairings/p1/acts/{act}", **fields).status_code == 303, act
    assert "/pairings/p1/acts/" not in service.get("/pairings/p1", Accept="text/html").text
    assert len(told(service, "ClosureReviewed")) == 1


def test_participants_are_approved_and_declined(service: Service) -> None:
    service.send_all([service.a_programme(), service.a_participant("m1", "mentor", HOSTILE)])
    service.send_all([service.a_participant("t1", "protege", "Bo")])
    service.projector.catch_up()
    page = Page(service.get("/programmes/leaders/acts", Accept="text/html").text)
    assert HOSTILE in page.text
    assert send(service, "/participants/m1/acts/approve").headers["location"] == "/participants/m1?done=approve"
    assert send(service, "/participants/t1/acts/decline", reason="No room").status_code == 303
    states = [service.get(f"/api/v1/participants/{who}").json()["state"] for who in ("m1", "t1")]
    assert states == ["approved", "declined"]


def test_a_programme_is_opened_with_its_policy_and_closed_to_new_pairings(service: Service) -> None:
    fields = {
        "name": "Leaders 2026",
        "id": "leaders-2026",
        "purpose": "Grow",
        "starts_on": "2025-06-01",
        "timezone": "Europe/Berlin",
        "competencies": "Strategic thinking\nneg: Negotiating\n\nÜber-Blick",
        "policy.term_months": "6",
        "policy.workshop": "off",
        "policy.silent_days": "45",
        "policy.overdue_days": "1",
    }
    wrong = send(
        service, "/new-programme", **{**fields, "timezone": "Mars/Base", "policy.term_months": "six", "id": "x y"}
    )
    page = Page(wrong.text)
    assert wrong.status_code == 422
    for said in ("Time zone must be a time zone", "Length must be a whole number", "Id must be an id"):
        assert said in page.text
    assert "Mars/Base" in wrong.text
    assert send(service, "/new-programme", **fields).headers["location"] == "/programmes/leaders-2026"
    (opened,) = service.get("/api/v1/events").json()["events"]
    said = opened["data"]
    assert [each["id"] for each in said["competencies"]] == ["strategic-thinking", "neg", "uber-blick"]
    policy = said["policy"]
    assert (policy["term_months"], policy["workshop"], policy["silent_days"]) == (6, "off", 45)
    service.projector.catch_up()
    shown = " ".join(Page(service.get("/programmes/leaders-2026/acts", Accept="text/html").text).text.split())
    assert "Length6 months" in shown
    assert "Overdue1 dayLow rating" in shown
    assert send(service, "/new-programme", **fields).status_code == 409
    assert send(service, "/programmes/leaders-2026/acts/close").status_code == 303


def test_an_id_is_known_again_by_whoever_has_the_same_master_key() -> None:
    form = FormIds(MASTER).make()
    assert FormIds(MASTER).fact_id(form) == form.partition(".")[0]
    assert FormIds(bytes(32)).fact_id(form) is None
    assert FormIds(MASTER).fact_id("ü." + form) is None
