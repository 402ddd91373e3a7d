"""Forgetting, as far as the core decides it: what is refused from then on, and what is left of facts that wait."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain import events, facts, forgetting
from domain.events import EVENTS, SEALED
from domain.fact_rules import FACTS
from domain.participant import Participant
from domain.refusals import Refused

LOGS = Path(__file__).parents[1] / "examples" / "logs"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
RECORDED_AS = {
    "mentoring.participant.registered": "ParticipantRegistered",
    "mentoring.participant.changed": "ParticipantChanged",
    "mentoring.pairing.meeting_held": "MeetingHeld",
    "mentoring.pairing.feedback_given": "FeedbackGiven",
    "mentoring.pairing.evaluation_given": "EvaluationGiven",
}


def told() -> list[facts.Fact]:
    found = [
        facts.decode(line, NOW)
        for name in ("small", "corners", "year")
        for line in (LOGS / f"{name}.ndjson").read_bytes().splitlines()
    ]
    return [each for each in found if isinstance(each, facts.Fact)]


def test_what_is_confidential_in_a_fact_is_what_is_sealed_in_its_event() -> None:
    assert {RECORDED_AS[kind]: texts for kind, texts in forgetting.CONFIDENTIAL.items()} == SEALED
    assert forgetting.CONFIDENTIAL.keys() <= FACTS.keys()


def test_the_rest_of_a_fact_is_the_fact_without_what_is_confidential() -> None:
    kinds = set()
    for fact in told():
        kinds.add(fact.type)
        confidential = forgetting.CONFIDENTIAL.get(fact.type, ())
        if "email" in confidential:
            continue  # registrations and changes of those who are forgotten are refused, and nothing is left of them
        kept: dict[str, Any] = {name: "(withheld)" for name in confidential if getattr(fact.data, name) is not None}
        rest = facts.decode(forgetting.rest_of(fact), NOW)
        assert rest == replace(fact, data=replace(fact.data, **kept))
    assert kinds >= {kind for kind in FACTS if kind.startswith("mentoring.pairing.")}


def test_of_fields_that_nobody_knows_nothing_is_left() -> None:
    raw = json.dumps(
        {
            "specversion": "1.0",
            "source": "urn:test",
            "id": "1",
            "type": "mentoring.pairing.meeting_held",
            "subject": "p1",
            "time": "2025-01-06T09:00:00Z",
            "secret": "s1",
            "traceparent": "00-abc",
            "data": {
                "held_on": "2025-01-06",
                "minutes": 30,
                "notes": "s2",
                "diary": "s3",
                "actions": [{"title": "Call", "owner": "mentor", "aside": "s4"}],
            },
        }
    ).encode()
    fact = facts.decode(raw, NOW)
    assert isinstance(fact, facts.Fact)
    rest = forgetting.rest_of(fact).decode()
    assert [secret for secret in ("s1", "s2", "s3", "s4") if secret in rest] == []
    assert '"Call"' in rest
    assert '"00-abc"' in rest


def test_it_is_recorded_who_asked_and_why() -> None:
    names = ("Ada Byron", "ada@example.org")
    assert forgetting.forget(Participant("t1"), "mpm", "They left.", names) == events.ParticipantForgotten(
        "mpm", "They left."
    )
    with pytest.raises(Refused, match="was forgotten"):
        forgetting.forget(Participant("t1", forgotten=True), "mpm", "They left.", names)


@pytest.mark.parametrize(
    "text", ["ADA left", "b\u200byron", "write to Ada@Example.org", "Ａｄａ", "<b>ada</b>", "\u202eada\u202c"]
)
def test_a_reason_that_names_them_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(Refused, match="names the person"):
        forgetting.forget(Participant("t1"), "mpm", text, ("Ada Byron", "ada@example.org"))


def test_a_reason_without_their_name_will_do() -> None:
    assert not forgetting.names_them("The Adage holds; nobody at example.org", ("Ada Byron", "ada@example.org"))
    assert not forgetting.names_them("Anything", ())


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ('{"subject": "t1"}', True),
        ('{"person": "hr-1"}', True),
        ("no JSON, but Byron, Ada", True),
        ("to ADA@example.org", True),
        ('{"subject": "t11", "name": "Ada Lovelace"}', False),
    ],
)
def test_what_could_not_be_read_is_about_somebody_by_id_name_or_address(text: str, about: bool) -> None:
    assert forgetting.speaks_of(text, "t1", "hr-1", ("Ada Byron", "ada@example.org")) is about


def test_every_text_of_an_event_that_is_not_sealed_is_found() -> None:
    event = events.GoalsAgreed(
        datetime(2025, 1, 1, tzinfo=UTC).date(),
        ("calm",),
        ("delegating",),
        (events.Goal("g1", "Delegate", ("Call",), resources=("a book",), measure="three"),),
    )
    found = set(forgetting.open_texts(event))
    assert found == {"calm", "delegating", "g1", "Delegate", "Call", "a book", "three"}
    sealed = events.MeetingHeld(event.agreed_on, 30, agenda="one", notes="two", topics=("three",))
    assert set(forgetting.open_texts(sealed)) == {"three"}
    assert all(fields(kind) is not None for kind in EVENTS.values())
