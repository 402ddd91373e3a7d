"""A database that was restored goes on: positions, proofs, followers and read models, wherever it is restored."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from eventstore import outside
from eventstore.checkpoints import Forked
from eventstore.follow import Follower
from eventstore.verify import Verified, verify
from pairway.cli import main
from pairway.dumps import dump, restore
from pairway.faults import Fault
from pairway.settings import Settings
from pairway.wiring import Parts, open_parts
from tests.parts import NOW, log

KEY = "07" * 32
FACTS = log(3)
HALF, REST = FACTS[: len(FACTS) // 2], FACTS[len(FACTS) // 2 :]
SOON, LAST = REST[: len(REST) // 3], REST[len(REST) // 3 :]


@dataclass
class Known:
    """What a record said of itself before it was copied."""

    order: list[tuple[Any, ...]]
    unsealed: int
    head: Any
    models: dict[str, list[tuple[Any, ...]]]
    xids: tuple[int, int, int]  # of the first event, of the last seal, of the last event


def rows(parts: Parts, query: str) -> list[tuple[Any, ...]]:
    with parts.pool.connection() as conn:
        found: list[tuple[Any, ...]] = conn.execute(query.encode()).fetchall()
        return found


def order(parts: Parts) -> list[tuple[Any, ...]]:
    return rows(
        parts,
        "SELECT p.position, e.seq, e.stream, e.version FROM pairway.position p JOIN pairway.event e USING (seq)"
        " ORDER BY 1",
    )


def models(parts: Parts) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows(parts, f"SELECT * FROM projection.{name} ORDER BY 1, 2") for name in parts.projector.models}


def spend(url: str, transactions: int) -> None:
    """Has the server count on, as a busy one does: so many transactions."""
    with psycopg.connect(url, autocommit=True) as conn:
        for _ in range(transactions):
            conn.execute("SELECT pg_current_xact_id()")


def write_before(parts: Parts) -> Known:
    """A record with a signed head, sealed events after it, events nobody sealed, and read models a little behind."""
    for number in range(0, len(HALF), 10):
        parts.recorder.take(HALF[number : number + 10])
        parts.store.seal(wait=True)
    parts.projector.catch_up()
    head = parts.proofs.make(parts.now)
    parts.recorder.take(SOON[: len(SOON) // 2])
    parts.store.seal(wait=True)
    found = models(parts)
    before = order(parts)
    spend(parts.database_url, 100)
    parts.recorder.take(SOON[len(SOON) // 2 :])
    [(unsealed,)] = rows(
        parts, "SELECT count(*) FROM pairway.event e WHERE seq NOT IN (SELECT seq FROM pairway.position)"
    )
    assert unsealed > 0
    [xids] = rows(
        parts,
        "SELECT min(e.xid::text::bigint), (SELECT max(pg_snapshot_xmax(snapshot)::text::bigint) FROM pairway.seal),"
        " max(e.xid::text::bigint) FROM pairway.event e",
    )
    return Known(before, unsealed, head, found, (int(xids[0]), int(xids[1]), int(xids[2])))


def proved(parts: Parts) -> Verified:
    return verify(parts.database_url, parts.proofs.verifier, parts.proofs.file, processes=1)


def goes_on(parts: Parts, known: Known) -> None:
    """All that must hold of it where it was restored; and it is written to, sealed a little at a time."""
    assert order(parts) == known.order, "nothing moved"
    assert models(parts) == known.models
    with Follower(parts.database_url) as follower:
        assert follower.listening(20)
        assert parts.store.seal(wait=True) == known.unsealed
        assert follower.wait(len(known.order), 20) == len(known.order) + known.unsealed
        # this server counts through the numbers that the other gave, and seals as it goes
        rounds = len(LAST) // 4 + 1
        each = max(5, (known.xids[2] - xid(parts)) // rounds + 1)
        for number in range(0, len(LAST), 4):
            parts.recorder.take(LAST[number : number + 4])
            spend(parts.database_url, each)
            parts.store.seal(wait=True)
        parts.projector.catch_up()
        assert follower.wait(parts.store.head() - 1, 20) == parts.store.head()
    # exactly once: every event has one position, and the positions have no hole
    after = order(parts)
    assert after[: len(known.order)] == known.order
    assert [row[0] for row in after] == list(range(1, len(after) + 1))
    assert len({row[1] for row in after}) == len(after)
    assert rows(parts, "SELECT count(*) FROM pairway.event") == [(len(after),)]
    # the proofs go on from the old head, in the database and in the file
    assert parts.proofs.head() == known.head
    made = parts.proofs.make(parts.now)
    assert made is not None
    assert made.size == len(after)
    assert parts.proofs.consistency(known.head.size, made.size)
    found = proved(parts)
    assert (found.events, found.signed, found.unsealed) == (len(after), len(after), 0)
    # the read models were told each event once
    told = models(parts)
    parts.projector.rebuild("all")
    assert models(parts) == told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "checkpoints.txt"


def at(data: Path, file: Path, url: str | None = None) -> Settings:
    return Settings(data=data, database_url=url, master_key=KEY, checkpoint_file=file)


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    with open_parts(settings, clock=lambda: NOW) as parts:
        yield parts


@contextmanager
def another(postgres: str, name: str) -> Iterator[str]:
    """The address of an empty database of that server."""
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        given = conninfo_to_dict(postgres) | {"dbname": name}
        yield "postgresql://{user}@/{dbname}?host={host}".format(**given)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def cluster(parts: Parts) -> int:
    [(number,)] = rows(parts, "SELECT system_identifier FROM pg_control_system()")
    return int(number)


def xid(parts: Parts) -> int:
    [(number,)] = rows(parts, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    return int(number)


def test_a_dump_goes_on_on_another_server(data: Path, postgres: str, tmp_path: Path, file: Path) -> None:
    with opened(at(data, file)) as parts:
        spend(parts.database_url, 300)
        known = write_before(parts)
        here = cluster(parts)
        dump(owner_of(parts), tmp_path / "dump")
    with another(postgres, f"pairway_restored_{data.parent.name[-20:]}") as url:
        restore(url, tmp_path / "dump")
        with opened(at(data, file, url)) as parts:
            assert cluster(parts) != here
            goes_on(parts, known)


def test_a_dump_goes_on_in_another_database_of_the_same_server(data: Path, tmp_path: Path, file: Path) -> None:
    with opened(at(data, file)) as parts:
        known = write_before(parts)
        dump(owner_of(parts), tmp_path / "dump")
        with another(owner_of(parts), "again") as url:
            restore(url, tmp_path / "dump")
            with opened(at(data, file, url)) as restored:
                assert cluster(restored) == cluster(parts)
                goes_on(restored, known)


@pytest.mark.parametrize("counted", ["before", "between", "after"])
def test_a_dump_goes_on_on_a_copy_of_its_server_that_has_counted_for_itself(
    data: Path, started_once: Path, tmp_path: Path, file: Path, counted: str
) -> None:
    """Both have one system identifier, so that nothing but the numbers themselves tells them apart.

    The copy's next transaction has a number before all those of the record, between those of its last seal and of
    the events that this has not seen, or after all of them.
    """
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", str(started_once), str(copy)], check=True)
    with opened(at(data, file)) as parts:
        spend(parts.database_url, 100)
        known = write_before(parts)
        here = cluster(parts)
        dump(owner_of(parts), tmp_path / "dump")
    first, sealed, last = known.xids
    with opened(at(copy, tmp_path / "unused")) as parts:
        assert cluster(parts) == here
        reach = {"before": first - 40, "between": sealed + 20, "after": last + 20}[counted]
        spend(parts.database_url, reach - xid(parts))
        with another(owner_of(parts), "again") as url:
            restore(url, tmp_path / "dump")
            with opened(at(copy, file, url)) as restored:
                counts = xid(restored)
                assert {"before": counts < first, "between": sealed < counts < last - 20, "after": last < counts}[
                    counted
                ]
                goes_on(restored, known)


def test_a_copy_of_the_stopped_folder_goes_on_whatever_became_of_the_original(
    data: Path, tmp_path: Path, file: Path
) -> None:
    copy = tmp_path / "copy"
    with opened(at(data, file)) as parts:
        known = write_before(parts)
    subprocess.run(["cp", "-a", str(data), str(copy)], check=True)
    kept = tmp_path / "kept.txt"
    kept.write_bytes(file.read_bytes())
    with opened(at(data, file)) as parts:
        goes_on(parts, known)
    with opened(at(copy, kept)) as parts:
        goes_on(parts, known)


def test_the_log_of_a_server_older_than_its_last_signed_head_is_not_signed_until_the_file_is_put_aside(
    data: Path, tmp_path: Path, file: Path
) -> None:
    copy = tmp_path / "copy"
    with opened(at(data, file)) as parts:
        known = write_before(parts)
    subprocess.run(["cp", "-a", str(data), str(copy)], check=True)
    with opened(at(data, file)) as parts:
        goes_on(parts, known)
    with opened(at(copy, file)) as parts:
        with pytest.raises(Forked, match=r"If an older backup was restored, put the file aside"):
            parts.proofs.make(parts.now)
        file.rename(file.with_name("aside.txt"))
        goes_on(parts, known)
        assert parts.proofs.head() is not None
        assert outside.last(file) is not None


def test_the_commands_write_a_backup_and_bring_it_back(
    data: Path, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAIRWAY_MASTER_KEY", KEY)
    monkeypatch.setenv("PAIRWAY_CHECKPOINT_FILE", str(file))
    with opened(at(data, file)) as parts:
        known = write_before(parts)
    backup, fresh = tmp_path / "backup", tmp_path / "fresh"
    assert main(["backup", str(backup), "--data", str(data)]) == 0
    assert "Keep the master key and the checkpoint file, too" in capsys.readouterr().out
    assert backup.stat().st_mode & 0o777 == 0o600
    assert main(["backup", str(backup), "--data", str(data)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["restore", str(backup), "--data", str(data)]) == 2
    assert "holds a record already" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "nowhere"), "--data", str(fresh)]) == 2
    assert main(["restore", str(backup), "--data", str(fresh)]) == 0
    count = len(known.order) + known.unsealed
    assert f"Restored {count:,} events from {backup}; the read models are up to date." in capsys.readouterr().out
    assert main(["audit", "verify", "--data", str(fresh)]) == 0
    assert "The record is whole" in capsys.readouterr().out
    with opened(at(fresh, file)) as parts:
        assert order(parts)[: len(known.order)] == known.order


def test_a_backup_of_another_master_key_leaves_the_place_free_for_the_right_one(
    data: Path, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAIRWAY_CHECKPOINT_FILE", str(file))
    with opened(at(data, file)) as parts:
        write_before(parts)
    backup, fresh = tmp_path / "backup", tmp_path / "fresh"
    monkeypatch.setenv("PAIRWAY_MASTER_KEY", KEY)
    assert main(["backup", str(backup), "--data", str(data)]) == 0
    monkeypatch.delenv("PAIRWAY_MASTER_KEY")
    assert main(["restore", str(backup), "--data", str(fresh)]) == 2
    said = capsys.readouterr().err
    assert "made with another master key, and nothing of it was kept" in said
    assert f"put it into {fresh / 'master.key'}, or give it by PAIRWAY_MASTER_KEY" in said
    (fresh / "master.key").write_text(KEY)
    assert main(["restore", str(backup), "--data", str(fresh)]) == 0
    assert main(["audit", "verify", "--data", str(fresh)]) == 0


def test_what_cannot_be_restored_is_told(data: Path, tmp_path: Path, file: Path) -> None:
    (tmp_path / "torn").write_bytes(b"no dump")
    with opened(at(data, file)) as parts, pytest.raises(Fault, match=r"pg_restore did not succeed: .*archive"):
        restore(owner_of(parts), tmp_path / "torn")


def owner_of(parts: Parts) -> str:
    """The address by which one is the owner, and not the service."""
    given = conninfo_to_dict(parts.database_url)
    del given["options"]
    return "postgresql://{user}@/{dbname}?host={host}".format(**given)
