"""Whatever is killed, and whenever: what was acknowledged is there, once, and record and readers are whole."""

from __future__ import annotations

import signal
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eventstore import imports
from eventstore.verify import verify
from pairway.settings import Settings
from pairway.sweeping import caught_up, sweep
from pairway.wiring import Parts, open_parts
from tests.pairway.crashing import COMMANDS, VICTIMS, Client, Killed, patiently, people, programme, service
from tests.parts import MASTER, log
from tests.until import until

LINES = 1000  # of the log that is imported in a round
CLIENTS = 3


@pytest.mark.parametrize(
    ("rounds", "victims"), [(1, 8), pytest.param(50, 3, marks=pytest.mark.nightly)], ids=["quick", "nightly"]
)
def test_whatever_is_killed_what_was_acknowledged_is_there_once_and_the_record_proves_whole(
    data: Path, rounds: int, victims: int, seed: int
) -> None:
    chance = Random(seed)
    order = [victim for _ in range(rounds * victims // len(VICTIMS) + 1) for victim in _shuffled(chance)]
    facts = log(rounds * LINES // 18 + 20, months=12, seed=seed)
    with (
        open_parts(Settings(data=data, master_key=b64encode(MASTER).decode()), queue=True) as parts,
        service(data, chance) as killed,
    ):
        opening = Client(f"http://127.0.0.1:{killed.port}", "opening", chance)
        opening.tell_all([programme()])
        clients = [opening]
        for number in range(rounds):
            doomed = order[number * victims : (number + 1) * victims]
            file = data.parent / f"round-{number}.ndjson"
            lines = facts[number * LINES : (number + 1) * LINES]
            assert len(lines) == LINES, "the log is long enough"
            file.write_bytes(b"".join(line + b"\n" for line in lines))
            clients += one_round(parts, killed, file, number, doomed, chance)
            check(parts, killed, clients, file, f"seed {seed}, round {number}: {', '.join(doomed)}")
        proved = killed.command("audit", "verify")
        assert proved.returncode == 0, proved.stdout + proved.stderr


def _shuffled(chance: Random) -> list[str]:
    return chance.sample(VICTIMS, len(VICTIMS))


def one_round(parts: Parts, killed: Killed, file: Path, number: int, doomed: list[str], chance: Random) -> list[Client]:
    """Facts come in from a file and from clients while one after the other is killed, and started again."""
    url = f"http://127.0.0.1:{killed.port}"
    clients = [Client(url, f"r{number}c{each}", Random(chance.random())) for each in range(CLIENTS)]
    before = recorded(parts)
    killed.begin("importer", file)
    with ThreadPoolExecutor(CLIENTS) as threads:
        telling = [threads.submit(client.tell_all, people(client.name, 12)) for client in clients]
        for victim in doomed:
            # as soon as so much more has come in, or all has, and a moment later
            goal = before + chance.randint(1, LINES // 2)
            until(
                lambda goal=goal: recorded(parts) >= goal or all(each.done() for each in telling),  # type: ignore[misc]  # mypy infers no lambda's default
                f"{goal} facts are recorded",
            )
            threading.Event().wait(chance.uniform(0, 0.1))
            killed.kill(victim)
            before = recorded(parts)
            if victim == "importer":
                killed.begin("importer", file)
            killed.revive()
        for each in telling:
            each.result()
    import_to_its_end(killed, file)
    return clients


def import_to_its_end(killed: Killed, file: Path) -> None:
    """Runs the import again until it has come to its end; each time it failed it said so in a sentence."""

    def ended() -> bool:
        code = killed.running["importer"].wait()
        if code == 0:
            return True
        said = killed.last_words("importer")
        assert code in (2, -signal.SIGKILL), said
        assert "Traceback" not in said
        killed.begin("importer", file)
        return False

    until(ended, "the import comes to its end")


def recorded(parts: Parts) -> int:
    return int(patiently(parts.database_url, "SELECT count(*) FROM pairway.inbox"))


def check(parts: Parts, killed: Killed, clients: list[Client], file: Path, what: str) -> None:
    """What has to be so after every round."""
    until(killed.all_up, "all parts are up")
    parts.pool.check()  # our own connections may have been cut as well
    for name in COMMANDS:
        assert "Traceback" not in killed.said(name).read_text(errors="replace"), f"{what}\n{killed.last_words(name)}"
    assert imports.open_imports(parts.pool) == []
    promises = [promise for client in clients for promise in client.promised]
    check_promises(parts, promises, what)
    check_file(parts, file, what)

    sweep(parts, parts.now(), lambda _: None)
    proved = quiet(parts, lambda: verify(parts.database_url, parts.proofs.verifier, parts.proofs.file))
    assert proved.checkpoints > 0, what
    kept, anew = quiet(parts, lambda: (rows(parts), rebuilt(parts)))
    assert kept == anew, f"{what}: a rebuild changes rows"
    assert [each.stuck for each in parts.projector.status()] == [()] * len(kept), what


def check_promises(parts: Parts, promises: list[tuple[dict[str, Any], dict[str, Any]]], what: str) -> None:
    """Each acknowledged fact is in the inbox once, and caused what its answer named, and nothing else."""
    with parts.pool.connection() as conn:
        found = conn.execute(
            "SELECT id, array_agg('/api/v1/facts/' || arrival) FROM pairway.inbox"
            " WHERE source = 'urn:crash' AND disposition = 'accepted' GROUP BY id"
        ).fetchall()
        caused = conn.execute(
            "SELECT e.cause_id, array_agg(p.position ORDER BY p.position) FROM pairway.event e"
            " JOIN pairway.position p ON p.seq = e.seq WHERE e.cause_source = 'urn:crash' GROUP BY e.cause_id"
        ).fetchall()
    assert dict(found) == {fact["id"]: [said["href"]] for fact, said in promises}, what
    assert dict(caused) == {fact["id"]: said["positions"] for fact, said in promises}, what


def check_file(parts: Parts, file: Path, what: str) -> None:
    """Each line of the file was taken in once: a number of the import has one row, or is a duplicate and has none.

    An importer that was killed when it had just finished begins anew: it finds duplicates, and what is invalid again.
    """
    with parts.pool.connection() as conn:
        row = conn.execute(
            "SELECT i.lines_done, count(b.line), count(DISTINCT b.line), max(b.line) <= i.lines_done,"
            " bool_and(b.arrived_as = 'invalid')"
            " FROM pairway.import i JOIN pairway.inbox b ON b.import_id = i.id WHERE i.name = %s"
            " GROUP BY i.id ORDER BY i.id",
            (str(file.resolve()),),
        ).fetchall()
    (done, kept, different, within, _), *anew = row
    assert (done, kept, within) == (LINES, different, True), what
    assert all(only_invalid for *_, only_invalid in anew), what


def quiet(parts: Parts, look: Any) -> Any:
    """What one sees while nothing moves: workers may be at it still."""
    found: list[Any] = []

    def looked() -> bool:
        caught_up(parts)
        head = parts.store.head()
        found.append(look())
        return parts.store.head() == head and all(each.lag == 0 for each in parts.projector.status())

    until(looked, "nothing moves")
    return found[-1]


def rows(parts: Parts) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read model."""
    found = {}
    with parts.pool.connection() as conn:
        for name in parts.projector.models:
            found[name] = conn.execute(f"SELECT * FROM projection.{name} t ORDER BY t::text".encode()).fetchall()
    return found


def rebuilt(parts: Parts) -> dict[str, list[tuple[Any, ...]]]:
    parts.projector.rebuild("all")
    return rows(parts)
