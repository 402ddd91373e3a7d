"""A rebuild changes no row, disturbs nobody, and is switched in at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain import events
from projections.board import BOARD
from projections.rebuild import Rebuilding
from projections.runner import MODELS, Projector, UnknownModel
from tests.domain.told import then, through
from tests.projections.record import Record


@pytest.mark.parametrize("log", ["corners.ndjson", "small.ndjson"])
def test_rebuilding_changes_no_row(record: Record, log: str) -> None:
    record.take(log)
    record.projector.catch_up()
    record.sweep()
    record.projector.catch_up()
    found = record.read_models()
    assert all(found.values())
    heard: list[tuple[int, int]] = []
    done = record.projector.rebuild("all", lambda so_far, total: heard.append((so_far, total)))
    assert done == record.store.head()
    assert heard[-1] == (done, done)
    assert record.read_models() == found
    for model in MODELS:
        record.projector.rebuild(model.name)
        assert record.read_models() == found


def test_several_processes_make_the_same_rows_as_one(record: Record) -> None:
    record.take("corners.ndjson")
    record.projector.catch_up()
    of_no_round = then(through("registration"), (events.FeedbackClosed(9, ()), "2025-03-01"))
    record.write("pairing-stuck", of_no_round)
    record.projector.catch_up()
    found, stuck = record.read_models(), [one.stuck for one in record.projector.status()]
    assert any(stuck)
    assert record.projector.rebuild("all", processes=2) == record.store.head()
    assert record.read_models() == found
    assert [one.stuck for one in record.projector.status()] == stuck


def test_a_rebuild_takes_along_what_is_sealed_and_projected_meanwhile(record: Record) -> None:
    record.write("pairing-one", through("registration"))
    record.projector.catch_up()
    more = through("goals")[len(through("registration")) :]

    def meanwhile(done: int, total: int) -> None:
        if not wrote:
            wrote.append(done)
            record.write("pairing-one", more)
            record.write("pairing-two", through("goals", 2))
            record.projector.catch_up()

    wrote: list[int] = []
    record.projector.rebuild("all", meanwhile)
    assert wrote
    assert {found.lag for found in record.projector.status()} == {0}
    found = record.read_models()
    assert [row[0] for row in found["board"]] == ["one", "two"]
    assert len(found["timeline"]) == record.store.head()
    record.projector.rebuild("all")
    assert record.read_models() == found


def test_a_rebuild_leaves_one_table_a_read_model(record: Record) -> None:
    record.write("pairing-one", through("registration"))
    record.projector.rebuild("board")
    record.projector.rebuild("board")
    tables = record.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'projection' AND tablename LIKE 'board%'")
    assert tables == [("board_3",)]


def test_a_rebuild_that_died_leaves_nothing_in_the_way_of_the_next(record: Record) -> None:
    record.write("pairing-one", through("registration"))
    record.projector.catch_up()
    found = record.read_models()

    def dies(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record.projector.rebuild("all", dies)
    assert record.read_models() == found
    record.projector.rebuild("all")
    assert record.read_models() == found


def test_only_one_rebuilds_a_read_model_at_a_time(record: Record) -> None:
    record.projector.prepare()

    def again(done: int, total: int) -> None:
        with pytest.raises(Rebuilding, match="being rebuilt already"):
            record.projector.rebuild("board")

    record.projector.rebuild("board", again)


def test_a_name_that_no_read_model_has_is_answered_with_those_there_are(record: Record) -> None:
    with pytest.raises(UnknownModel, match="programmes, people, board, timeline, occurrences, and all"):
        record.projector.rebuild("bored")


def test_a_read_model_whose_rows_have_a_new_shape_is_rebuilt_at_the_start(record: Record) -> None:
    record.write("pairing-one", through("registration"))
    record.projector.catch_up()
    found = record.read_models()
    newer = replace(BOARD, blob_shape="another")
    assert newer.shape != BOARD.shape
    models = [newer if model is BOARD else model for model in MODELS]
    upgraded = Projector(record.pool, record.store, record.codec, record.keyring, models)
    upgraded.prepare()
    assert record.rows("SELECT number FROM projection.model WHERE name = 'board'") == [(2,)]
    assert record.read_models() == found
    # One of the old version, still running, leaves it alone and goes on with the others.
    record.write("pairing-two", through("registration", 2))
    record.projector.catch_up()
    assert {name: len(rows) for name, rows in record.read_models().items()} == {
        "programmes": 0,
        "people": 0,
        "board": 1,
        "timeline": 8,
        "occurrences": 0,
    }
    upgraded.catch_up()
    assert len(record.read_models()["board"]) == 2
