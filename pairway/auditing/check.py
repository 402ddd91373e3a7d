"""Checks a bundle with nothing but the bundle: no database, no network, and no trust in who wrote it but their key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from eventstore import leaf, merkle, tiles
from eventstore.codec import Codec, UnknownEvent
from eventstore.merkle import HASH
from eventstore.notes import BadNote, Checkpoint, Verifier, opened
from pairway.auditing.layout import (
    CHECKPOINT,
    EVENTS,
    FORMAT,
    KEY,
    MANIFEST,
    RECORD,
    SIGNED,
    TILES,
    Manifest,
    flat_line,
    signed_text,
)

EVERY = 1000
_read_row = msgspec.json.Decoder(leaf.Row).decode


class NotSound(Exception):
    """What in the bundle does not fit, in a sentence."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was proved."""

    manifest: Manifest
    key: str


def check(
    folder: Path, codec: Codec, key: Verifier | None = None, tell: Callable[[int], None] = lambda _done: None
) -> Checked:
    """Proves each event in the signed head, and the rest of the bundle from the events; NotSound where it does not fit.

    Without a `key` from elsewhere the one in the bundle is used: then it proves that the bundle fits in itself.
    """
    written = _bytes(folder / MANIFEST)
    manifest = _manifest(written)
    verifier = _verifier(folder, key)
    try:
        head = opened(_text(folder / CHECKPOINT), verifier)
    except BadNote as error:
        raise NotSound(f"The head in {CHECKPOINT} is not to be trusted: {error}") from None
    if head.size != manifest.head:
        raise NotSound(f"The head is signed for {head.size:,} events, but {MANIFEST} says {manifest.head:,}.")
    leaves = _Tree(folder / TILES, head)
    sums = _check_events(folder, manifest, leaves, codec, tell)
    _check_manifest(folder, written, manifest, verifier, sums)
    return Checked(manifest, str(verifier))


