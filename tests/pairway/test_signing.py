"""The signing key follows from the master key alone, and heads are signed while the service runs, whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from eventstore import outside
from eventstore.checkpoints import Proofs
from pairway.running import keep_signing
from pairway.settings import Settings
from pairway.signing import checkpoint_file, signer
from pairway.wiring import Parts
from tests.eventstore.proving import behind_its_back
from tests.parts import MASTER, NOW, log


def test_a_master_key_has_one_signing_key_for_ever() -> None:
    """Derived otherwise, no checkpoint of the past could be checked any more."""
    assert str(signer(MASTER).verifier) == (
        "pairway/fc5b7f3bcfb0e190+d993e485+AfxbfzvPsOGQz3mSgyIK2eTN19OU11Lp4KD7kltNHXH+"
    )
    assert signer(bytes(32)).verifier != signer(MASTER).verifier


def test_the_file_outside_is_the_one_that_was_set_or_one_a_database(parts: Parts, tmp_path: Path) -> None:
    own = checkpoint_file(parts.settings, parts.pool)
    assert own.parent == tmp_path
    assert own.name.startswith("checkpoints-")
    assert checkpoint_file(Settings(data=tmp_path), parts.pool) == tmp_path / "checkpoints.txt"
    assert checkpoint_file(replace(parts.settings, checkpoint_file=Path("/else/where")), parts.pool) == Path(
        "/else/where"
    )


class Turns:
    """The clock of a loop: each look at it is a turn, and after so many the loop is stopped."""

    def __init__(self, most: int) -> None:
        self.stop = threading.Event()
        self._left = most

    def now(self) -> datetime:
        self._left -= 1
        if self._left <= 0:
            self.stop.set()
        return NOW


def test_heads_are_signed_while_there_is_something_new(parts: Parts) -> None:
    turns = Turns(1)
    parts.recorder.take(log(2))
    parts.store.seal(wait=True)
    keep_signing(parts.proofs, turns.now, 0.001)(turns.stop)
    head = parts.proofs.head()
    assert head is not None
    assert head.size == parts.store.head()
    assert parts.proofs.file is not None
    assert outside.last(parts.proofs.file) == head.note


def test_what_is_sealed_between_two_heads_is_hashed_by_then(parts: Parts) -> None:
    parts.recorder.take(log(2))
    parts.store.seal(wait=True)
    stop = threading.Event()

    def comes(what: Callable[[], object]) -> bool:
        return any(what() or stop.wait(0.01) for _ in range(1000))

    thread = threading.Thread(target=keep_signing(parts.proofs, parts.now, 3600), args=(stop,))
    thread.start()
    try:
        assert comes(parts.proofs.head)
        parts.recorder.take(log(3))
        parts.store.seal(wait=True)
        width = min(parts.store.head(), 256)
        assert comes(lambda: parts.proofs.tile(0, 0, width))
        assert parts.proofs.behind() > 0
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("trouble", ["a record that was cut", "a file that cannot be written"])
def test_what_cannot_be_signed_is_told_and_tried_again(parts: Parts, tmp_path: Path, trouble: str) -> None:
    parts.recorder.take(log(2))
    parts.store.seal(wait=True)
    parts.proofs.make(parts.now)
    proofs = parts.proofs
    if trouble == "a record that was cut":
        with behind_its_back(parts.database_url) as conn:
            conn.execute("DELETE FROM pairway.position WHERE position > 3")
            conn.execute("TRUNCATE pairway.tile")
    else:
        (tmp_path / "full").write_text("")
        proofs = Proofs(parts.pool, proofs.signer, tmp_path / "full" / "file")
    stop = threading.Event()
    with capture_logs() as told:
        thread = threading.Thread(target=keep_signing(proofs, parts.now, 0.001), args=(stop,))
        thread.start()
        while len(told) < 2:
            stop.wait(0.01)
        stop.set()
        thread.join()
    assert {each["event"] for each in told} == {"no checkpoint"}
    assert {each["log_level"] for each in told} == {"error"}
