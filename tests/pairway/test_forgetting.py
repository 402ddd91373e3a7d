"""Somebody is forgotten: nothing that names them, and nothing their pairs wrote, can be read by anybody, anywhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from domain import events
from domain.forgetting import Nobody
from domain.refusals import Refused
from eventstore.verify import verify
from pairway.embedded.programs import postgres_program
from pairway.sweeping import caught_up
from pairway.wiring import Parts
from tests.pairway.conftest import make_parts, parts
from tests.pairway.forgettable import (
    SECRETS,
    begun,
    dump,
    fact,
    of_theirs,
    owners,
    person,
    readable,
    report,
    whole_log,
)

__all__ = ["make_parts", "parts"]

HOSTILE = ("Z" * 10_000, "\u202eretsasid \u2067x\u2069", "<script>alert('Zaphira')</script>", "=cmd|' /C calc'!A0")


def test_nothing_of_them_can_be_opened_any_more_and_all_else_stays(parts: Parts) -> None:
    begun(parts)
    before, sealed = report(parts), parts.store.head()
    done = parts.forget("t1", "mpm", "It was asked for.")
    assert done.keys == ("pairing-p1", "participant-t1")
    assert (done.pairings, done.before, done.elsewhere, done.open_texts) == (("p1",), False, (), ())
    assert done.position == sealed + 1
    caught_up(parts)
    after = report(parts)
    assert {**before, "as_of": 0, "learned": 0} == {**after, "as_of": 0, "learned": 0}
    assert verify(parts.database_url, parts.proofs.verifier, parts.proofs.file).events == sealed + 1
    stored = parts.store.read_stream("participant-t1")[-1]
    assert parts.codec.decode(stored.type, stored.data) == events.ParticipantForgotten("mpm", "It was asked for.")
    assert (stored.actor, stored.cause_source, stored.cause_id) == ("mpm", "urn:pairway:forget", "t1")
    for key in ("participant-t1", "pairing-p1"):
        assert parts.store.key(key) is None
    for key in ("participant-m1", "pairing-p2", "inbox"):
        assert parts.store.key(key) is not None


def test_before_that_it_could_be_read(parts: Parts) -> None:
    """Else the next test would prove nothing."""
    found = readable(begun(parts))
    assert [text for text in of_theirs() if text not in found] == []
    assert SECRETS["notes"] in dump(parts)  # quoted by what was wrong with a fact


def test_who_has_the_whole_database_and_the_master_key_reads_nothing_of_them(parts: Parts) -> None:
    begun(parts)
    parts.forget("t1", "mpm", "It was asked for.")
    caught_up(parts)
    found = readable(parts)
    assert [text for text in of_theirs() if text in found] == []
    assert [text for text in ("Zaphira", "Quellwasser", "Brunnental", "quell.example") if text in found] == []
    assert SECRETS["notes"] not in dump(parts)
    # of the other pair nothing was touched
    for text in (SECRETS["notes"] + "p2", SECRETS["why"] + "p2", "Kim Park", "Ivo Petrov"):
        assert text in found


def test_a_dump_by_postgres_itself_holds_no_trace(parts: Parts, tmp_path: Path) -> None:
    begun(parts)
    parts.forget("t1", "mpm", "It was asked for.")
    caught_up(parts)
    file = tmp_path / "dump.sql"
    subprocess.run([postgres_program("pg_dump"), "--dbname", owners(parts), "--file", file], check=True)
    text = file.read_text()
    assert "ParticipantForgotten" in text
    assert b"It was asked for.".hex() in text  # how the data of an event stands there
    for secret in [*of_theirs(), "Zaphira", "Quellwasser", "Brunnental", "quell.example"]:
        assert secret not in text
        assert secret.encode().hex() not in text


def test_nobody_is_forgotten_whom_nobody_told_of(parts: Parts) -> None:
    with pytest.raises(Nobody, match="There is no participant t1"):
        parts.forget("t1", "mpm", "It was asked for.")


def test_done_twice_it_says_so_and_does_nothing(parts: Parts) -> None:
    parts.recorder.take(whole_log())
    first = parts.forget("t1", "mpm", "It was asked for.")
    again = parts.forget("t1", "somebody", "Again.")
    assert (again.before, again.position, again.at, again.keys) == (True, first.position, first.at, ())
    assert parts.store.head() == first.position


@pytest.mark.parametrize(
    ("by", "reason", "why"),
    [
        ("mpm", "Zaphira asked for it.", "the reason names the person"),
        ("mpm", "see BRUNNENTAL@quell.example", "the reason names the person"),
        ("zaphira", "It was asked for.", "who asks for it names the person"),
        ("mpm", " ", "the reason must be given"),
        ("", "It was asked for.", "who asks for it must be given"),
        ("mpm", "x" * 1_001, "the reason is too long"),
        ("mpm", "a\x00b", "cannot be printed"),
        ("mpm", "a\u202eb", "cannot be printed"),
    ],
)
def test_what_stays_for_ever_must_not_name_them(parts: Parts, by: str, reason: str, why: str) -> None:
    parts.recorder.take(whole_log())
    with pytest.raises(Refused) as refused:
        parts.forget("t1", by, reason)
    assert why in refused.value.reason
    assert parts.store.key("participant-t1") is not None


def test_texts_that_are_not_sealed_and_name_them_are_told(parts: Parts) -> None:
    begun(parts)
    parts.recorder.take([fact("pairing.paused", "p1", "2025-06-11", paused_on="2025-06-11", reason="zaphira is ill")])
    caught_up(parts)
    done = parts.forget("t1", "mpm", "It was asked for.")
    [found] = [each for each in parts.store.read_stream("pairing-p1") if each.type == "PairingPaused"]
    assert done.open_texts == (found.position,)


def test_the_same_person_under_another_id_is_told(parts: Parts) -> None:
    other = json.loads(person("x1", "mentor", SECRETS["name"], SECRETS["email"]))
    other["data"]["person"] = "hr-t1"
    parts.recorder.take([*whole_log(), json.dumps(other).encode()])
    caught_up(parts)
    assert parts.forget("t1", "mpm", "It was asked for.").elsewhere == ("x1",)
    assert parts.forget("x1", "mpm", "It was asked for.").elsewhere == ("t1",)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_any_kind_is_gone(parts: Parts, name: str) -> None:
    log = [
        json.dumps({**json.loads(line), "data": {**json.loads(line)["data"], "name": name}}).encode()
        if b"participant.registered" in line and b"Zaphira" in line
        else line
        for line in whole_log()
    ]
    parts.recorder.take(log)
    caught_up(parts)
    parts.forget("t1", "mpm", "It was asked for.")
    assert name not in readable(parts)


def test_a_rebuild_makes_the_rows_as_they_were(parts: Parts) -> None:
    begun(parts)
    parts.forget("t1", "mpm", "It was asked for.")
    caught_up(parts)

    def rows() -> dict[str, list[Any]]:
        with parts.pool.connection() as conn:
            return {
                name: conn.execute(f"SELECT * FROM projection.{name} ORDER BY 1, 2".encode()).fetchall()
                for name in parts.projector.models
            }

    before = rows()
    parts.projector.rebuild("all")
    assert rows() == before
