"""Every sealed event reaches every read model exactly once, whoever runs, dies or stumbles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from domain import events
from eventstore.rows import StoredEvent
from projections.board import BOARD
from projections.runner import MODELS, Projector
from tests.domain.told import day, noon, proposed, then, through
from tests.projections.record import Record

ON = "2025-03-01"


def projector(record: Record, *models: Any) -> Projector:
    return Projector(record.pool, record.store, record.codec, record.keyring, models or MODELS)


def test_an_empty_record_gives_empty_read_models_at_position_0(record: Record) -> None:
    assert record.projector.catch_up() == 0
    assert record.read_models() == {"programmes": [], "people": [], "board": [], "timeline": [], "occurrences": []}
    assert [(found.position, found.lag, found.stuck) for found in record.projector.status()] == [(0, 0, ())] * 5


def test_the_board_has_a_row_a_pairing_with_what_the_screen_shows(record: Record) -> None:
    raised = then(through("first_meeting"), (events.FlagRaised("silent", "x"), ON))
    record.write("pairing-one", raised)
    record.projector.catch_up()
    [row] = record.rows(
        "SELECT pairing, programme, mentor, protege, state, step, step_number, health, next_due_on::text,"
        " next_due_kind, flags, ends_on::text, due_at::text, version, position FROM projection.board"
    )
    assert row == (
        "one",
        "p",
        "m1",
        "e1",
        "active",
        "meetings",
        6,
        "at_risk",
        "2025-01-25",
        "meeting",
        ["silent"],
        "2026-01-06",
        "2025-01-26 00:00:00+00",
        len(raised),
        len(raised),
    )


def test_the_timeline_has_a_row_an_event_with_where_the_pairing_then_stood(record: Record) -> None:
    record.write("pairing-one", through("registration"))
    record.projector.catch_up()
    record.write("pairing-one", [(events.PairingClosedEarly("other", "hr", day(ON), "assessment", ()), noon(ON))])
    record.projector.catch_up()
    told = record.reader.timeline("one")
    assert [(row.version, row.type, row.step) for row in told] == [
        (1, "PairingProposed", "registration"),
        (2, "StepEntered", "registration"),
        (3, "StepCompleted", "registration"),
        (4, "StepEntered", "assessment"),
        (5, "PairingClosedEarly", "closed_early"),
    ]
    assert told[-1].sentence == "Closed early on 2025-03-01 by HR in the assessment: other."
    assert [row.version for row in record.reader.timeline("one", after=3, limit=1)] == [4]


def test_batches_of_any_size_come_to_the_same_rows(record: Record) -> None:
    record.take("corners.ndjson")
    while record.projector.step(limit=7):
        pass
    in_sevens = record.read_models()
    for number in range(len(MODELS)):
        record.projector.rebuild(MODELS[number].name)
    assert record.read_models() == in_sevens


def test_a_runner_that_dies_between_batch_and_commit_loses_nothing_and_doubles_nothing(record: Record) -> None:
    record.write("pairing-one", through("goals"))
    record.write("pairing-two", through("first_meeting", 2))
    record.projector.prepare()
    with record.pool.connection() as conn:
        # The last statement of a batch, when all its rows are written, is the one that moves the checkpoints.
        conn.execute("ALTER TABLE projection.model ADD CONSTRAINT cut CHECK (position = 0)")
    with pytest.raises(psycopg.errors.CheckViolation):
        record.projector.step()
    assert record.read_models() == {"programmes": [], "people": [], "board": [], "timeline": [], "occurrences": []}
    with record.pool.connection() as conn:
        conn.execute("ALTER TABLE projection.model DROP CONSTRAINT cut")
    assert record.projector.catch_up() == record.store.head()
    found = record.read_models()
    record.projector.rebuild("all")
    assert record.read_models() == found
    assert len(found["timeline"]) == record.store.head()


def test_of_two_runners_on_one_batch_one_wins_and_the_other_steps_back(record: Record) -> None:
    record.write("pairing-one", through("goals"))
    first, second = projector(record), projector(record)
    first.prepare()
    with record.pool.connection() as conn, conn.transaction():
        # The first is in the middle of the batch: it holds the checkpoints.
        known = conn.execute("SELECT name, number, position FROM projection.model ORDER BY name FOR UPDATE").fetchall()
        with ThreadPoolExecutor(1) as beside:
            waiting = beside.submit(second.step)
            until_someone_waits(record)
            conn.execute("UPDATE projection.model SET position = 3")
            conn.execute("COMMIT")
            conn.execute("BEGIN")
            assert waiting.result(timeout=20) > 0
    assert {row[2] for row in known} == {0}
    assert record.rows("SELECT count(*) FROM projection.timeline") == [(0,)]
    assert {found.position for found in second.status()} == {3}


def test_two_runners_at_once_come_to_the_same_rows_as_one(record: Record) -> None:
    record.take("corners.ndjson")
    one, other = projector(record), projector(record)

    def run(runner: Projector) -> None:
        while runner.step(limit=20):
            pass

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(run, one), both.submit(run, other)]:
            done.result(timeout=60)
    found = record.read_models()
    assert len(found["timeline"]) > 300
    record.projector.rebuild("all")
    assert record.read_models() == found


def poisoned(event: events.Event) -> bool:
    return isinstance(event, events.FlagRaised)


def stumbling() -> Any:
    """A board that cannot take a flag."""

    def evolve(folded: Any, stored: StoredEvent, event: events.Event) -> None:
        BOARD.evolve(folded, stored, event)
        if poisoned(event):
            raise LookupError("no such flag")

    return replace(BOARD, evolve=evolve)


def test_an_event_that_cannot_be_folded_parks_its_stream_and_nothing_else(record: Record) -> None:
    bad = then(through("goals", 1), (events.FlagRaised("overdue", "x"), ON), (events.FlagCleared("overdue", "y"), ON))
    record.write("pairing-bad", bad)
    record.write("pairing-good", through("goals", 2))
    others = [model for model in MODELS if model is not BOARD]
    runner = projector(record, *others, stumbling())
    assert runner.catch_up() == record.store.head()
    record.write("pairing-bad", [(events.PairingPaused(day(ON), "leave"), noon(ON))])
    record.write("pairing-good", [(events.PairingPaused(day(ON), "leave"), noon(ON))])
    runner.catch_up()
    [stuck] = next(found.stuck for found in runner.status() if found.name == "board")
    assert (stuck.stream, stuck.version, stuck.type) == ("pairing-bad", len(bad) - 1, "FlagRaised")
    assert stuck.error == "LookupError: no such flag"
    rows = dict(record.rows("SELECT pairing, (version, state)::text FROM projection.board"))
    assert rows == {"bad": f"({len(bad) - 2},active)", "good": f"({len(through('goals', 2)) + 1},paused)"}
    assert len(record.reader.timeline("bad")) == len(bad) + 1
    stumbled = record.read_models()
    runner.rebuild("board")
    assert record.read_models() == stumbled
    assert [found.stuck for found in runner.status() if found.name == "board"] == [(stuck,)]
    # Once the code can take it, a rebuild sets the stream going again.
    record.projector.rebuild("board")
    assert [found.stuck for found in record.projector.status()] == [()] * len(MODELS)
    assert dict(record.rows("SELECT pairing, state FROM projection.board")) == {"bad": "paused", "good": "paused"}


def test_an_event_of_an_unknown_name_parks_its_stream_where_it_is_read(
    record: Record, owner: psycopg.Connection[Any]
) -> None:
    record.write("pairing-one", proposed())
    record.projector.catch_up()
    del record.codec._types["FlagRaised"], record.codec._decoders["FlagRaised"]
    later = type(record.codec)(events.EVENTS, events.SEALED)
    data = later.encode(events.FlagRaised("overdue", "x"), None, "pairing-one")
    owner.execute(
        sql.SQL(
            "INSERT INTO pairway.event (programme, stream, version, type, at, recorded_at, actor, cause_source,"
            " cause_id, data) VALUES ('p', 'pairing-one', 3, 'FlagRaised', now(), now(), 'x', 'x', 'x', %s)"
        ),
        (data,),
    )
    record.store.seal(wait=True)
    record.projector.catch_up()
    stuck = {found.name: [one.version for one in found.stuck] for found in record.projector.status()}
    assert stuck == {"programmes": [], "people": [], "board": [3], "timeline": [3], "occurrences": [3]}
    assert record.rows("SELECT version FROM projection.board") == [(2,)]


def until_someone_waits(record: Record) -> None:
    for _ in range(2000):
        [(waiting,)] = record.rows(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE datname = current_database() AND NOT granted"
        )
        if waiting:
            return
    raise AssertionError("nobody waited for the checkpoints")
