"""Every shape in which an event was ever written loads for ever: a line once in `samples/` is never changed.

A sample is the data of one event exactly as the record keeps it. A new optional field needs a new line; a new shape
needs a new event, an upcast from the old one, and leaves the old one's samples where they are.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from domain.events import EVENTS, SEALED
from domain.upcasts import UPCASTS
from eventstore.codec import Codec

FOLDER = Path(__file__).parent / "samples"
FILES = {file.stem: file.read_bytes().splitlines() for file in sorted(FOLDER.glob("*.ndjson"))}
SAMPLES = [(name, line) for name, lines in FILES.items() for line in lines]

# The samples were sealed under this key, for a stream of this name; each sealed text says "golden" and its field.
KEY = bytes(range(32))
STREAM = "golden"


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(EVENTS, SEALED, UPCASTS)


def test_every_event_that_can_be_recorded_has_a_sample() -> None:
    assert FILES.keys() >= EVENTS.keys()


@pytest.mark.parametrize(("name", "line"), SAMPLES)
def test_a_sample_loads_and_nothing_in_it_is_lost(codec: Codec, name: str, line: bytes) -> None:
    event = codec.decode(name, line)
    assert codec.name(event) in EVENTS
    if name in EVENTS:
        written = msgspec.json.decode(line)
        loaded = msgspec.json.decode(msgspec.json.encode(event))
        assert {field: loaded[field] for field in written} == written


@pytest.mark.parametrize(("name", "line"), SAMPLES)
def test_the_sealed_texts_of_a_sample_open_with_its_key_and_only_with_it(codec: Codec, name: str, line: bytes) -> None:
    event = codec.decode(name, line)
    opened = codec.opened(name, event, KEY, STREAM)
    withheld = codec.opened(name, event, None, STREAM)
    for field in SEALED.get(codec.name(event), ()):
        if getattr(event, field) is not None:
            assert getattr(event, field).startswith("sealed:1:")
            assert getattr(opened, field) == f"golden {field}"
            assert getattr(withheld, field) == "(withheld)"


@pytest.mark.parametrize("name", EVENTS)
def test_the_shape_in_which_an_event_is_written_today_is_among_its_samples(codec: Codec, name: str) -> None:
    """With every field filled in; add a line where a field is new."""
    today = [
        line
        for line in FILES[name]
        if msgspec.json.decode(msgspec.json.encode(codec.decode(name, line))) == msgspec.json.decode(line)
    ]
    assert today
    assert any(None not in msgspec.json.decode(line).values() for line in today)


@pytest.mark.parametrize(("name", "line"), [each for each in SAMPLES if each[0] in EVENTS])
def test_an_event_written_again_loads_as_the_same_event(codec: Codec, name: str, line: bytes) -> None:
    event = codec.opened(name, codec.decode(name, line), KEY, STREAM)
    again = codec.encode(event, KEY, STREAM)
    assert codec.opened(name, codec.decode(name, again), KEY, STREAM) == event
