"""How an event changes its shape, shown from the old bytes to the report.

No event of Pairway has changed yet, so the old shape here is made up: before `MeetingHeld` there was, let us say,
`MeetingTookPlace`, which counted in hours and called its notes the same. `upcast/` holds a line of it as it would have
been kept, sealed under the key and stream of the other samples. A real one goes into `domain/upcasts.py`, and its
samples stay in `samples/`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain import events
from domain.upcasts import UPCASTS
from eventstore.codec import Codec
from eventstore.pool import Pool
from eventstore.rows import Append, NewEvent
from projections.read import Reader
from projections.runner import Projector
from tests.domain.told import noon, through
from tests.history.test_history import KEY, STREAM
from tests.projections.record import open_record

OLD = "MeetingTookPlace"
(LINE,) = (Path(__file__).parent / "upcast" / f"{OLD}.ndjson").read_bytes().splitlines()


def from_hours(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    hours = data.pop("hours")
    return "MeetingHeld", {**data, "minutes": round(hours * 60)}


@pytest.fixture
def codec() -> Codec:
    return Codec(events.EVENTS, events.SEALED, {**UPCASTS, OLD: from_hours})


def test_the_old_bytes_are_read_as_todays_event_and_their_sealed_text_opens(codec: Codec) -> None:
    event = codec.decode(OLD, LINE)
    assert isinstance(event, events.MeetingHeld)
    assert (event.held_on, event.minutes) == (date(2025, 3, 4), 90)
    assert codec.opened(OLD, event, KEY, STREAM).notes == "golden notes"
    assert codec.opened(OLD, event, None, STREAM).notes == "(withheld)"


def test_an_old_event_counts_in_every_read_model_like_a_new_one(codec: Codec, pool: Pool) -> None:
    record = open_record(pool)
    record.write("pairing-one", through("first_meeting"))
    found = record.store.load(["pairing-one"])["pairing-one"]
    old = NewEvent("pairing-one", OLD, noon("2025-03-04"), "upstream", "urn:test", "old", None, LINE)
    record.store.append(Append(expected={"pairing-one": found.revision}, events=[old]), noon("2025-03-04"))
    record.store.seal(wait=True)
    projector = Projector(pool, record.store, codec, record.keyring)
    projector.catch_up()
    assert [each.stuck for each in projector.status()] == [()] * len(projector.models)
    shown = Reader(pool, codec, record.keyring).pairing("one", names=False)
    assert shown is not None
    assert record.rows(
        "SELECT sentence LIKE '%90 minutes%' FROM projection.timeline WHERE type = 'MeetingTookPlace'"
    ) == [(True,)]
    kept = [each.data for each in record.store.read_stream("pairing-one") if each.type == OLD]
    assert kept == [LINE], "what was recorded stays as it was recorded, and so do its hash and its proofs"
    models = record.read_models()
    projector.rebuild("all")
    assert record.read_models() == models


def test_without_its_upcast_an_old_event_is_told_and_nothing_is_guessed(pool: Pool) -> None:
    record = open_record(pool)
    with pytest.raises(Exception, match="MeetingTookPlace"):
        record.codec.decode(OLD, LINE)
