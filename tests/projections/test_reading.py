"""What the readers get: the board by page, one pairing, the people, what is due, and no name without leave."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from domain import events
from domain.events import Role
from domain.policy import Policy
from projections.answers import SORTS, BoardQuery
from projections.due import due
from tests.domain.told import PROPOSED, day, noon, proposed, then, through
from tests.eventstore.writing import destroy_keys
from tests.projections.record import Record

ON = "2025-03-01"


def with_people(record: Record) -> None:
    """Three pairings: two of them with one mentor, one of them paused, one with a flag."""
    opened = events.ProgrammeOpened("P", "to learn", PROPOSED, "UTC", Policy(), (events.Competency("a", "A"),))
    record.write("programme-p", [(opened, noon(PROPOSED))])
    people: tuple[tuple[str, Role, str, str], ...] = (
        ("m1", "mentor", "Ada Byron", "Sales"),
        ("e1", "protege", "Kim Park", "Legal"),
        ("e2", "protege", "Zoë Costa", "Sales"),
    )
    for name, role, called, department in people:
        registered = events.ParticipantRegistered("p", role, name, called, f"{name}@x.org", None, department)
        record.write(f"participant-{name}", [(registered, noon(PROPOSED))])
    record.write("pairing-a", then(through("goals", 1), (events.FlagRaised("silent", "x"), ON)))
    record.write("pairing-b", then(through("registration", 2), (events.PairingPaused(day(ON), "leave"), ON)))
    record.write("pairing-c", proposed(3))
    record.projector.catch_up()


def found(record: Record, **query: Any) -> list[str]:
    page = record.reader.board(BoardQuery("p", **query), names=False)
    return [row.pairing for row in page.rows]


def test_the_board_is_filtered_sorted_and_paged(record: Record) -> None:
    with_people(record)
    assert found(record) == ["a", "b", "c"]
    assert found(record, step="registration") == ["c"]
    assert found(record, state="paused") == ["b"]
    assert found(record, health="at_risk") == ["a"]
    assert found(record, flag="silent") == ["a"]
    assert found(record, mentor="m2") == ["b"]
    assert found(record, department="Legal") == ["a"]
    assert found(record, descending=True) == ["c", "b", "a"]
    assert found(record, sort="step", descending=True) == ["a", "b", "c"]
    assert found(record, sort="health") == ["a", "c", "b"]
    assert found(record, sort="flags") == ["a", "b", "c"]
    assert found(record, sort="next_due") == ["c", "b", "a"]
    page = record.reader.board(BoardQuery("p", limit=1, offset=1), names=False)
    assert ([row.pairing for row in page.rows], page.total) == (["b"], 3)
    beyond = record.reader.board(BoardQuery("p", offset=9), names=False)
    assert (beyond.rows, beyond.total) == ([], 3)
    assert record.reader.departments("p") == ["Legal", "Sales"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_shows_every_pairing_once(record: Record, sort: str, descending: bool) -> None:
    with_people(record)
    assert sorted(found(record, sort=sort, descending=descending)) == ["a", "b", "c"]


def test_an_order_that_the_board_does_not_have_is_answered_with_those_it_has(record: Record) -> None:
    with pytest.raises(ValueError, match="not sorted by 'shoe size'"):
        record.reader.board(BoardQuery("p", sort="shoe size"), names=False)


def test_names_are_opened_only_with_leave_and_never_after_they_were_forgotten(record: Record) -> None:
    with_people(record)
    row = record.reader.board(BoardQuery("p"), names=True).rows[0]
    assert (row.mentor_name, row.protege_name) == ("Ada Byron", "Kim Park")
    assert record.reader.board(BoardQuery("p"), names=False).rows[0].mentor_name == "(withheld)"
    assert record.reader.board(BoardQuery("p"), names=True).rows[2].mentor_name == "(withheld)"
    person = record.reader.participant("m1", names=True)
    assert person is not None
    assert (person.name, person.email, person.pairings) == ("Ada Byron", "m1@x.org", ("a",))
    destroy_keys(record.store, "participant-m1")
    row = record.reader.board(BoardQuery("p"), names=True).rows[0]
    assert (row.mentor_name, row.protege_name) == ("(withheld)", "Kim Park")
    person = record.reader.participant("m1", names=True)
    assert person is not None
    assert (person.name, person.email) == ("(withheld)", "(withheld)")
    shown = record.reader.pairing("a", names=True)
    assert shown is not None
    assert (shown.mentor_name, shown.protege_name) == ("(withheld)", "Kim Park")


def test_a_name_that_is_kept_in_memory_is_gone_with_its_key_and_the_memory_is_emptied(record: Record) -> None:
    with_people(record)
    reader, keyring = record.reader, record.reader.keyring
    assert reader.names("p") == reader.names("p") == {"m1": "Ada Byron", "e1": "Kim Park", "e2": "Zoë Costa"}
    destroy_keys(record.store, "participant-m1")
    assert reader.names("p") == {"e1": "Kim Park", "e2": "Zoë Costa"}
    assert any(kept.cache_info().currsize for kept in keyring._kept)
    keyring.let_go()
    assert not any(kept.cache_info().currsize for kept in keyring._kept)
    assert reader.names("p") == {"e1": "Kim Park", "e2": "Zoë Costa"}


def test_no_name_lies_open_in_the_read_models(record: Record) -> None:
    with_people(record)
    said = events.EvaluationGiven("mentor", 5, True, False, day(ON), "our secret", None, None)
    record.write("pairing-a", [(events.MeetingHeld(day(ON), 30, notes="our secret"), noon(ON)), (said, noon(ON))])
    record.projector.catch_up()
    for rows in record.read_models().values():
        for row in rows:
            everything = repr(row)
            assert "Byron" not in everything
            assert "x.org" not in everything
            assert "secret" not in everything


def test_a_pairing_tells_where_it_stands(record: Record) -> None:
    with_people(record)
    shown = record.reader.pairing("a", names=False)
    assert shown is not None
    assert (shown.state, shown.step, shown.health) == ("active", "first_meeting", "at_risk")
    assert [(deadline.kind, deadline.missed) for deadline in shown.deadlines] == [("first_meeting", False)]
    assert [(flag.signal, flag.since, flag.acknowledged) for flag in shown.flags] == [("silent", noon(ON), False)]
    assert shown.waiting == []
    assert record.reader.pairing("nobody", names=True) is None
    assert record.reader.participant("nobody", names=True) is None


def test_the_programmes_are_listed_with_how_many_are_in_them(record: Record) -> None:
    with_people(record)
    [only] = record.reader.programmes()
    assert (only.programme.id, only.programme.name, only.pairings, only.people) == ("p", "P", 3, 3)
    assert record.reader.programme("p") == only
    assert record.reader.programme("q") is None


def test_who_is_due_is_listed_but_not_while_an_import_is_open(record: Record, owner: psycopg.Connection[Any]) -> None:
    with_people(record)
    assert due(record.pool, noon("2025-01-20")) == []
    everyone = due(record.pool, noon("2025-12-31"))
    assert [(one.pairing, one.mentor, one.due_at.isoformat()) for one in everyone] == [
        ("a", "m1", "2025-01-25T00:00:00+00:00"),
        ("c", "m3", "2025-01-21T00:00:00+00:00"),
    ]
    assert due(record.pool, noon("2025-12-31"), 1) == everyone[:1]
    owner.execute("INSERT INTO pairway.import (name, opened_at) VALUES ('log', now())")
    owner.execute("INSERT INTO pairway.import_programme SELECT id, 'p' FROM pairway.import")
    assert due(record.pool, noon("2025-12-31")) == []
    owner.execute("UPDATE pairway.import SET finished_at = now()")
    assert due(record.pool, noon("2025-12-31")) == everyone


def test_a_fact_that_waits_is_shown_with_its_pairing(record: Record) -> None:
    record.take("corners.ndjson")
    record.projector.catch_up()
    [(stream, arrivals)] = record.rows(
        "SELECT stream, array_agg(arrival ORDER BY arrival) FROM pairway.inbox"
        " WHERE disposition = 'parked' AND programme IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 1"
    )
    shown = record.reader.pairing(stream.partition("-")[2], names=False)
    assert shown is not None
    assert [fact.arrival for fact in shown.waiting] == arrivals
