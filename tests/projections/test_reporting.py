"""The live report and the report as of then are one report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.report import AUDIENCES, Audience
from tests.eventstore.writing import destroy_keys
from tests.projections.record import SWEPT, Record


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize(
    ("log", "programme"),
    [("corners.ndjson", "corners"), ("corners.ndjson", "strict"), ("small.ndjson", "leaders-2025")],
)
def test_the_live_report_is_the_report_as_of_now(record: Record, log: str, programme: str, audience: Audience) -> None:
    record.take(log)
    record.sweep()
    record.projector.catch_up()
    live = record.reports.live(programme, SWEPT, audience)
    then = record.reports.as_of(programme, SWEPT, audience)
    assert live is not None
    assert then is not None
    assert live["pairings"]["proposed"] or audience == "management"
    assert datetime.fromisoformat(live.pop("as_of")) == datetime.fromisoformat(then.pop("as_of"))
    assert live == then


def test_the_report_as_of_a_day_is_the_one_that_was_made_on_that_day(record: Record) -> None:
    record.take("small.ndjson", last=200)
    record.projector.catch_up()
    [(then,)] = record.rows("SELECT max(at) FROM pairway.event")
    made = record.reports.live("leaders-2025", then)
    record.take("small.ndjson", first=200)
    record.sweep()
    record.projector.catch_up()
    again = record.reports.as_of("leaders-2025", then)
    assert made is not None
    assert again is not None
    # What waits and what was refused is told as it stands now, in both.
    for part in ("as_of", "facts"):
        del made[part], again[part]
    assert made["pairings"]["proposed"] > 0
    assert made == again
    assert record.reports.live("leaders-2025", SWEPT) != made


def test_a_programme_that_was_not_there_has_no_report(record: Record) -> None:
    record.take("small.ndjson")
    record.projector.catch_up()
    assert record.reports.live("nowhere", SWEPT) is None
    assert record.reports.as_of("leaders-2025", datetime(2020, 1, 1, tzinfo=UTC)) is None


def test_what_was_learned_is_gone_with_the_key_of_its_pairing(record: Record) -> None:
    record.take("small.ndjson")
    record.sweep()
    record.projector.catch_up()
    full = record.reports.live("leaders-2025", SWEPT)
    assert full is not None
    assert full["learned"]["worked"]
    pairings = [row[0] for row in record.rows("SELECT 'pairing-' || pairing FROM projection.board")]
    destroy_keys(record.store, *pairings)
    for found in (record.reports.live("leaders-2025", SWEPT), record.reports.as_of("leaders-2025", SWEPT)):
        assert found is not None
        assert found["learned"] == {"worked": [], "did_not": [], "why": []}
        assert found["evaluation"] == full["evaluation"]
