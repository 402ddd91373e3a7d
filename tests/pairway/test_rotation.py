"""A new master key takes the place of the old while everything runs, and nothing is lost or doubted by it."""

from __future__ import annotations

import os
import signal
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventstore.keys import Keyring, WrongMasterKey
from eventstore.rows import Forgetting
from eventstore.store import Store
from eventstore.verify import Broken, verify
from pairway import rotation
from pairway.cli import main
from pairway.faults import Fault
from pairway.master_key import KeyFiles, master_key
from pairway.recorder import Recorder
from pairway.rotation import retire, rotate, wrapped
from pairway.signing import signer
from pairway.wiring import Parts, put_together
from tests.commands import started
from tests.pairway.conftest import make_parts, parts
from tests.pairway.forgettable import fact, owners, whole_log
from tests.parts import MASTER, NOW, environment
from tests.until import until

__all__ = ["make_parts", "parts"]

NEW = bytes(range(32, 64))


@dataclass
class Installation:
    """A record whose master key lies in its data folder, as processes open it one after the other."""

    parts: Parts

    @property
    def files(self) -> KeyFiles:
        return KeyFiles(self.parts.settings)

    def opened(self, **given: Any) -> Parts:
        """The parts of another process, started now."""
        settings = replace(self.parts.settings, **given)
        return put_together(settings, self.parts.database_url, None, master_key(settings), self.parts.pool, lambda: NOW)


@pytest.fixture
def installation(parts: Parts) -> Installation:
    KeyFiles(parts.settings).own.write_bytes(b64encode(MASTER) + b"\n")
    found = Installation(parts)
    running = found.opened()
    running.recorder.take(whole_log())
    running.store.seal(wait=True)
    running.proofs.make(running.now)
    return found


def names(parts: Parts) -> list[str | None]:
    """Who the four participants are, as far as that can be read."""
    return [parts.forget.whom(who).names[0] for who in ("m1", "t1", "m2", "t2")]


NAMES = ["Ivo Petrov", "Zaphira Quellwasser", "Noor Haddad", "Kim Park"]


def test_every_key_is_wrapped_anew_and_opens_what_it_opened(installation: Installation) -> None:
    now = installation.opened()
    before = dict(now.store.wrapped_keys("", 100))
    assert rotate(now) == len(before)
    after = dict(now.store.wrapped_keys("", 100))
    assert after.keys() == before.keys()
    old, new = Keyring(MASTER), Keyring(master_key(now.settings))
    for name, key in before.items():
        assert new.unwrap(after[name]) == old.unwrap(key)
        with pytest.raises(WrongMasterKey):
            old.unwrap(after[name])
    assert names(installation.opened()) == NAMES
    assert wrapped(now.store, now.keyring).otherwise == 0


def test_the_new_signing_key_vouches_for_the_old_one(installation: Installation) -> None:
    now = installation.opened()
    was = now.proofs.verifier
    rotate(now)
    made = installation.opened()
    assert made.proofs.verifier != was
    head = made.proofs.head()
    assert head is not None
    assert head.key == made.proofs.verifier
    retire(made)
    alone = installation.opened()
    assert alone.proofs.also == ()
    assert verify(alone.database_url, alone.proofs.verifier, alone.proofs.file).checkpoints == 4
    with pytest.raises(Broken, match="not signed with the key"):
        verify(alone.database_url, was, alone.proofs.file)


def test_who_runs_beside_it_reads_and_writes_on(installation: Installation) -> None:
    """With files nobody has to be started again: not even to make keys, or to sign."""
    api, rotating = installation.opened(), installation.opened()
    rotate(rotating)
    assert names(api) == NAMES
    [taken] = api.recorder.take([person("m9")])
    assert taken.disposition == "accepted"
    assert wrapped(rotating.store, rotating.keyring).otherwise == 0
    api.let_go()  # as the notice of the rotation has it do
    api.store.seal(wait=True)
    made = api.proofs.make(api.now)
    assert made is not None
    assert made.key == installation.opened().proofs.verifier
    assert verify(api.database_url, api.proofs.verifier, api.proofs.file).unsealed == 0


def person(who: str) -> bytes:
    return fact(
        "participant.registered",
        who,
        "2025-01-02",
        programme="leaders",
        role="mentor",
        person=f"hr-{who}",
        name="Ida Berg",
        email="ida@example.org",
    )


@pytest.mark.parametrize(
    "moment", ["before the next key is used", "half way", "before it is in force", "before it signs"]
)
def test_killed_anywhere_and_run_again_it_goes_on(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    files, killed = installation.files, installation.opened()
    files.make_next()
    own, new = files.read()
    if moment == "half way":
        keys = killed.store.wrapped_keys("", 4)
        again = [(name, key, Keyring(new, own).anew(key) or b"") for name, key in keys]
        assert killed.store.rewrap(again) == 4
    if moment in ("before it is in force", "before it signs"):
        rotation.wrap_anew(killed.store, Keyring(new, own))
        os.link(files.own, files.former)
    if moment == "before it signs":
        files.switch()
    # whoever is started then opens everything, makes keys, and signs
    between = installation.opened()
    assert names(between) == NAMES
    assert between.recorder.take([person("m9")])[0].disposition == "accepted"
    between.store.seal(wait=True)
    between.proofs.make(between.now)
    found = verify(between.database_url, between.proofs.verifier, between.proofs.file, also=between.proofs.also)
    assert found.unsealed == 0

    rotate(installation.opened())
    assert files.read() == (new, own)
    done = installation.opened()
    assert wrapped(done.store, done.keyring).otherwise == 0
    retire(done)
    alone = installation.opened()
    assert files.read() == (new,)
    assert names(alone) == NAMES
    assert verify(alone.database_url, alone.proofs.verifier, alone.proofs.file).unsealed == 0


def test_killed_by_the_machine_half_way_it_goes_on(installation: Installation) -> None:
    """SIGKILL while one of its batches waits: what it had wrapped by then is wrapped, and the rest opens as before."""
    with psycopg.connect(owners(installation.parts)) as other:
        other.execute("SELECT FROM pairway.subject_key WHERE stream = 'participant-t2' FOR UPDATE")
        given = environment(installation.parts)
        del given["PAIRWAY_MASTER_KEY"]
        with started(installation.parts, "keys", "rotate", given=given) as process:
            until(lambda: waiting(installation.parts))
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert len(installation.files.read()) == 2
    assert names(installation.opened()) == NAMES
    rotate(installation.opened())
    assert wrapped(installation.opened().store, installation.opened().keyring).otherwise == 0


def waiting(parts: Parts) -> bool:
    with psycopg.connect(owners(parts)) as conn:
        return bool(
            conn.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND query LIKE '%pairway.rewrap_keys(%'"
            ).fetchall()
        )


