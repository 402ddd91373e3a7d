"""Whatever is changed behind the database's back is found, and the first position that does not fit is named."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eventstore import leaf, outside, spans
from eventstore.pool import open_pool
from eventstore.store import Store
from eventstore.verify import Broken, Verified, verify
from tests.eventstore.proving import SIGNER, behind_its_back, noon, proofs_of, write
from tests.eventstore.writing import NOON, batch, event

SIZE, SIGNED, HASHED = 900, 700, 650
_numbers = count(1)


@contextmanager
def database(postgres: str, template: str) -> Iterator[str]:
    name = f"pairway_proved_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield make_conninfo(postgres, dbname=name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def proved(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A record of 900 events, of which 700 are under three checkpoints, and what the file outside holds."""
    file = tmp_path_factory.mktemp("outside") / "checkpoints.txt"
    with database(postgres, template) as url:
        with open_pool(url, name="proved") as pool:
            store = Store(pool)
            for size in (100, 400, SIGNED):
                write(store, size - store.head(), seed=size)
                proofs_of(pool, file).make(noon)
            write(store, SIZE - SIGNED, seed=9)
        yield str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]), file


@pytest.fixture
def record(postgres: str, proved: tuple[str, Path]) -> Iterator[str]:
    with database(postgres, proved[0]) as url:
        yield url


@pytest.fixture
def file(proved: tuple[str, Path], tmp_path: Path) -> Path:
    copy = tmp_path / "checkpoints.txt"
    copy.write_bytes(proved[1].read_bytes())
    return copy


def broken(url: str, file: Path | None) -> Broken:
    with pytest.raises(Broken) as found:
        verify(url, SIGNER.verifier, file)
    return found.value


def change(url: str, *statements: str) -> None:
    with behind_its_back(url) as conn:
        for statement in statements:
            conn.execute(statement.encode())


def test_a_record_as_it_was_left_is_whole(record: str, file: Path) -> None:
    told: list[tuple[int, int]] = []
    found = verify(record, SIGNER.verifier, file, tell=lambda done, total: told.append((done, total)))
    assert found == Verified(events=SIZE, streams=40, checkpoints=6, signed=SIGNED, unsealed=0)
    assert told[-1] == (SIZE, SIZE)
    assert verify(record, SIGNER.verifier).checkpoints == 3


def test_an_empty_record_is_whole(database_url: str, tmp_path: Path) -> None:
    with open_pool(database_url, name="empty") as pool:
        assert verify(database_url, SIGNER.verifier) == Verified(0, 0, 0, 0, 0)
        proofs_of(pool, tmp_path / "file").make(noon)
    assert verify(database_url, SIGNER.verifier, tmp_path / "file") == Verified(0, 0, 2, 0, 0)


def test_several_processes_find_what_one_finds(record: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "ALONE", 0)
    assert verify(record, SIGNER.verifier, file, processes=2).events == SIZE
    change(record, "UPDATE pairway.event SET actor = 'nobody' WHERE seq = 512")
    assert broken(record, file).position == 512


OTHERWISE = {
    "seq": "10000 + seq",
    "xid": "(xid::text::bigint + 1)::text::xid8",
    "version": "version + 100",
    "at": "at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 day'",
    "correlation": "coalesce(correlation, '') || 'x'",
    "data": "set_byte(data, octet_length(data) - 3, 90)",
}


@pytest.mark.parametrize("column", [*leaf.NUMBERS[1:], *leaf.TEXTS, "data"])
def test_an_event_with_any_column_changed_is_named(record: str, file: Path, column: str) -> None:
    chance = Random(column)
    for position in chance.sample(range(1, SIGNED + 1), 3):
        with behind_its_back(record) as conn:
            seq = conn.execute("SELECT seq FROM pairway.position WHERE position = %s", (position,)).fetchone()
            assert seq is not None
            named = sql.Identifier(column)
            new = sql.SQL(OTHERWISE.get(column, f"{column} || 'x'"))
            before = conn.execute(
                sql.SQL("SELECT {}::text FROM pairway.event WHERE seq = %s").format(named), seq
            ).fetchone()
            assert before is not None
            if column == "seq":
                conn.execute("ALTER TABLE pairway.event ALTER seq DROP IDENTITY")
            conn.execute(sql.SQL("UPDATE pairway.event SET {} = {} WHERE seq = %s").format(named, new), seq)
        found = broken(record, file)
        assert found.position == position, found.sentence
        assert f"osition {position:,}" in found.sentence
        with behind_its_back(record) as conn:
            kind = {"data": "bytea", "xid": "xid8", "seq": "bigint", "version": "integer"}.get(
                column, "timestamptz" if column in ("at", "recorded_at") else "text"
            )
            now = (10000 + seq[0],) if column == "seq" else seq
            conn.execute(
                sql.SQL("UPDATE pairway.event SET {} = %s::{} WHERE seq = %s").format(named, sql.SQL(kind)),
                (before[0], *now),
            )
            if column == "seq":
                conn.execute("ALTER TABLE pairway.event ALTER seq ADD GENERATED ALWAYS AS IDENTITY")
    assert verify(record, SIGNER.verifier, file).events == SIZE, "each was put back"


