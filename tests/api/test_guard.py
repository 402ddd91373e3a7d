"""Who is let in, what every answer carries, and what is told when something is wrong."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from psycopg_pool import PoolTimeout

from api.needs import Needs
from eventstore.store import Conflict
from tests.api.conftest import Service, serving, told_a_problem
from tests.until import until


def test_only_its_own_names_are_answered_to(service: Service) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::1", "10.0.0.7:8000"):
        said = told_a_problem(service.get("/api/v1/programmes", Host=host), 421)
        assert said["type"] == "urn:pairway:problem:wrong-host"
    for host in ("localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "LOCALHOST"):
        assert service.get("/api/v1/programmes", Host=host).status_code == 200


def test_with_insecure_any_name_will_do(make_needs: Callable[..., Needs]) -> None:
    with serving(make_needs(any_host=True)) as client:
        assert client.get("/healthz", headers={"Host": "pairway.example"}).status_code == 200


def test_a_page_of_another_site_cannot_send_facts(service: Service) -> None:
    body = json.dumps(service.a_programme()).encode()
    own = str(service.client.base_url).rstrip("/")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": own},
    ):
        told_a_problem(service.post(body, "application/json", **headers), 403)
    assert service.get("/api/v1/facts").json()["facts"] == []
    assert service.post(body, "application/json", Origin=own, **{"Sec-Fetch-Site": "same-origin"}).status_code == 201


def test_every_answer_is_guarded(service: Service) -> None:
    service.a_pair()
    for path in ("/api/v1/programmes", "/programmes", "/nothing", "/static/pairway.css", "/openapi.json", "/healthz"):
        headers = service.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]
        assert "server" not in headers


def test_a_trace_is_kept_and_else_one_is_begun(service: Service) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    given = service.get("/healthz", traceparent=f"00-{trace}-00f067aa0ba902b7-01").headers["x-correlation-id"]
    assert given == trace
    for wrong in ("nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", ""):
        made = service.get("/healthz", traceparent=wrong).headers["x-correlation-id"]
        assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_a_wrong_method_is_told_which_one_is_right(service: Service) -> None:
    answered = service.client.delete("/api/v1/facts")
    told_a_problem(answered, 405)
    assert "POST" in answered.headers["allow"] or "GET" in answered.headers["allow"]


def test_a_person_is_told_with_a_page(service: Service) -> None:
    answered = service.get("/programmes/none", Accept="text/html")
    assert answered.status_code == 404
    assert answered.headers["content-type"].startswith("text/html")
    assert "There is no programme none." in answered.text


def broken(_: Sequence[bytes]) -> Any:
    raise ZeroDivisionError("the secret is 42")


def busy(_: Sequence[bytes]) -> Any:
    raise Conflict(("pairing-p1",))


def away(_: Sequence[bytes]) -> Any:
    raise PoolTimeout


def test_a_bug_is_told_by_its_correlation_and_without_a_trace(
    make_needs: Callable[..., Needs], log: io.StringIO
) -> None:
    with serving(make_needs(take=broken)) as client:
        answered = client.post("/api/v1/facts", content=b"{}", headers={"Content-Type": "application/json"})
        said = told_a_problem(answered, 500)
        assert said["correlation"] == answered.headers["x-correlation-id"]
        assert "ZeroDivisionError" in log.getvalue()
        assert said["correlation"] in log.getvalue()
        assert "secret" not in answered.text + log.getvalue()
        assert "Traceback" not in answered.text
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("take", "status"), [(busy, 409), (away, 503)])
def test_what_may_pass_is_told_when_to_come_again(
    make_needs: Callable[..., Needs], take: Callable[[Sequence[bytes]], Any], status: int
) -> None:
    with serving(make_needs(take=take)) as client:
        answered = client.post("/api/v1/facts", content=b"{}", headers={"Content-Type": "application/json"})
        told_a_problem(answered, status)
        assert int(answered.headers["retry-after"]) >= 1


def test_alive_and_ready_with_a_sentence_each(service: Service) -> None:
    assert service.get("/healthz").text == "alive\n"
    found = service.get("/readyz").json()
    assert found["ready"]
    assert {check["name"] for check in found["checks"]} == {"database", "migrations", "projections", "redis"}
    assert all(check["says"] for check in found["checks"])


def test_not_ready_says_what_is_missing(make_needs: Callable[..., Needs]) -> None:
    with serving(make_needs(queue_trouble=lambda: "Redis does not answer.", reached=lambda: -10_000)) as client:
        answered = client.get("/readyz")
        assert answered.status_code == 503
        wrong = {check["name"]: check["says"] for check in answered.json()["checks"] if not check["ok"]}
        assert wrong["redis"] == "Redis does not answer."
        assert "10,000 events" in wrong["projections"]


def test_prometheus_finds_its_figures(service: Service) -> None:
    service.a_pair()
    service.get("/api/v1/programmes/leaders")
    lines = service.get("/metrics").text.splitlines()
    assert 'pairway_facts_taken_total{disposition="accepted"} 6' in lines
    assert 'pairway_inbox{disposition="parked"} 0.0' in lines
    assert "pairway_projection_lag 0" in lines
    counted = 'pairway_request_seconds_count{method="GET",route="/api/v1/programmes/{programme}",status="200"} 1'
    assert counted in lines


def test_the_log_has_a_line_a_request_and_names_nobody(service: Service, log: io.StringIO) -> None:
    service.a_pair(mentor="Zebulon Quist")
    service.get("/api/v1/participants/m1?colour=red")
    # a line is written when its answer is on its way already
    until(lambda: '"/api/v1/participants/{participant}"' in log.getvalue(), "the request is logged")
    last = json.loads(log.getvalue().splitlines()[-1])
    assert (last["method"], last["route"], last["status"]) == ("GET", "/api/v1/participants/{participant}", 422)
    assert re.fullmatch(r"[0-9a-f]{32}", last["correlation"])
    assert "Zebulon" not in log.getvalue()
    assert "m1" not in log.getvalue()