def test_a_key_that_is_destroyed_meanwhile_stays_so(installation: Installation) -> None:
    now = installation.opened()
    before = dict(now.store.wrapped_keys("", 100))["participant-t1"]
    revision = now.store.load(["participant-t1"])["participant-t1"].revision
    now.store.forget(Forgetting(None, {"participant-t1": revision}, ("participant-t1",)), NOW)
    assert now.store.rewrap([("participant-t1", before, b"anew")]) == 0
    assert now.store.key("participant-t1") is None


def test_given_keys_are_rotated_with_both_given(installation: Installation) -> None:
    old, new = MASTER.hex(), NEW.hex()
    ready = installation.opened(master_key=old, second_master_key=new)  # first everybody can open both
    first = installation.opened(master_key=new, second_master_key=old)  # then one after the other wraps with the new
    assert first.recorder.take([person("m9")])[0].disposition == "accepted"
    assert names(ready) == NAMES
    assert ready.forget.whom("m9").names[0] == "Ida Berg"
    first.store.seal(wait=True)
    assert first.proofs.make(first.now) is not None
    assert ready.proofs.make(ready.now) is not None
    assert rotate(first) == wrapped(first.store, first.keyring).in_force - 1
    alone = installation.opened(master_key=new)
    assert names(alone) == NAMES
    assert alone.proofs.verifier == signer(NEW).verifier
    assert verify(alone.database_url, alone.proofs.verifier, alone.proofs.file).unsealed == 0
    with pytest.raises(Fault, match="another master key"):
        installation.opened(master_key=old)


def test_with_one_given_key_there_is_nothing_to_take_over_from(installation: Installation) -> None:
    with pytest.raises(Fault, match="PAIRWAY_SECOND_MASTER_KEY"):
        rotate(installation.opened(master_key=MASTER.hex()))
    with pytest.raises(Fault, match="take the second one away there"):
        retire(installation.opened(master_key=MASTER.hex()))


def test_a_second_key_beside_the_one_in_the_data_folder_is_a_mistake(installation: Installation) -> None:
    with pytest.raises(Fault, match="PAIRWAY_SECOND_MASTER_KEY is set, but PAIRWAY_MASTER_KEY is not"):
        installation.opened(second_master_key=NEW.hex())


def test_the_former_key_is_destroyed_only_when_nothing_needs_it(installation: Installation) -> None:
    now = installation.opened()
    with pytest.raises(Fault, match="There is no former master key here"):
        retire(now)
    installation.files.make_next()
    with pytest.raises(Fault, match="not run to its end"):
        retire(installation.opened())
    rotate(now)
    # somebody who was not told made a key with the former one
    late = Recorder(Store(now.pool), now.codec, Keyring(MASTER, master_key(now.settings)), lambda: NOW)
    assert late.take([person("m9")])[0].disposition == "accepted"
    with pytest.raises(Fault, match=r"\d keys are still wrapped with the former"):
        retire(installation.opened())
    assert rotate(installation.opened()) > 0
    retire(installation.opened())
    assert not installation.files.former.exists()
    assert names(installation.opened()) == NAMES


def test_the_next_key_is_for_its_owner_alone(installation: Installation) -> None:
    rotate(installation.opened())
    assert installation.files.own.stat().st_mode & 0o777 == 0o600


def test_the_commands_say_what_they_did(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, value in environment(installation.parts).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PAIRWAY_MASTER_KEY")

    def told(*arguments: str) -> tuple[int, str]:
        code = main(("keys", *arguments))
        out, err = capfd.readouterr()
        return code, out + err

    assert told("status")[1].startswith("9 keys are wrapped with the master key in force, 0 otherwise.")
    code, said = told("rotate")
    assert code == 0
    assert said.startswith("9 keys were wrapped anew.")
    assert f"is kept as {tmp_path}" in said
    assert told("status") == (0, "9 keys are wrapped with the master key in force, 0 otherwise.\n")
    assert told("retire")[0] == 2
    assert told("retire", "--yes")[0] == 0
    assert told("status")[0] == 0
    assert not installation.files.former.exists()


def test_after_it_an_old_backup_and_the_new_master_key_open_nobody(installation: Installation) -> None:
    """Which is what makes forgetting reach the backups, once the old master key is destroyed."""
    now = installation.opened()
    backup = now.store.key("participant-t1")
    assert backup is not None
    now.forget("t1", "mpm", "It was asked for.")
    rotate(now)
    retire(now)
    with pytest.raises(WrongMasterKey):
        Keyring(*installation.files.read()).unwrap(backup)
