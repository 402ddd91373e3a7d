"""A bundle is checked with nothing but itself, and `pairway audit` tells what it found as a person needs it."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from domain import events
from eventstore import merkle, tiles
from eventstore.codec import Codec
from eventstore.notes import Signer, Verifier, opened
from pairway.auditing.check import NotSound, check
from pairway.auditing.layout import signed_text
from pairway.bundle import write_bundle
from pairway.faults import Fault
from pairway.signing import signer
from pairway.wiring import Parts
from tests.commands import run
from tests.eventstore.proving import behind_its_back
from tests.parts import MASTER, log

CODEC = Codec(events.EVENTS, events.SEALED)
OTHER = signer(bytes(32))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "bundle"


@pytest.fixture
def bundle(parts: Parts, kept: Path, tmp_path: Path) -> Path:
    """A bundle of one programme in a record that holds two; to spoil."""
    if not kept.exists():
        parts.recorder.take(log(6))
        other = [line.replace(b"leaders-", b"others-") for line in log(9, seed=8)]
        parts.recorder.take(other)
        write_bundle(parts, programme_of(log(6)), kept, lambda _done: None)
    copy = tmp_path / "bundle"
    shutil.copytree(kept, copy)
    return copy


def programme_of(facts: list[bytes]) -> str:
    name: str = json.loads(facts[0])["subject"]
    return name


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def refused(bundle: Path, key: Verifier | None = None) -> str:
    with pytest.raises(NotSound) as found:
        check(bundle, CODEC, key)
    return str(found.value)


def signed_again(bundle: Path, change: Callable[[dict[str, object]], None], with_key: Signer) -> None:
    """The manifest changed, and signed with a key."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    change(manifest)
    written = json.dumps(manifest).encode()
    (bundle / "manifest.json").write_bytes(written)
    (bundle / "manifest.signed").write_text(with_key.sign(signed_text(with_key.name, written)))


def test_a_bundle_as_it_was_written_is_sound(bundle: Path) -> None:
    found = check(bundle, CODEC, signer(MASTER).verifier)
    assert found.manifest.events == len(lines(bundle / "events.ndjson"))
    assert found.key == str(signer(MASTER).verifier)
    assert check(bundle, CODEC) == found


def test_the_hashes_of_a_bundle_are_tiles_that_any_tool_can_check(bundle: Path) -> None:
    """Told with no more than the specifications: the leaf from the record, the tiles by their paths, the note."""
    head = opened((bundle / "checkpoint").read_text(), Verifier.read((bundle / "key").read_text()))

    def tile(place: tiles.Place) -> bytes:
        return (bundle / "tile" / tiles.path(*place, tiles.width(head.size, *place))).read_bytes()

    assert tiles.root(head.size, tile) == head.root
    first = json.loads(lines(bundle / "record.ndjson")[0])
    assert b"sealed:1:" in b"".join(
        base64.b64decode(json.loads(line)["data"]) for line in lines(bundle / "record.ndjson")
    )
    assert set(first) >= {"position", "seq", "xid", "data"}
    path = [merkle.hash_of(span, tiles.hash_at(tile)) for span in merkle.inclusion(first["position"] - 1, head.size)]
    leaf = tiles.apart(tile((0, 0)))[first["position"] - 1]
    assert merkle.root_by_inclusion(leaf, first["position"] - 1, head.size, path) == head.root


COLUMNS = [
    ("position", 1), ("seq", 1), ("xid", 1), ("version", 1), ("stream", "x"), ("programme", "x"), ("type", "x"),
    ("actor", "x"), ("cause_source", "x"), ("cause_id", "x"), ("correlation", "x"),
    ("at", "2001-01-01T00:00:00Z"), ("recorded_at", "2001-01-01T00:00:00Z"), ("data", "e30="),
]  # fmt: skip


