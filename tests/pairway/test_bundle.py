"""The bundle for an auditor holds every event of a programme, and nothing that was told in confidence."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from domain import events
from pairway.bundle import write_bundle
from pairway.faults import Fault
from pairway.wiring import Parts
from tests.parts import log, recorded

OUTER = ("position", "stream", "version", "type", "at", "recorded_at", "actor", "cause", "correlation")


@pytest.fixture
def programme(parts: Parts) -> str:
    facts = log(6)
    parts.recorder.take(facts)
    name: str = json.loads(facts[0])["subject"]
    return name


def exported(parts: Parts, programme: str, out: Path) -> list[dict[str, object]]:
    write_bundle(parts, programme, out, lambda _done: None)
    return [json.loads(line) for line in (out / "events.ndjson").read_bytes().splitlines()]


def test_it_holds_every_event_in_the_global_order_with_its_data_beside_the_rest(
    parts: Parts, programme: str, tmp_path: Path
) -> None:
    found = exported(parts, programme, tmp_path / "bundle")

    assert [each["position"] for each in found] == list(range(1, len(found) + 1))
    assert len(found) == sum(len(stream) for stream in recorded(parts).values())
    assert all(tuple(each)[: len(OUTER)] == OUTER for each in found)
    held = next(each for each in found if each["type"] == "MeetingHeld")
    assert {"held_on", "minutes"} <= held.keys()
    assert datetime.fromisoformat(str(held["at"])).utcoffset(), "in the programme's own time zone"


def test_no_field_of_an_event_hides_what_every_line_says() -> None:
    for name, kind in events.EVENTS.items():
        assert not set(kind.__dataclass_fields__) & set(OUTER), name


def test_what_was_told_in_confidence_is_withheld(parts: Parts, programme: str, tmp_path: Path) -> None:
    found = exported(parts, programme, tmp_path / "bundle")

    sealed = [(each, field) for each in found for field in events.SEALED.get(str(each["type"]), ())]
    assert sealed
    assert {each.get(field) for each, field in sealed} <= {"(withheld)", None}
    assert b"@example" not in (tmp_path / "bundle" / "events.ndjson").read_bytes()


def test_the_manifest_tells_the_file_whole(parts: Parts, programme: str, tmp_path: Path) -> None:
    found = exported(parts, programme, tmp_path / "bundle")
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_bytes())

    told = hashlib.sha256((tmp_path / "bundle" / "events.ndjson").read_bytes()).hexdigest()
    assert manifest["sha256"]["events.ndjson"] == told
    assert manifest["events"] == len(found) == sum(manifest["types"].values())
    assert (manifest["first_position"], manifest["last_position"]) == (1, len(found))
    assert manifest["programme"] == programme


def test_a_folder_that_holds_something_is_left_alone(parts: Parts, programme: str, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").touch()

    with pytest.raises(Fault, match="is not empty"):
        exported(parts, programme, full)
    with pytest.raises(Fault, match="is a file"):
        exported(parts, programme, full / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_an_empty_folder_is_filled(parts: Parts, programme: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert exported(parts, programme, empty)


def test_a_programme_that_is_not_there_leaves_no_folder(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="There is no programme nobody"):
        exported(parts, "nobody", tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_half_way_leaves_nothing_behind(parts: Parts, programme: str, tmp_path: Path) -> None:
    def breaks(_done: int) -> None:
        raise KeyboardInterrupt

    parts.recorder.take(log(60, seed=8))
    with pytest.raises(KeyboardInterrupt):
        write_bundle(parts, programme, tmp_path / "bundle", breaks)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("checkpoints")] == []
