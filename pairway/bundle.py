"""The bundle for an auditor: a programme's events as they were recorded, and a manifest of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from api.trail import Trail, local
from eventstore.rows import StoredEvent
from pairway.faults import Fault
from pairway.wiring import Parts

EVENTS, MANIFEST = "events.ndjson", "manifest.json"
FORMAT = 1
EVERY = 1000  # events between two words on how far it is


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the bundle holds, so that a change to it, or a loss, is seen."""

    format: int
    programme: str
    made_at: str
    made_by: str
    events: int
    first_position: int | None
    last_position: int | None
    head: int
    types: dict[str, int]
    streams: int
    sha256: dict[str, str]


def write_bundle(parts: Parts, programme: str, out: Path, tell: Callable[[int], None]) -> Manifest:
    """Writes all of it, or nothing: the folder appears when it is whole. Raises Fault."""
    _refuse_full(out)
    parts.store.seal(wait=True)
    if not parts.store.read_stream(f"programme-{programme}", limit=1):
        raise Fault(f"There is no programme {programme} in the record.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            manifest = _write(parts, programme, beside, tell)
            _settle(beside, out)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise Fault(f"The bundle cannot be written to {out}: {error.strerror}.") from error
    return manifest


def lines(parts: Parts, trail: Trail, programme: str, until: int) -> Iterator[tuple[StoredEvent, bytes]]:
    """Each event with its line: its data flat beside the rest, confidential texts withheld."""
    encode = msgspec.json.Encoder().encode
    for event in parts.store.by_position(programme, until=until):
        shown = trail.shown(event)
        data = shown.pop("data")
        yield event, encode(shown | data) + b"\n"


def _write(parts: Parts, programme: str, folder: Path, tell: Callable[[int], None]) -> Manifest:
    trail = Trail(parts.store, parts.codec)
    head, digest = parts.store.head(), hashlib.sha256()
    types: dict[str, int] = {}
    streams: set[str] = set()
    first = last = None
    count = 0
    with (folder / EVENTS).open("wb") as file:
        for event, line in lines(parts, trail, programme, head):
            file.write(line)
            digest.update(line)
            types[event.type] = types.get(event.type, 0) + 1
            streams.add(event.stream)
            first, last, count = first or event.position, event.position, count + 1
            if count % EVERY == 0:
                tell(count)
        _sync(file.fileno(), file.flush)
    manifest = Manifest(
        format=FORMAT,
        programme=programme,
        made_at=local(parts.now(), trail.zone(programme)),
        made_by=f"pairway {version('pairway')}",
        events=count,
        first_position=first,
        last_position=last,
        head=head,
        types=dict(sorted(types.items())),
        streams=len(streams),
        sha256={EVENTS: digest.hexdigest()},
    )
    with (folder / MANIFEST).open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        _sync(file.fileno(), file.flush)
    return manifest


def _sync(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)


def _settle(beside: Path, out: Path) -> None:
    """Puts the whole folder in its place in one step."""
    beside.chmod(0o755)
    try:
        # an empty folder gives way; one that has been filled meanwhile does not
        beside.rename(out)
    except OSError as error:
        raise Fault(f"{out} is no empty folder any more: {error.strerror}. Nothing was written.") from error


def _refuse_full(out: Path) -> None:
    if out.is_dir():
        if any(out.iterdir()):
            raise Fault(f"{out} is not empty: give a new folder, so that no two bundles are mixed.")
    elif out.exists():
        raise Fault(f"{out} is a file: give a folder for the bundle.")