@pytest.mark.parametrize(("column", "more"), COLUMNS)
def test_an_event_of_the_record_with_any_column_changed_is_named(bundle: Path, column: str, more: object) -> None:
    record = lines(bundle / "record.ndjson")
    at = Random(column).randrange(len(record))
    row = json.loads(record[at])
    row[column] = (row[column] or "") + more if isinstance(more, str) and len(more) == 1 else more
    if isinstance(more, int):
        row[column] = json.loads(record[at])[column] + more
    record[at] = json.dumps(row).encode() + b"\n"
    (bundle / "record.ndjson").write_bytes(b"".join(record))
    said = refused(bundle)
    assert f"Position {row['position']:,} (line {at + 1:,})" in said


@pytest.mark.parametrize("file", ["record.ndjson", "events.ndjson"])
def test_an_event_left_out_put_in_or_swapped_is_named(bundle: Path, file: str) -> None:
    path = bundle / file
    whole = lines(path)
    chance = Random(file)
    for _ in range(5):
        at = chance.randrange(1, len(whole) - 2)
        for changed in (
            whole[:at] + whole[at + 1 :],
            [*whole[:at], whole[at], *whole[at:]],
            [*whole[:at], whole[at + 1], whole[at], *whole[at + 2 :]],
        ):
            path.write_bytes(b"".join(changed))
            said = refused(bundle)
            assert any(f"(line {at + line:,})" in said for line in (1, 2)), said
    path.write_bytes(b"".join(whole[:-3]))
    assert f"{file} ends before line {len(whole) - 2:,}" in refused(bundle)
    path.write_bytes(b"".join(whole[:5]) + b"nothing\n" + b"".join(whole[6:]))
    assert "ine 6" in refused(bundle)


def test_an_event_left_out_of_both_files_is_named(bundle: Path) -> None:
    gone = next(at for at, line in enumerate(lines(bundle / "record.ndjson")) if json.loads(line)["version"] == 2)
    for file in ("record.ndjson", "events.ndjson"):
        whole = lines(bundle / file)
        (bundle / file).write_bytes(b"".join(whole[:gone] + whole[gone + 1 :]))
    assert "an event was left out" in refused(bundle)


def test_the_last_events_left_out_are_missed(bundle: Path) -> None:
    for file in ("record.ndjson", "events.ndjson"):
        (bundle / file).write_bytes(b"".join(lines(bundle / file)[:-2]))
    last = json.loads(lines(bundle / "record.ndjson")[-1])
    assert "manifest.json says" in refused(bundle)

    def fitted(manifest: dict[str, object]) -> None:
        kinds = [json.loads(line)["type"] for line in lines(bundle / "record.ndjson")]
        manifest.update(events=len(kinds), last_position=last["position"], types={k: kinds.count(k) for k in kinds})
        manifest["streams"] = len({json.loads(line)["stream"] for line in lines(bundle / "record.ndjson")})

    signed_again(bundle, fitted, OTHER)
    assert "manifest.signed is not to be trusted" in refused(bundle)


def test_what_is_told_otherwise_than_it_was_recorded_is_named(bundle: Path) -> None:
    told = lines(bundle / "events.ndjson")
    at = next(at for at, line in enumerate(told) if b'"minutes":' in line)
    event = json.loads(told[at])
    event["minutes"] += 1
    told[at] = msgspec.json.encode(event) + b"\n"
    (bundle / "events.ndjson").write_bytes(b"".join(told))
    assert f"Position {event['position']:,} (line {at + 1:,}) is told otherwise in events.ndjson" in refused(bundle)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("checkpoint", "The head in checkpoint is not to be trusted"),
        ("key", "The file key cannot be used"),
        ("manifest.json", "manifest.json cannot be read"),
        ("manifest.signed", "manifest.signed is not to be trusted"),
        ("record.ndjson", "Line 1 of record.ndjson cannot be read"),
    ],
)
def test_a_file_that_was_spoilt_or_lost_is_named(bundle: Path, file: str, said: str) -> None:
    (bundle / file).write_bytes(b"spoilt\n")
    assert said in refused(bundle)
    (bundle / file).unlink()
    assert f"{file} cannot be read" in refused(bundle)


