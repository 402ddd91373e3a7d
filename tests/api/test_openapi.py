"""The OpenAPI is true: what it says is answered, and nothing that is sent along it is a fault of the service."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks

from api import fresh
from tests.api.conftest import Service

CHECKS = [
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
]
ENDLESS = "/api/v1/events/stream"


def test_it_is_openapi_3_1_with_schemas_and_examples(service: Service) -> None:
    document = service.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    taken = document["paths"]["/api/v1/facts"]["post"]["requestBody"]["content"]
    assert set(taken) == {"application/cloudevents+json", "application/cloudevents-batch+json", "application/json"}
    assert all("example" in content for content in taken.values())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert any(status.startswith("2") for status in operation["responses"]), (method, path)
            # the host is looked at before anything else
            assert "421" in operation["responses"], (method, path)


def test_every_reference_in_it_leads_somewhere(service: Service) -> None:
    document = service.get("/openapi.json").json()

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for inner in node.values() for found in references(inner)]
        return [found for inner in node for found in references(inner)] if isinstance(node, list) else []

    for reference in set(references(document)):
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            assert name in found, reference
            found = found[name]


def test_the_example_of_the_openapi_is_a_fact(service: Service) -> None:
    document = service.get("/openapi.json").json()
    taken = document["paths"]["/api/v1/facts"]["post"]["requestBody"]["content"]
    answered = service.send(taken["application/cloudevents+json"]["example"])
    assert answered.status_code == 202


def test_nothing_along_the_openapi_is_a_fault_of_the_service(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # most positions that are made up never come
    monkeypatch.setattr(fresh, "LONGEST", 0.02)
    service.a_pair()
    service.send(service.fact("pairing.meeting_held", "p1", "2025-01-07T09:00:00Z", held_on="2025-01-07", minutes=30))
    schema = schemathesis.openapi.from_dict(service.get("/openapi.json").json())
    base = str(service.client.base_url)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]  # none is an Err
    tried = [operation for operation in operations if operation.path != ENDLESS]
    assert len(tried) > 12

    @given(data=st.data())
    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def walk(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(tried))
        case = data.draw(operation.as_strategy())
        answered = case.call(base_url=base)
        # 503 is an answer too: `after` names a position that may never come
        assert answered.status_code < 500 or answered.status_code == 503, answered.text
        case.validate_response(answered, checks=CHECKS)

    walk()
