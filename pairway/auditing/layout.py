"""What is in a bundle for an auditor, for those who write one and those who check it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from api.trail import shown
from eventstore.codec import Codec
from eventstore.leaf import Row

EVENTS = "events.ndjson"  # each event for people and programs, confidential texts withheld
RECORD = "record.ndjson"  # each event with every column as it is stored, confidential texts encrypted
CHECKPOINT = "checkpoint"  # the signed head of the log
KEY = "key"  # what its signature is checked with
TILES = "tile"  # the hashes that lead from each event to the head
MANIFEST, SIGNED = "manifest.json", "manifest.signed"
FORMAT = 2

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the bundle holds, so that a change to it, or a loss, is seen."""

    format: int
    programme: str
    timezone: str
    made_at: str
    made_by: str
    events: int
    first_position: int | None
    last_position: int | None
    head: int
    types: dict[str, int]
    streams: int
    sha256: dict[str, str]


def flat_line(row: Row, codec: Codec, zone: ZoneInfo) -> bytes:
    """The event as it stands in `events.ndjson`: its data flat beside the rest, confidential texts withheld."""
    told = shown(row, codec, zone)
    data = told.pop("data")
    return _encode(told | data) + b"\n"


def record_line(row: Row) -> bytes:
    """The event as it stands in `record.ndjson`: every column, and `data` as base64 of the bytes that are stored."""
    return _encode(row) + b"\n"


def signed_text(origin: str, manifest: bytes) -> str:
    """What is signed for a manifest; no checkpoint can look so, since its second line is a number."""
    return f"{origin}\nmanifest of a bundle\n{b64encode(sha256(manifest).digest()).decode()}\n"
