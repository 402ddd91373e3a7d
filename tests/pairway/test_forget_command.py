"""`pairway forget` as a person uses it: asked before, told after, and never half done."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import psycopg
import pytest

from pairway.cli import main
from pairway.running import keep_keys_fresh, running
from pairway.wiring import Parts
from tests.commands import started
from tests.pairway.conftest import make_parts, parts
from tests.pairway.forgettable import SECRETS, owners, whole_log
from tests.parts import environment
from tests.until import until

__all__ = ["make_parts", "parts"]

REASON = ("--reason", "It was asked for.")


@pytest.fixture
def record(parts: Parts) -> Parts:
    parts.recorder.take(whole_log())
    parts.store.seal(wait=True)
    return parts


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(record: Parts, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Told:
    """The command in this process: its exit code, and what it said, with nobody to ask."""
    for name, value in environment(record).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO("t1\n"))

    def told(*arguments: str) -> tuple[int, str, str]:
        code = main(("forget", *arguments))
        return code, *capfd.readouterr()

    return told


def test_it_says_what_it_destroyed(told: Told) -> None:
    code, said, _ = told("t1", *REASON, "--yes")
    assert code == 0
    assert "t1 is forgotten: 2 keys (pairing-p1, participant-t1) destroyed (position " in said
    assert "docs/forgetting.md" in said
    code, said, _ = told("t1", *REASON)
    assert code == 0
    assert said.startswith("t1 was forgotten before, on ")


def test_with_nobody_to_ask_it_wants_to_be_told_that_it_is_meant(record: Parts, told: Told) -> None:
    assert told("t1", *REASON) == (
        2,
        "",
        "pairway: This cannot be undone, and there is nobody to ask: add --yes if it is meant.\n",
    )
    assert record.store.key("participant-t1") is not None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nobody", *REASON, "--yes"), "There is no participant nobody."),
        (("t1", "--reason", "Zaphira asked", "--yes"), "Nothing was done: the reason names the person"),
        (("t1", "--reason", "", "--yes"), "Nothing was done: the reason must be given."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(told: Told, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = told(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"pairway: {says}")
    assert len(err.splitlines()) == 1


def on_a_terminal(record: Parts, answer: bytes) -> tuple[int, str]:
    """Runs the command with a person before it who types this."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pairway.cli", "forget", "t1", *REASON],
        env=environment(record),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.write(ours, answer)
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return process.returncode, out.decode()


def test_on_a_terminal_it_asks_and_does_it_when_the_id_is_typed(record: Parts) -> None:
    code, said = on_a_terminal(record, b"t1\n")
    assert code == 0
    assert f"t1 is {SECRETS['name']}, protege in leaders." in said
    assert "all that was written in 1 pairing (p1), will be unreadable for ever" in said
    assert "t1 is forgotten: 2 keys" in said
    assert record.store.key("participant-t1") is None


def test_anything_else_that_is_typed_does_nothing(record: Parts) -> None:
    code, said = on_a_terminal(record, b"yes\n")
    assert code == 1
    assert said.endswith("Nothing was done.\n")
    assert record.store.key("participant-t1") is not None


# Each is reached by the transaction at another moment: before the keys go, between them and the inbox, and at its end.
MOMENTS = {
    "before the keys go": "SELECT FROM pairway.subject_key WHERE stream = 'pairing-p1' FOR UPDATE",
    "when the keys are gone": "SELECT FROM pairway.inbox WHERE errors IS NOT NULL FOR UPDATE",
    "before it is recorded": "LOCK TABLE pairway.event IN SHARE MODE",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_anywhere_it_was_done_wholly_or_not_at_all_and_run_again_it_is_done(record: Parts, moment: str) -> None:
    with psycopg.connect(owners(record)) as other:
        other.execute(MOMENTS[moment].encode())
        with started(record, "forget", "t1", *REASON, "--yes") as process:
            until(lambda: waiting(record))
            process.send_signal(signal.SIGKILL)
            process.wait()
    until(lambda: not waiting(record))
    assert record.store.key("participant-t1") is not None
    assert record.store.key("pairing-p1") is not None
    assert "ParticipantForgotten" not in [event.type for event in record.store.read_stream("participant-t1")]
    record.forget("t1", "mpm", "It was asked for.")
    assert record.store.key("participant-t1") is None
    assert [event.type for event in record.store.read_stream("participant-t1")][-1] == "ParticipantForgotten"


def waiting(record: Parts) -> bool:
    """Whether the act is under way and waits for somebody; what others do is shown to the owner only."""
    with psycopg.connect(owners(record)) as conn:
        rows = conn.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pairway.forget(%'"
            " AND wait_event_type = 'Lock'"
        ).fetchall()
    return bool(rows)


def test_other_processes_let_go_of_the_keys_they_hold_in_memory(record: Parts) -> None:
    heard, stop = threading.Semaphore(0), threading.Event()
    with running(stop, {"keys": keep_keys_fresh(record.database_url, heard.release)}):
        assert heard.acquire(timeout=30)  # when it began to listen
        record.forget("t1", "mpm", "It was asked for.")
        assert heard.acquire(timeout=30)


def test_what_was_loaded_and_unwrapped_is_let_go_of(record: Parts) -> None:
    wrapped = record.store.key("participant-t1")
    assert wrapped is not None
    plain = record.keyring.unwrap(wrapped)
    assert len(plain) == 32
    record.forget("t1", "mpm", "It was asked for.")
    record.let_go()
    assert record.recorder._streams._kept == {}
    assert [each.cache_info().currsize for each in record.keyring._kept] == [0] * len(record.keyring._kept)
