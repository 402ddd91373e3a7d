"""Checkpoints: made as the record grows, never for a record that does not continue the last, and kept outside."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore import merkle, outside, tiles
from eventstore.checkpoints import Forked, NotProved, Proofs
from eventstore.notes import Checkpoint, Signer, opened
from eventstore.pool import Pool
from eventstore.store import Store
from eventstore.verify import Broken, verify
from tests.eventstore.proving import SIGNER, behind_its_back, noon, proofs_of, write


def leaves(proofs: Proofs, size: int) -> list[bytes]:
    found: list[bytes] = []
    for index in range(-(-size // 256)):
        entries = proofs.entries(index, tiles.width(size, 0, index))
        assert entries is not None
        found += map(merkle.leaf_hash, entries)
    return found


def test_an_empty_record_has_the_empty_head(pool: Pool) -> None:
    made = proofs_of(pool).make(noon)
    assert made is not None
    assert (made.size, made.root) == (0, merkle.EMPTY)
    assert opened(made.note, SIGNER.verifier).root == merkle.EMPTY


def test_heads_grow_with_the_record_and_each_is_the_root_over_its_events(store: Store, pool: Pool) -> None:
    proofs, sizes = proofs_of(pool), []
    for more in (1, 254, 1, 1, 300, 3):
        write(store, more, seed=more)
        made = proofs.make(noon)
        assert made is not None
        assert proofs.head() == made == proofs.make(noon), "nothing new, nothing signed"
        assert made.root == merkle.root(leaves(proofs, made.size))
        sizes.append(made.size)
    assert sizes == [1, 255, 256, 257, 557, 560]

    everything = leaves(proofs, 560)
    for size in sizes:
        then = proofs.at(size)
        assert then is not None
        for position in {1, size // 2 + 1, size}:
            found = proofs.inclusion(position, then)
            leaf = merkle.leaf_hash(found.entry)
            assert leaf == everything[position - 1]
            assert merkle.root_by_inclusion(leaf, position - 1, size, found.path) == then.root
        path = proofs.consistency(size, 560)
        merkle.check_consistency(size, then.root, 560, merkle.root(everything), path)


def test_what_is_under_no_checkpoint_is_not_proved(store: Store, pool: Pool) -> None:
    proofs = proofs_of(pool)
    write(store, 5)
    head = proofs.make(noon)
    assert head is not None
    write(store, 5, seed=2)
    for position in (0, 6, 11):
        with pytest.raises(NotProved):
            proofs.inclusion(position, head)
    for old, size in ((0, 5), (6, 5), (5, 6)):
        with pytest.raises(NotProved):
            proofs.consistency(old, size)
    assert proofs.behind() == 5
    assert proofs.at(3) is None
    assert proofs.entries(0, 6) is None
    assert proofs.tile(0, 0, 6) is None
    assert proofs.tile(0, 0, 3) == b"".join(leaves(proofs, 3))
    assert proofs.tile(9, 0, 1) is None


def test_a_long_way_behind_is_caught_up_in_batches(store: Store, pool: Pool) -> None:
    write(store, 4500, streams=400)
    proofs = proofs_of(pool)
    made = proofs.make(noon)
    assert made is not None
    assert made.root == merkle.root(leaves(proofs, 4500))
    assert set(proofs.tiles(tiles.places(4500), 4500)) == {(0, each) for each in range(18)} | {(1, 0)}


def test_two_that_make_checkpoints_at_once_make_one(store: Store, pool: Pool, tmp_path: Path) -> None:
    write(store, 600)
    file = tmp_path / "checkpoints.txt"
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(proofs_of(pool, file).make(noon))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(repr, found))) == 1
    assert len(list(outside.notes(file))) == 1


def test_who_does_not_wait_leaves_it_to_the_other(store: Store, pool: Pool) -> None:
    write(store, 3)
    with pool.connection() as conn:
        conn.execute("SELECT pg_advisory_lock(7234915, 2)")
        assert proofs_of(pool).make(noon, wait=False) is None
        conn.execute("SELECT pg_advisory_unlock(7234915, 2)")
    assert proofs_of(pool).make(noon, wait=False) is not None


def test_what_was_hashed_before_a_checkpoint_is_signed_as_it_was_hashed(store: Store, pool: Pool) -> None:
    ahead, proofs = proofs_of(pool), proofs_of(pool)
    write(store, 300)
    assert ahead.grow() == 300
    assert ahead.grow() == 0
    assert proofs.head() is None
    write(store, 30, seed=2)
    with pool.connection() as conn:
        conn.execute("SELECT pg_advisory_lock(7234915, 2)")
        assert ahead.grow() == 0
        conn.execute("SELECT pg_advisory_unlock(7234915, 2)")
    assert ahead.grow() == 30
    head = proofs.make(noon)
    assert head is not None
    assert head.size == 330
    assert head.root == merkle.root(leaves(proofs, 330))


def test_every_head_is_added_to_the_file_outside(store: Store, pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "checkpoints.txt"
    notes = []
    for seed in range(3):
        write(store, 4, seed=seed)
        made = proofs_of(pool, file).make(noon)
        assert made is not None
        notes.append(made.note)
    assert list(outside.notes(file)) == notes
    assert file.read_text() == "".join(notes)
    assert outside.last(file) == notes[-1]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_head_that_a_crash_kept_from_the_file_is_added_later(store: Store, pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.txt"
    write(store, 4)
    made = proofs_of(pool).make(noon)
    again = proofs_of(pool, file).make(noon)
    assert made == again
    assert made is not None
    assert outside.last(file) == made.note


@pytest.mark.parametrize("cut", [1, 5, 70, 100])
def test_what_a_crash_tore_in_the_file_is_passed_over(store: Store, pool: Pool, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "checkpoints.txt"
    notes, made = [], None
    for seed in range(2):
        write(store, 4, seed=seed)
        made = proofs_of(pool, file).make(noon)
        assert made is not None
        notes.append(made.note)
    file.write_bytes(file.read_bytes()[:-cut])
    assert list(outside.notes(file)) == notes[:1]
    assert proofs_of(pool, file).make(noon) == made
    assert list(outside.notes(file)) == notes
    write(store, 4, seed=9)
    third = proofs_of(pool, file).make(noon)
    assert third is not None
    assert list(outside.notes(file)) == [*notes, third.note]


def test_a_record_that_was_cut_is_not_signed_again(store: Store, pool: Pool, tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "checkpoints.txt"
    write(store, 300)
    proofs_of(pool, file).make(noon)
    with behind_its_back(database_url) as conn:
        for table, column in (("position", "position"), ("signed_checkpoint", "size")):
            conn.execute(f"DELETE FROM pairway.{table} WHERE {column} > 250".encode())
        conn.execute("TRUNCATE pairway.tile")
    with pytest.raises(Forked, match=r"ends at position 250, but the last checkpoint in .* is for 300 events"):
        proofs_of(pool, file).make(noon)
    assert proofs_of(pool).make(noon) is not None, "who keeps no file outside cannot know"


def test_a_record_with_other_hashes_is_not_signed_again(
    store: Store, pool: Pool, tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "checkpoints.txt"
    write(store, 300)
    proofs_of(pool, file).make(noon)
    write(store, 5, seed=5)
    with behind_its_back(database_url) as conn:
        conn.execute("UPDATE pairway.event SET actor = 'nobody' WHERE seq = 17")
        conn.execute("TRUNCATE pairway.tile")
    with pytest.raises(Forked, match="not the one of the last checkpoint in the database"):
        proofs_of(pool, file).make(noon)
    with behind_its_back(database_url) as conn:
        conn.execute("TRUNCATE pairway.signed_checkpoint")
    with pytest.raises(Forked, match=rf"not the one of the last checkpoint in {file}"):
        proofs_of(pool, file).make(noon)


def test_a_forged_checkpoint_is_not_continued(store: Store, pool: Pool, database_url: str) -> None:
    write(store, 3)
    proofs_of(pool).make(noon)
    write(store, 3, seed=2)
    with behind_its_back(database_url) as conn:
        conn.execute("UPDATE pairway.signed_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n4\\n')")
    with pytest.raises(Forked, match="does not fit its text"):
        proofs_of(pool).make(noon)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM pairway.tile WHERE level = 1",
        "DELETE FROM pairway.position WHERE position = 602",
        "DELETE FROM pairway.event WHERE seq = 603",
    ],
)
def test_a_record_with_a_hole_is_not_signed(store: Store, pool: Pool, database_url: str, change: str) -> None:
    write(store, 600)
    proofs_of(pool).make(noon)
    write(store, 10, seed=3)
    with behind_its_back(database_url) as conn:
        conn.execute(change.encode())
    with pytest.raises(Forked):
        proofs_of(pool).grow()
    with pytest.raises(Forked):
        proofs_of(pool).make(noon)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE pairway.tile SET hashes = decode(repeat('00', 32 * 3), 'hex')", "a tile only grows"),
        ("UPDATE pairway.tile SET index = 5", "a tile only grows"),
        ("DELETE FROM pairway.tile", "append-only"),
        ("TRUNCATE pairway.tile", "append-only"),
        ("UPDATE pairway.signed_checkpoint SET size = 2", "append-only"),
        ("DELETE FROM pairway.signed_checkpoint", "append-only"),
    ],
)
def test_proofs_are_append_only(store: Store, pool: Pool, database_url: str, change: str, said: str) -> None:
    write(store, 3)
    proofs_of(pool).make(noon)
    with (
        psycopg.connect(database_url, autocommit=True) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=said),
    ):
        conn.execute(change.encode())


def test_a_proof_of_an_event_that_was_changed_is_not_given(store: Store, pool: Pool, database_url: str) -> None:
    write(store, 20)
    proofs = proofs_of(pool)
    head = proofs.make(noon)
    assert head is not None
    with behind_its_back(database_url) as conn:
        conn.execute("UPDATE pairway.event SET actor = 'nobody' WHERE seq = 7")
    with pytest.raises(Forked, match="position 7 is not the one that was signed"):
        proofs.inclusion(7, head)
    assert proofs.inclusion(8, head).position == 8


def test_a_new_key_vouches_for_the_one_before_it(store: Store, pool: Pool, tmp_path: Path, database_url: str) -> None:
    file = tmp_path / "checkpoints.txt"
    write(store, 10)
    before = proofs_of(pool, file).make(noon)
    assert before is not None
    new = Signer("pairway/new", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    newest = Signer("pairway/newest", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
    with pytest.raises(Forked, match="not signed with the key of this record"):
        Proofs(pool, new, file).make(noon)

    for old, key in ((SIGNER, new), (new, newest)):
        made = Proofs(pool, key, file).take_over(old.verifier, noon)
        assert made is not None
        assert (made.size, made.root, made.key) == (before.size, before.root, key.verifier)
        assert Proofs(pool, key, file).make(noon) == made
    assert verify(database_url, newest.verifier, file).checkpoints == 6
    with pytest.raises(Broken, match="not signed with the key of this record"):
        verify(database_url, SIGNER.verifier, file)
    with behind_its_back(database_url) as conn:
        conn.execute("DELETE FROM pairway.key_handover WHERE id = 1")
    with pytest.raises(Broken, match=r"checkpoint .*not signed with the key of this record"):
        verify(database_url, newest.verifier, file)


def test_a_key_that_nobody_vouched_for_is_not_trusted(store: Store, pool: Pool, database_url: str) -> None:
    write(store, 10)
    proofs_of(pool).make(noon)
    forger = Signer("pairway/forger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    with behind_its_back(database_url) as conn:
        note = forger.sign(f"{SIGNER.verifier}\nfollows\n{forger.verifier}\n")
        conn.execute("SELECT pairway.keep_handover(%s, now())", (note,))
    write(store, 10, seed=2)
    with behind_its_back(database_url) as conn:
        forged = forger.sign(Checkpoint("pairway/forger", 20, bytes(32)).text())
        conn.execute("SELECT pairway.keep_checkpoint(20, %s, now())", (forged,))
    with pytest.raises(Broken, match="not signed with the key of this record"):
        verify(database_url, SIGNER.verifier)