class _Tree:
    """The tiles of the bundle, each proved by the one above it, up to the signed root."""

    def __init__(self, folder: Path, head: Checkpoint) -> None:
        self._folder = folder
        self._size = head.size
        self._index = -1
        self._hashes = b""
        self._above: dict[tiles.Place, bytes] = {}
        for place in [each for level in range(1, tiles.HIGH) for each in tiles.places(head.size, level)]:
            self._above[place] = self._read(place)
        try:
            root = tiles.root(head.size, lambda place: self._above.get(place) or self._read(place))
        except tiles.NoTile as error:
            raise NotSound(str(error)) from None
        if root != head.root:
            raise NotSound("The tiles do not lead to the root that was signed.")
        for place, hashes in self._above.items():
            self._prove(place, hashes)

    def leaf(self, position: int) -> bytes:
        """The proved leaf hash of a position."""
        index, at = divmod(position - 1, tiles.WIDE)
        if index != self._index:
            hashes = self._read((0, index))
            self._prove((0, index), hashes)
            self._index, self._hashes = index, hashes
        return self._hashes[at * HASH : (at + 1) * HASH]

    def _prove(self, place: tiles.Place, hashes: bytes) -> None:
        if len(hashes) < tiles.FULL:
            return  # at the right edge: the signed root was worked out from just these hashes
        level, index = place
        above = self._above.get((level + 1, index // tiles.WIDE), b"")
        at = index % tiles.WIDE * HASH
        fits = merkle.root(tiles.apart(hashes)) == above[at : at + HASH]
        if not fits:
            raise NotSound(f"The tile {TILES}/{tiles.path(*place)} does not fit the one above it.")

    def _read(self, place: tiles.Place) -> bytes:
        width = tiles.width(self._size, *place)
        path = self._folder / tiles.path(*place, width)
        hashes = _bytes(path)
        if len(hashes) != width * HASH:
            raise NotSound(f"The tile {TILES}/{tiles.path(*place, width)} is cut short.")
        return hashes


def _check_events(
    folder: Path, manifest: Manifest, tree: _Tree, codec: Codec, tell: Callable[[int], None]
) -> dict[str, str]:
    """Each event is the leaf at its position, the next of its stream, and told as it is; the sums of both files."""
    zone = _zone(folder, manifest, codec)
    versions: dict[str, int] = {}
    types: Counter[str] = Counter()
    told, stored = sha256(), sha256()
    last = count = 0
    for number, (line, flat) in enumerate(zip_longest(_lines(folder / RECORD), _lines(folder / EVENTS)), 1):
        if line is None or flat is None:
            short, other = (RECORD, EVENTS) if line is None else (EVENTS, RECORD)
            raise NotSound(f"{short} ends before line {number:,}, where {other} goes on.")
        stored.update(line)
        told.update(flat)
        row = _row(line, number)
        where = f"Position {row.position:,} (line {number:,})"
        if row.position <= last or row.position > manifest.head:
            raise NotSound(f"{where} is not where it belongs: it comes after position {last:,} of {manifest.head:,}.")
        if merkle.leaf_hash(leaf.entry(row)) != tree.leaf(row.position):
            raise NotSound(f"{where} in {RECORD} is not the event that was signed for.")
        if row.programme != manifest.programme:
            raise NotSound(f"{where} is an event of the programme {row.programme}, not of {manifest.programme}.")
        if row.version != versions.get(row.stream, 0) + 1:
            raise NotSound(
                f"{where} is version {row.version:,} of {row.stream}, "
                f"where version {versions.get(row.stream, 0) + 1:,} is to come: an event was left out."
            )
        if flat != _told(row, where, codec, zone):
            raise NotSound(f"{where} is told otherwise in {EVENTS} than it was recorded.{_age(manifest)}")
        versions[row.stream] = row.version
        types[row.type] += 1
        last, count = row.position, number
        if count % EVERY == 0:
            tell(count)
    if (count, last, dict(types), len(versions)) != (
        manifest.events,
        manifest.last_position or 0,
        manifest.types,
        manifest.streams,
    ):
        raise NotSound(
            f"{MANIFEST} says {manifest.events:,} events up to position {manifest.last_position or 0:,}, "
            f"but {count:,} up to {last:,} are there, or they are of other types or streams."
        )
    return {EVENTS: told.hexdigest(), RECORD: stored.hexdigest()}


def _check_manifest(folder: Path, written: bytes, manifest: Manifest, verifier: Verifier, sums: dict[str, str]) -> None:
    try:
        text = verifier.text(_text(folder / SIGNED))
    except BadNote as error:
        raise NotSound(f"{SIGNED} is not to be trusted: {error}") from None
    if text != signed_text(verifier.name, written):
        raise NotSound(f"{MANIFEST} is not the one that was signed.")
    sums = {**sums, CHECKPOINT: sha256(_bytes(folder / CHECKPOINT)).hexdigest()}
    for name, found in sums.items():
        if manifest.sha256.get(name) != found:
            raise NotSound(f"{name} is not the file that was exported: its SHA-256 is another than {MANIFEST} says.")


def _manifest(written: bytes) -> Manifest:
    try:
        form = msgspec.json.decode(written, type=dict[str, object]).get("format")
        if form == FORMAT:
            return msgspec.json.decode(written, type=Manifest)
    except msgspec.MsgspecError as error:
        raise NotSound(f"{MANIFEST} cannot be read: {error}.") from None
    raise NotSound(f"{MANIFEST} is of format {form}; this version of Pairway checks format {FORMAT}.")


def _verifier(folder: Path, key: Verifier | None) -> Verifier:
    try:
        own = Verifier.read(_text(folder / KEY))
    except BadNote as error:
        raise NotSound(f"The file {KEY} cannot be used: {error}") from None
    if key is not None and key != own:
        raise NotSound("The bundle is not signed with the key that was given, but with another.")
    return own


def _zone(folder: Path, manifest: Manifest, codec: Codec) -> ZoneInfo:
    """The time zone in which times are told; it has to be the programme's own."""
    for number, line in enumerate(_lines(folder / RECORD), 1):
        row = _row(line, number)
        if row.stream == f"programme-{manifest.programme}":
            named = getattr(_decoded(row, f"Position {row.position:,}", codec), "timezone", None)
            if named == manifest.timezone:
                return ZoneInfo(manifest.timezone)
            raise NotSound(f"{MANIFEST} says the time zone {manifest.timezone}, the programme {named}.")
    raise NotSound(f"The programme {manifest.programme} is not opened by any event of {RECORD}.")


def _row(line: bytes, number: int) -> leaf.Row:
    try:
        return _read_row(line)
    except msgspec.MsgspecError as error:
        raise NotSound(f"Line {number:,} of {RECORD} cannot be read: {error}.") from None


def _decoded(row: leaf.Row, where: str, codec: Codec) -> object:
    try:
        return codec.decode(row.type, row.data)
    except (msgspec.MsgspecError, UnknownEvent) as error:
        raise NotSound(f"{where} cannot be read by pairway {version('pairway')}: {error}") from None


def _told(row: leaf.Row, where: str, codec: Codec, zone: ZoneInfo) -> bytes:
    _decoded(row, where, codec)
    return flat_line(row, codec, zone)


def _age(manifest: Manifest) -> str:
    here = f"pairway {version('pairway')}"
    if manifest.made_by == here:
        return ""
    return f" (The bundle was made by {manifest.made_by}, this is {here}: they may tell it in other words.)"


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise NotSound(f"{path.name} cannot be read: {error.strerror}.") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotSound(f"{path} cannot be read: {error.strerror}.") from None


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")