@pytest.mark.parametrize(
    ("changes", "position", "said"),
    [
        (["DELETE FROM pairway.event WHERE seq = 333"], 333, "Position 333 has no whole event"),
        (["DELETE FROM pairway.position WHERE position = 333"], 333, "Position 333 is missing"),
        (
            ["DELETE FROM pairway.position WHERE position = 880", "DELETE FROM pairway.event WHERE seq = 880"],
            880,
            "Position 880 is missing",
        ),
        (
            [
                "DELETE FROM pairway.event WHERE seq IN (SELECT seq FROM pairway.position WHERE position = 200)",
                "DELETE FROM pairway.position WHERE position = 200",
                "UPDATE pairway.position SET position = -position WHERE position > 200",
                "UPDATE pairway.position SET position = -position - 1 WHERE position < 0",
            ],
            200,
            "Position 200",
        ),
        (
            ["UPDATE pairway.position SET seq = 5000 WHERE position = 60"],
            60,
            "Position 60 has no whole event",
        ),
        (
            [
                "UPDATE pairway.position SET seq = -seq WHERE position IN (50, 51)",
                "UPDATE pairway.position SET seq = CASE seq WHEN -50 THEN 51 ELSE 50 END WHERE position IN (50, 51)",
            ],
            50,
            "Position 50",
        ),
        (
            [
                "ALTER TABLE pairway.position DROP CONSTRAINT position_pkey, DROP CONSTRAINT position_seq_key",
                "INSERT INTO pairway.position VALUES (70, 70)",
            ],
            70,
            "Position 70 is there twice",
        ),
        (["INSERT INTO pairway.position VALUES (0, 5000)"], 0, "Position 0 is there, but the first is 1"),
        (["INSERT INTO pairway.position VALUES (1000000000000, 5000)"], 901, "Position 901 is missing"),
        (
            [
                "DELETE FROM pairway.event WHERE seq > 600",
                "DELETE FROM pairway.position WHERE position > 600",
                "DELETE FROM pairway.seal WHERE last_position > 600",
            ],
            601,
            "Position 601 is missing: the record ends before it, but 700 events were signed for",
        ),
        (
            ["DELETE FROM pairway.event WHERE seq > 890", "DELETE FROM pairway.position WHERE position > 890"],
            None,
            "",
        ),
        (["TRUNCATE pairway.position, pairway.event"], 1, "Position 1 is missing"),
        (["DELETE FROM pairway.stream WHERE stream = 's7'"], 0, "s7|no row of their own"),
        (["UPDATE pairway.stream SET version = version + 1 WHERE stream = 's7'"], 0, "s7 is to have"),
        (["DELETE FROM pairway.seal WHERE id = 2"], None, "seal"),
        (["DELETE FROM pairway.seal WHERE id = (SELECT max(id) FROM pairway.seal)"], None, "last seal ends"),
        ([("UPDATE pairway.signed_checkpoint SET note = replace(note, E'\\n400', E'\\n401')"
                " WHERE size = 400")], None, "checkpoint for 400"),
        (["UPDATE pairway.signed_checkpoint SET size = 399 WHERE size = 400"], None, "399|taken out"),
        (["UPDATE pairway.signed_checkpoint SET note = 'nothing' WHERE size = 700"], None, "It is no signed note"),
        (["DELETE FROM pairway.signed_checkpoint WHERE size = 400"], 0, "taken out of the database"),
        (["DELETE FROM pairway.signed_checkpoint WHERE size = 700"], 0, "taken out of the database"),
        (["DELETE FROM pairway.tile WHERE level = 0 AND index = 1"], 257, "hash kept of position 257 is gone"),
        (["UPDATE pairway.tile SET hashes = substr(hashes, 1, 32) WHERE level = 0 AND index = 1"], 258, "cut short"),
        (["DELETE FROM pairway.tile WHERE level = 1"], 1, "tile 1/000 was changed"),
        (["UPDATE pairway.tile SET hashes = set_byte(hashes, 33, 1) WHERE level = 1"], 257, "positions 257 to 512"),
        (
            [("UPDATE pairway.tile SET hashes = set_byte(hashes, 1408, 255 - get_byte(hashes, 1408))"
                " WHERE level = 0 AND index = 1")],
            301,
            "Position 301 is the event that was signed for, but the hash kept of it was changed",
        ),
    ],
)  # fmt: skip
def test_what_was_cut_out_put_in_or_swapped_is_named(
    record: str, file: Path, changes: list[str], position: int | None, said: str
) -> None:
    change(record, *changes)
    found = broken(record, file)
    assert position is None or found.position == position, found.sentence
    assert any(each in found.sentence for each in said.split("|")), found.sentence


