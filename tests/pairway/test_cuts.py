"""A connection that is cut at a commit, whoever commits: told in a sentence, done again, recorded once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from eventstore.pool import open_pool
from eventstore.store import Store
from pairway.recorder import Recorder
from pairway.wiring import Parts
from tests.cutting import Moment, Wire, wire
from tests.eventstore.writing import note
from tests.parts import MakeParts, arrived, as_url, environment, log, recorded

MOMENTS = ["before", "after"]


@pytest.fixture
def wired(parts: Parts) -> Iterator[Wire]:
    with wire(parts.database_url) as made:
        yield made


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_import_whose_connection_was_cut_and_that_is_run_again_ends_as_if_never_broken(
    make_parts: MakeParts, tmp_path: Path, moment: Moment
) -> None:
    file = tmp_path / "facts.ndjson"
    facts = log(40, months=12)
    file.write_bytes(b"".join(fact + b"\n" for fact in facts))
    whole, broken = make_parts(), make_parts()
    # a fact of the second batch, so that the first is in the record already
    marked = next(fact for fact in map(json.loads, facts[600:700]) if fact["type"] == "mentoring.pairing.meeting_held")

    with wire(broken.settings.database_url or "") as wired:
        wired.cut(moment, marked["id"], marked["type"])
        first = imported(broken, file, wired.url)
        assert wired.cuts == 1
        assert first.returncode == 2, first.stderr.decode()
        assert b"What was recorded is safe; run it again" in first.stderr
        assert b"Traceback" not in first.stderr
        again = imported(broken, file, wired.url)

    unbroken = imported(whole, file, whole.settings.database_url or "")
    assert again.returncode == unbroken.returncode == 0, again.stderr.decode()
    assert json.loads(again.stdout) == json.loads(unbroken.stdout)
    assert arrived(broken) == arrived(whole)
    assert recorded(broken) == recorded(whole)


def imported(parts: Parts, file: Path, url: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pairway.cli", "import", file, "--format", "json"],
        env=environment(parts) | {"PAIRWAY_DATABASE_URL": as_url(url)},
        capture_output=True,
        timeout=300,
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_time_causes_is_recorded_once_though_the_connection_was_cut(
    parts: Parts, wired: Wire, moment: Moment
) -> None:
    parts.recorder.take(log(3))
    with parts.pool.connection() as conn:
        pairings = [
            row[0].removeprefix("pairing-")
            for row in conn.execute("SELECT stream FROM pairway.stream WHERE stream LIKE 'pairing-%' AND version > 0")
        ]
    before = sum(len(events) for events in streams(parts).values())
    with open_pool(wired.url, name="far") as pool:
        far = Recorder(Store(pool), parts.codec, parts.keyring, parts.now)
        wired.cut(moment, "clock", "DeadlineMissed")
        with pytest.raises(psycopg.OperationalError):
            far.bring_forward(pairings, parts.now())
        assert wired.cuts == 1
        caused = sum(len(events) for events in streams(parts).values()) - before
        assert bool(caused) == (moment == "after")
        # decided again: by the one that was cut off, and by another that knows nothing of it
        assert bool(far.bring_forward(pairings, parts.now())) == (moment == "before")
        assert far.bring_forward(pairings, parts.now()) == 0
    assert parts.recorder.bring_forward(pairings, parts.now()) == 0
    for events in streams(parts).values():
        assert [event[0] for event in events] == list(range(1, len(events) + 1))


def streams(parts: Parts) -> dict[str, list[tuple[object, ...]]]:
    parts.store.seal(wait=True)
    return recorded(parts)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_seal_whose_connection_was_cut_gave_each_event_its_position_or_none(
    parts: Parts, wired: Wire, moment: Moment
) -> None:
    seqs = [*note(parts.store, "pairing-1", "pairing-2"), *note(parts.store, "pairing-1")]
    with open_pool(wired.url, name="far") as pool:
        wired.cut(moment, "pairway.seal")
        with pytest.raises(psycopg.OperationalError):
            Store(pool).seal()
        assert wired.cuts == 1
        assert parts.store.head() == (3 if moment == "after" else 0)
        assert Store(pool).seal(wait=True) == (0 if moment == "after" else 3)
    assert [(each.position, each.seq) for each in parts.store.read(0, 10)] == list(enumerate(seqs, 1))
