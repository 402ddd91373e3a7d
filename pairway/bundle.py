"""The bundle for an auditor: a programme's events as they were recorded, and the proof that each was."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from api.trail import Trail, local
from eventstore import tiles
from eventstore.checkpoints import Forked, Head
from eventstore.notes import BadNote
from pairway.auditing import layout
from pairway.auditing.check import NotSound, check
from pairway.auditing.layout import CHECKPOINT, EVENTS, KEY, MANIFEST, RECORD, SIGNED, TILES, Manifest
from pairway.faults import Fault
from pairway.wiring import Parts

EVERY = 1000  # events between two words on how far it is
TOGETHER = 256  # tiles read at once


def write_bundle(parts: Parts, programme: str, out: Path, tell: Callable[[int], None]) -> Manifest:
    """Writes all of it, or nothing: the folder appears when it is whole and has been checked. Raises Fault."""
    _refuse_full(out)
    parts.store.seal(wait=True)
    if not parts.store.read_stream(f"programme-{programme}", limit=1):
        raise Fault(f"There is no programme {programme} in the record.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            manifest = _write(parts, programme, beside, tell)
            check(beside, parts.codec, parts.proofs.verifier)
            _settle(beside, out)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise Fault(f"The bundle cannot be written to {out}: {error.strerror}.") from error
    except (Forked, BadNote, NotSound, tiles.NoTile) as error:
        raise Fault(f"{error} No bundle was written; audit verify says more.", exit_code=1) from error
    return manifest


def _write(parts: Parts, programme: str, folder: Path, tell: Callable[[int], None]) -> Manifest:
    head = parts.proofs.make(parts.now)
    assert head is not None, "it was waited for"
    zone = Trail(parts.store, parts.codec).zone(programme)
    types: Counter[str] = Counter()
    streams: set[str] = set()
    positions: list[int] = []
    told, stored = sha256(), sha256()
    with (folder / EVENTS).open("wb") as events, (folder / RECORD).open("wb") as record:
        for row in parts.proofs.rows(programme, head.size):
            for file, digest, line in (
                (events, told, layout.flat_line(row, parts.codec, zone)),
                (record, stored, layout.record_line(row)),
            ):
                file.write(line)
                digest.update(line)
            types[row.type] += 1
            streams.add(row.stream)
            positions.append(row.position)
            if len(positions) % EVERY == 0:
                tell(len(positions))
        _sync(events.fileno(), events.flush)
        _sync(record.fileno(), record.flush)
    _write_tiles(parts, folder / TILES, positions, head)
    key = f"{parts.proofs.verifier}\n".encode()
    _write_file(folder / CHECKPOINT, head.note.encode())
    _write_file(folder / KEY, key)
    manifest = Manifest(
        format=layout.FORMAT,
        programme=programme,
        timezone=zone.key,
        made_at=local(parts.now(), zone),
        made_by=f"pairway {version('pairway')}",
        events=len(positions),
        first_position=positions[0] if positions else None,
        last_position=positions[-1] if positions else None,
        head=head.size,
        types=dict(sorted(types.items())),
        streams=len(streams),
        sha256={
            EVENTS: told.hexdigest(),
            RECORD: stored.hexdigest(),
            CHECKPOINT: sha256(head.note.encode()).hexdigest(),
        },
    )
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    _write_file(folder / MANIFEST, written)
    signer = parts.proofs.signer
    _write_file(folder / SIGNED, signer.sign(layout.signed_text(signer.name, written)).encode())
    return manifest


def _write_tiles(parts: Parts, folder: Path, positions: list[int], head: Head) -> None:
    """The tiles that the events are leaves of, and all above them."""
    wanted = {(0, (position - 1) // tiles.WIDE) for position in positions}
    wanted.update(tiles.right_edge(head.size))
    for level in range(1, tiles.HIGH):
        wanted.update(tiles.places(head.size, level))
    ordered = sorted(wanted)
    for first in range(0, len(ordered), TOGETHER):
        found = parts.proofs.tiles(ordered[first : first + TOGETHER], head.size)
        for place, hashes in found.items():
            path = folder / tiles.path(*place, tiles.width(head.size, *place))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(hashes)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        _sync(file.fileno(), file.flush)


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
