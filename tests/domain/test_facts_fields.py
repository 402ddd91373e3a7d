"""One yes and one no for every rule of a fact's fields, table by table."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from domain.facts import FACTS, Fact, Invalid, ProgrammeOpened, decode
from domain.policy import Policy
from tests.domain.field_rules import GOAL, RULES, WHOLE
from tests.domain.judging import NOW, complaints


def told(kind: str, data: object, **attributes: object) -> Fact | Invalid:
    event = {
        "specversion": "1.0",
        "source": "urn:test",
        "id": "1",
        "type": "mentoring." + kind,
        "subject": "s-1",
        "time": "2026-06-01T10:00:00+02:00",
        "data": data,
    }
    # Python's spelling of a number too large for it is no JSON; upstream's is
    raw = json.dumps(event | attributes).replace("Infinity", "1e400")
    return decode(raw.encode(), NOW)


def with_value(kind: str, path: str, value: object) -> dict[str, Any]:
    """The whole fact's data with one value at a path such as `goals.0.title` made another."""

    def changed(inner: Any, steps: list[str]) -> Any:
        if not steps:
            return value
        key: Any = int(steps[0]) if isinstance(inner, list) else steps[0]
        copied = inner.copy()
        copied[key] = changed(copied[key] if isinstance(copied, list) else copied.get(key), steps[1:])
        return copied

    whole: dict[str, Any] = changed(WHOLE[kind], path.split("."))
    return whole


def spelt(path: str) -> str:
    """`goals.0.title` as errors spell it: `data.goals[0].title`."""
    return "data" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))


@pytest.mark.parametrize(("kind", "path", "fits", "does_not"), RULES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_field_takes_what_fits_and_names_what_does_not(
    kind: str, path: str, fits: tuple[object, ...], does_not: tuple[object, ...]
) -> None:
    for value in fits:
        outcome = told(kind, with_value(kind, path, value))
        assert isinstance(outcome, Fact), (value, outcome)
    for value in does_not:
        wrong = complaints(told(kind, with_value(kind, path, value)))
        here = spelt(path)
        assert wrong, value
        assert all(field == here or field.startswith((here + ".", here + "[")) for field in wrong), (
            value,
            wrong,
        )


def test_every_type_has_its_rules_tried() -> None:
    assert {"mentoring." + kind for kind in WHOLE} == set(FACTS)
    for kind, data in WHOLE.items():
        tried = {path.split(".")[0] for of, path, _, _ in RULES if of == kind}
        assert tried == set(data) == {field[0] for field in FACTS["mentoring." + kind].fields}, kind


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_fact_is_taken_and_one_with_unknown_fields_too(kind: str) -> None:
    plain = told(kind, WHOLE[kind])
    assert isinstance(plain, Fact)
    assert plain == told(kind, WHOLE[kind] | {"unheard": {"of": [1, None]}}, comexampleextra="x")
    assert plain.stream == f"{kind.split('.')[0]}-s-1"


@pytest.mark.parametrize("kind", WHOLE)
def test_a_field_that_must_be_there_is_missed_and_one_that_may_be_left_out_is_not(kind: str) -> None:
    shape = FACTS["mentoring." + kind]
    made: Any = shape.made
    defaults = {f.name for f in dataclasses.fields(made) if f.default is not dataclasses.MISSING}
    for name, _, _, required in shape.fields:
        data = {key: value for key, value in WHOLE[kind].items() if key != name}
        outcome = told(kind, data)
        assert required == (name not in defaults)
        if required:
            assert complaints(outcome) == {f"data.{name}": "is missing"}
        else:
            assert outcome == told(kind, data | {name: None})
            assert isinstance(outcome, Fact)


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = complaints(
        told(
            "pairing.goals_agreed",
            {
                "agreed_on": "soon",
                "needs": [""],
                "goals": [GOAL | {"title": " "}, 7, GOAL | {"actions": ["a", 3]}],
            },
            specversion="0.3",
            time="2026-06-01 10:00",
        )
    )
    assert wrong == {
        "specversion": 'must be "1.0", not "0.3"',
        "time": 'must be an RFC 3339 time with an offset, such as 2025-01-06T09:30:00+01:00, not "2026-06-01 10:00"',
        "data.agreed_on": 'must be a date that exists, as YYYY-MM-DD from 1900 to 2199, not "soon"',
        "data.strengths": "is missing",
        "data.needs[0]": "must not be empty",
        "data.goals[0].title": "must not be empty",
        "data.goals[1]": "must be an object, not 7",
        "data.goals[2].actions[1]": "must be text, not a number",
    }


def test_a_reason_says_what_is_expected_and_what_came() -> None:
    wrong = complaints(told("pairing.meeting_held", WHOLE["pairing.meeting_held"] | {"minutes": "sixty"}))
    assert wrong == {"data.minutes": 'must be a whole number from 1 to 1440, not "sixty"'}


def test_an_id_twice_in_a_list_is_named_with_the_first() -> None:
    twice = told("pairing.goals_agreed", WHOLE["pairing.goals_agreed"] | {"goals": [GOAL, GOAL]})
    assert complaints(twice) == {"data.goals[1].id": "is the id of [0] too; each must have its own"}


def test_an_unknown_policy_figure_is_an_error_and_not_ignored() -> None:
    wrong = complaints(told("programme.opened", WHOLE["programme.opened"] | {"policy": {"terms": 3}}))
    assert list(wrong) == ["data.policy.terms"]
    assert "term_months" in wrong["data.policy.terms"]


def test_feedback_must_be_over_before_the_next_quarter() -> None:
    def opened(**policy: int) -> Fact | Invalid:
        return told("programme.opened", WHOLE["programme.opened"] | {"policy": policy})

    assert isinstance(opened(feedback_every_months=1, feedback_days=27), Fact)
    assert list(complaints(opened(feedback_every_months=1, feedback_days=28))) == ["data.policy.feedback_days"]
    assert list(complaints(opened(feedback_days=84))) == ["data.policy.feedback_days"]


def test_a_programme_without_figures_has_the_defaults() -> None:
    data = {name: value for name, value in WHOLE["programme.opened"].items() if name not in ("policy", "timezone")}
    outcome = told("programme.opened", data)
    assert isinstance(outcome, Fact)
    assert isinstance(outcome.data, ProgrammeOpened)
    assert (outcome.data.policy, outcome.data.timezone) == (Policy(), "UTC")
    assert outcome.data.starts_on == date(2026, 1, 5)


def test_a_change_of_nothing_is_no_change() -> None:
    assert list(complaints(told("participant.changed", {"manager": "e9"}))) == ["data"]