def test_an_event_put_in_among_the_others_is_named(record: str, file: Path) -> None:
    change(
        record,
        "UPDATE pairway.position SET position = -position WHERE position > 123",
        "UPDATE pairway.position SET position = 1 - position WHERE position < 0",
        "INSERT INTO pairway.event"
        " (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, data)"
        " VALUES ('p', 'new', 1, 'Noted', now(), now(), 'me', '/x', '1', '{}')",
        "INSERT INTO pairway.position SELECT 124, max(seq) FROM pairway.event",
        "INSERT INTO pairway.stream (stream, programme, version) VALUES ('new', 'p', 1)",
        "UPDATE pairway.seal SET last_position = last_position + 1 WHERE id = (SELECT max(id) FROM pairway.seal)",
    )
    found = broken(record, file)
    assert found.position == 124
    assert "It says now that it is version 1 of new, Noted." in found.sentence


def test_an_event_put_in_that_is_not_sealed_is_named(record: str, file: Path) -> None:
    columns = "programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, data"
    change(
        record,
        f"INSERT INTO pairway.event ({columns}) SELECT programme, stream, version + 50, type, at, recorded_at, actor,"
        " cause_source, cause_id, data FROM pairway.event WHERE seq = 5",
    )
    assert "not sealed yet is version" in broken(record, file).sentence


def test_who_changes_the_hashes_too_is_found_by_the_signature(record: str, file: Path) -> None:
    """Everything in the database is made to fit again: what was signed is not."""
    change(
        record,
        "UPDATE pairway.event SET actor = 'nobody' WHERE seq = 350",
        "TRUNCATE pairway.tile",
        "CREATE TABLE kept AS TABLE pairway.signed_checkpoint",
        "TRUNCATE pairway.signed_checkpoint",
    )
    with open_pool(record, name="forger") as pool:
        proofs_of(pool).make(noon)
    assert "taken out of the database" in broken(record, file).sentence
    change(
        record,
        "DELETE FROM pairway.signed_checkpoint",
        "INSERT INTO pairway.signed_checkpoint OVERRIDING SYSTEM VALUE TABLE kept",
    )
    for kept in (file, None):
        found = broken(record, kept)
        assert found.position == 101
        assert "Between positions 101 and 400 the record is not what was signed for" in found.sentence
    change(record, "TRUNCATE pairway.signed_checkpoint")
    assert verify(record, SIGNER.verifier).signed == 0, "without a file outside, who owns the database can begin anew"


def test_what_is_under_no_checkpoint_yet_is_named_by_its_hash(record: str, file: Path) -> None:
    with open_pool(record, name="more") as pool:
        proofs_of(pool, file).make(noon)
    change(
        record,
        "DELETE FROM pairway.signed_checkpoint WHERE size = 900",
        "UPDATE pairway.event SET actor = 'nobody' WHERE seq = 800",
    )
    file.write_text("".join(list(outside.notes(file))[:-1]))
    found = broken(record, file)
    assert found.position == 800
    assert "before a checkpoint was signed" in found.sentence


def test_an_event_and_its_hash_changed_together_are_named(record: str, file: Path) -> None:
    change(
        record,
        "UPDATE pairway.event SET actor = 'nobody' WHERE seq = 300",
        "UPDATE pairway.tile SET hashes = set_byte(hashes, 32 * 43, 255 - get_byte(hashes, 32 * 43))"
        " WHERE level = 0 AND index = 1",
    )
    found = broken(record, file)
    assert found.position == 300
    assert "hashes were changed with it" in found.sentence


def test_a_file_that_was_forged_is_not_trusted(record: str, file: Path) -> None:
    file.write_text(file.read_text().replace("\n400\n", "\n399\n"))
    assert f"A checkpoint in {file} is not to be trusted" in broken(record, file).sentence


def test_what_waits_for_its_position_is_counted(record: str, file: Path) -> None:
    with open_pool(record, name="more") as pool:
        store = Store(pool)
        found = store.load(["s1"])["s1"]
        store.append(batch({"s1": found.revision}, event("s1"), event("s1")), NOON)
    assert verify(record, SIGNER.verifier, file).unsealed == 2


def test_a_record_that_is_written_and_signed_meanwhile_is_whole(record: str, file: Path) -> None:
    """Many times over, with a writer and a signer at full speed beside it."""
    stop = threading.Event()

    def work() -> None:
        with open_pool(record, name="beside") as pool:
            for seed in count(100):
                write(Store(pool), 20, seed=seed)
                proofs_of(pool, file).make(noon)
                if stop.is_set():
                    return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        found = [verify(record, SIGNER.verifier, file) for _ in range(15)]
    finally:
        stop.set()
        thread.join()
    assert found[0].events < found[-1].events
    assert found[0].checkpoints < found[-1].checkpoints