def test_every_tile_counts(bundle: Path) -> None:
    found = sorted(path for path in (bundle / "tile").rglob("*") if path.is_file())
    assert len(found) > 2
    for path in found:
        before = path.read_bytes()
        path.write_bytes(bytes([before[0] ^ 1]) + before[1:])
        assert "tile" in refused(bundle)
        path.write_bytes(before[:-32])
        assert "cut short" in refused(bundle)
        path.unlink()
        assert "cannot be read" in refused(bundle)
        path.write_bytes(before)
    assert check(bundle, CODEC).manifest.events


def test_a_manifest_that_was_changed_is_told(bundle: Path) -> None:
    path = bundle / "manifest.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"made_at": "2', b'"made_at": "3'))
    assert "manifest.json is not the one that was signed" in refused(bundle)
    path.write_bytes(whole.replace(b'"Europe', b'"America'))
    assert "time zone" in refused(bundle) or whole.count(b"Europe") == 0
    path.write_bytes(whole.replace(b'"format": 2', b'"format": 9'))
    assert "format 9" in refused(bundle)
    path.write_bytes(whole)
    signed_again(bundle, lambda manifest: manifest.update(sha256={}), signer(MASTER))
    assert "is not the file that was exported" in refused(bundle)
    signed_again(bundle, lambda manifest: manifest.update(head=5), signer(MASTER))
    assert "The head is signed for" in refused(bundle)


def test_a_bundle_of_another_key_is_told(bundle: Path) -> None:
    assert "not signed with the key that was given" in refused(bundle, OTHER.verifier)


def test_no_bundle_is_written_of_a_record_that_was_changed(parts: Parts, tmp_path: Path) -> None:
    parts.recorder.take(log(2))
    parts.store.seal(wait=True)
    parts.proofs.make(parts.now)
    with behind_its_back(parts.database_url) as conn:
        conn.execute("UPDATE pairway.event SET recorded_at = recorded_at + interval '1 s' WHERE seq = 4")
    with pytest.raises(Fault, match=r"Position 4 \(line 4\) in record.ndjson is not the event.*audit verify") as told:
        write_bundle(parts, programme_of(log(2)), tmp_path / "bundle", lambda _done: None)
    assert told.value.exit_code == 1
    assert not (tmp_path / "bundle").exists()


def test_the_commands_tell_a_person_what_they_found(parts: Parts, tmp_path: Path) -> None:
    empty = run(parts, "audit", "verify")
    assert empty.returncode == 0, empty.stderr
    assert b"The record is empty: there is no event to prove." in empty.stdout
    assert b"whole" not in empty.stdout
    parts.recorder.take(log(3))
    name, out = programme_of(log(3)), tmp_path / "bundle"

    signed = run(parts, "audit", "checkpoint")
    assert signed.returncode == 0, signed.stderr
    assert opened(signed.stdout.decode(), signer(MASTER).verifier).size == parts.store.head()
    whole = run(parts, "audit", "verify")
    assert whole.returncode == 0, whole.stderr
    assert b"The record is whole: " in whole.stdout
    assert b"2 checkpoints" in whole.stdout

    written = run(parts, "audit", "export", name, "--out", out)
    assert written.returncode == 0, written.stderr
    key = str(signer(MASTER).verifier)
    assert key.encode() in written.stdout
    sound = run(parts, "audit", "check", out, "--key", key)
    assert sound.returncode == 0, sound.stderr
    assert b"The bundle is sound: " in sound.stdout
    assert b"Compare the key" not in sound.stdout
    assert b"Compare the key" in run(parts, "audit", "check", out).stdout

    (out / "events.ndjson").write_bytes((out / "events.ndjson").read_bytes().replace(b"Opened", b"Closed", 1))
    spoilt = run(parts, "audit", "check", out)
    assert spoilt.returncode == 1
    assert b"Position 1 (line 1) is told otherwise in events.ndjson" in spoilt.stderr
    assert run(parts, "audit", "check", out, "--key", "nonsense").returncode == 2
    assert run(parts, "audit", "check", tmp_path / "nowhere").returncode == 2

    with behind_its_back(parts.database_url) as conn:
        conn.execute("UPDATE pairway.event SET actor = 'nobody' WHERE seq = 5")
    broken = run(parts, "audit", "verify")
    assert broken.returncode == 1
    assert b"Position 5 is not the event that was signed for: it was changed since." in broken.stderr
