"""Events as bytes: what is sealed stays sealed, and old shapes become today's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from eventstore.codec import Codec, MissingKey, UnknownEvent
from eventstore.keys import CannotOpen

KEY = b"k" * 32


@dataclass(frozen=True, slots=True)
class Noted:
    on: date
    at: datetime
    text: str | None = None
    more: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    number: int


def noted(text: str | None = None, more: str | None = None) -> Noted:
    return Noted(date(2026, 1, 5), datetime(2026, 1, 5, 8, 0, tzinfo=UTC), text, more, ("a",))


@pytest.fixture
def codec() -> Codec:
    return Codec({"Noted": Noted, "Counted": Counted}, {"Noted": ("text", "more")})


def test_an_event_without_sealed_fields_is_plain_json(codec: Codec) -> None:
    assert codec.encode(Counted(3), None, "pairing-1") == b'{"number":3}'
    assert codec.decode("Counted", b'{"number":3}') == Counted(3)


def test_a_sealed_text_is_nowhere_in_the_bytes_and_opens_with_the_key(codec: Codec) -> None:
    event = noted("Sehr offenes Gespräch", None)
    data = codec.encode(event, KEY, "pairing-1")
    assert "Sehr offenes Gespräch".encode() not in data
    stored = codec.decode("Noted", data)
    assert stored.text.startswith("sealed:1:")
    assert stored.more is None
    assert codec.opened("Noted", stored, KEY, "pairing-1") == event
    assert codec.opened("Noted", stored, None, "pairing-1") == noted("(withheld)", None)


def test_the_same_text_never_seals_to_the_same_bytes(codec: Codec) -> None:
    assert codec.encode(noted("x"), KEY, "pairing-1") != codec.encode(noted("x"), KEY, "pairing-1")


def test_a_text_that_looks_sealed_or_is_empty_is_sealed_all_the_same(codec: Codec) -> None:
    event = noted("sealed:1:abc", "")
    stored = codec.decode("Noted", codec.encode(event, KEY, "pairing-1"))
    assert codec.opened("Noted", stored, KEY, "pairing-1") == event


def test_a_sealed_text_opens_only_in_its_own_stream_event_and_field(codec: Codec) -> None:
    stored = codec.decode("Noted", codec.encode(noted("x"), KEY, "pairing-1"))
    with pytest.raises(CannotOpen):
        codec.opened("Noted", stored, KEY, "pairing-2")
    with pytest.raises(CannotOpen):
        codec.opened("Other", stored, KEY, "pairing-1")
    with pytest.raises(CannotOpen):
        codec.opened("Noted", noted(None, stored.text), KEY, "pairing-1")
    with pytest.raises(CannotOpen):
        codec.opened("Noted", stored, b"j" * 32, "pairing-1")


def test_a_text_to_be_sealed_is_never_written_without_a_key(codec: Codec) -> None:
    with pytest.raises(MissingKey, match=r"Noted\.text of pairing-1"):
        codec.encode(noted("x"), None, "pairing-1")
    assert codec.encode(noted(), None, "pairing-1")


def test_what_is_written_for_a_forgotten_person_is_withheld_for_ever(codec: Codec) -> None:
    data = codec.encode(noted("secret"), None, "pairing-1", forgotten=True)
    assert b"secret" not in data
    assert codec.opened("Noted", codec.decode("Noted", data), KEY, "pairing-1") == noted("(withheld)")


def test_a_field_of_the_future_is_ignored_and_a_new_optional_one_is_free(codec: Codec) -> None:
    old = b'{"on":"2026-01-05","at":"2026-01-05T08:00:00Z","colour":"red"}'
    assert codec.decode("Noted", old) == Noted(date(2026, 1, 5), datetime(2026, 1, 5, 8, 0, tzinfo=UTC))


def test_old_shapes_are_led_one_by_one_to_todays() -> None:
    def from_words(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "CountedAsText", {"number": {"three": "3"}[data["word"]]}

    def from_text(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "Counted", {"number": int(data["number"])}

    codec = Codec({"Counted": Counted}, {}, {"CountedInWords": from_words, "CountedAsText": from_text})
    assert codec.decode("CountedInWords", b'{"word":"three"}') == Counted(3)
    assert codec.decode("CountedAsText", b'{"number":"4"}') == Counted(4)
    assert codec.decode("Counted", b'{"number":5}') == Counted(5)


def test_a_sealed_text_of_an_old_shape_opens_as_todays_event() -> None:
    @dataclass(frozen=True)
    class Remark:
        text: str

    old = Codec({"Remark": Remark}, {"Remark": ("text",)}).encode(Remark("x"), KEY, "pairing-1")

    def from_remark(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "Noted", {"on": "2026-01-05", "at": "2026-01-05T08:00:00Z", "tags": ["a"], **data}

    codec = Codec({"Noted": Noted}, {"Noted": ("text", "more")}, {"Remark": from_remark})
    assert codec.opened("Remark", codec.decode("Remark", old), KEY, "pairing-1") == noted("x")


def test_an_event_is_either_written_or_upcast(codec: Codec) -> None:
    with pytest.raises(ValueError, match="Counted"):
        Codec({"Counted": Counted}, {}, {"Counted": lambda data: ("Counted", data)})
    with pytest.raises(UnknownEvent, match="'Dreamt'"):
        codec.decode("Dreamt", b"{}")


def test_data_of_the_wrong_shape_is_an_error_and_no_event(codec: Codec) -> None:
    with pytest.raises(msgspec.ValidationError):
        codec.decode("Counted", b'{"number":"3"}')
