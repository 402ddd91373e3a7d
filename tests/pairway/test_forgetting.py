"""Somebody is forgotten: nothing that names them, and nothing their pairs wrote, can be read by anybody, anywhere."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from domain import events
from domain.forgetting import Nobody
from domain.refusals import Refused
from eventstore.keys import CannotOpen, Keyring, fact_place, rest_place
from eventstore.rows import Conflict
from eventstore.store import Store
from eventstore.verify import verify
from pairway.embedded.programs import postgres_program
from pairway.recorder import Recorder
from pairway.sweeping import caught_up
from pairway.wiring import Parts
from projections.reporting import Reports
from tests.pairway.conftest import make_parts, parts
from tests.parts import MASTER, MakeParts

__all__ = ["make_parts", "parts"]

PROGRAMME = "leaders"
# Of every text that is to be forgotten, something that stands nowhere else.
SECRETS = {
    "name": "Zaphira Quellwasser",
    "email": "zaphira@quell.example",
    "agenda": "agenda-9f31",
    "notes": "notes-77aa",
    "comment": "comment-c0de",
    "worked": "worked-1ce5",
    "did_not": "did-not-b0b0",
    "why": "why-5eed",
    "new name": "Zaphira Brunnental",
    "new email": "brunnental@quell.example",
    "parked notes": "parked-e1e1",
    "in no fact": "unread-4d4d",
    "unknown field": "unknown-3b3b",
}
HOSTILE = ("Z" * 10_000, "\u202eretsasid \u2067x\u2069", "<script>alert('Zaphira')</script>", "=cmd|' /C calc'!A0")
_numbers = count(1)


def fact(kind: str, subject: str, time: str, **data: Any) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "source": "urn:test",
            "id": f"f{next(_numbers)}",
            "type": f"mentoring.{kind}",
            "subject": subject,
            "time": f"{time}T09:00:00+01:00" if len(time) == 10 else time,
            "data": data,
        },
        ensure_ascii=False,
    ).encode()


def person(who: str, role: str, name: str, email: str, **more: Any) -> bytes:
    return fact(
        "participant.registered",
        who,
        "2025-01-02",
        programme=PROGRAMME,
        role=role,
        person=f"hr-{who}",
        name=name,
        email=email,
        **more,
    )


def pair(pairing: str, mentor: str, protege: str) -> list[bytes]:
    """From the proposal into the monthly meetings, with all that a pair may write."""
    on = "2025-01-20"
    return [
        fact(
            "pairing.proposed",
            pairing,
            "2025-01-06",
            programme=PROGRAMME,
            mentor=mentor,
            protege=protege,
            starts_on="2025-01-06",
        ),
        fact("participant.assessed", protege, "2025-01-07", ratings={"delegation": 3}),
        *(
            fact("participant.trained", who, "2025-01-08", workshop="intro", attended_on="2025-01-08")
            for who in (mentor, protege)
        ),
        fact(
            "pairing.goals_agreed",
            pairing,
            "2025-01-09",
            agreed_on="2025-01-09",
            strengths=["calm"],
            needs=["delegating"],
            goals=[{"id": "g1", "title": "Delegate", "actions": ["Hand over a project"]}],
        ),
        fact(
            "pairing.meeting_held",
            pairing,
            on,
            held_on=on,
            minutes=60,
            agenda=SECRETS["agenda"] + pairing,
            notes=SECRETS["notes"] + pairing,
            diary=SECRETS["unknown field"] + pairing,
        ),
        fact("pairing.contract_signed", pairing, on, by="mentor", signed_on=on),
        fact("pairing.contract_signed", pairing, on, by="protege", signed_on=on),
    ]


def whole_log() -> list[bytes]:
    """Two pairs: p1 with the one who will be forgotten, p2 with others."""
    return [
        fact(
            "programme.opened",
            PROGRAMME,
            "2025-01-01",
            name="Leaders",
            purpose="Grow our own",
            starts_on="2025-01-01",
            timezone="Europe/Berlin",
            policy={"term_months": 6, "feedback_every_months": 3},
            competencies=[{"id": "delegation", "name": "Delegation"}],
        ),
        person("m1", "mentor", "Ivo Petrov", "ivo@example.org"),
        person("t1", "protege", SECRETS["name"], SECRETS["email"]),
        person("m2", "mentor", "Noor Haddad", "noor@example.org"),
        person("t2", "protege", "Kim Park", "kim@example.org"),
        *(fact("participant.approved", who, "2025-01-03", by="mpm") for who in ("m1", "t1", "m2", "t2")),
        *pair("p1", "m1", "t1"),
        *pair("p2", "m2", "t2"),
        fact("participant.changed", "t1", "2025-02-01", name=SECRETS["new name"], email=SECRETS["new email"]),
        *(
            fact(
                "pairing.feedback_given",
                pairing,
                "2025-04-08",
                quarter=1,
                by="protege",
                satisfaction=4,
                progress=4,
                comment=SECRETS["comment"] + pairing,
            )
            for pairing in ("p1", "p2")
        ),
        # a fact for a later step, which waits
        *(
            fact(
                "pairing.evaluation_given",
                pairing,
                "2025-06-02",
                by="protege",
                satisfaction=5,
                recommend=True,
                worked=SECRETS["worked"] + pairing,
                did_not=SECRETS["did_not"] + pairing,
                why=SECRETS["why"] + pairing,
            )
            for pairing in ("p1", "p2")
        ),
        # what is wrong with a fact may quote it, under a key of nobody's
        fact("pairing.meeting_held", "p1", "2025-03-01", held_on=SECRETS["notes"], minutes=SECRETS["notes"]),
        fact("participant.renamed", "t1", "2025-03-01", name=SECRETS["name"], other=SECRETS["in no fact"]),
        # the same person again, under another id: refused, and kept
        json.dumps(
            {
                **json.loads(person("t9", "protege", SECRETS["name"], SECRETS["email"])),
                "data": {
                    **json.loads(person("t9", "protege", SECRETS["name"], SECRETS["email"]))["data"],
                    "person": "hr-t1",
                },
            }
        ).encode(),
    ]


def begun(parts: Parts, until: str = "2025-06-10T12:00:00+00:00") -> Parts:
    parts.recorder.take(whole_log())
    sweep(parts, until)
    return parts


def sweep(parts: Parts, until: str) -> None:
    parts.recorder.bring_forward(["p1", "p2"], datetime.fromisoformat(until))
    caught_up(parts)


def report(parts: Parts) -> dict[str, Any]:
    found = Reports(parts.pool, parts.store, parts.codec, parts.keyring).live(PROGRAMME, parts.now())
    assert found is not None
    return found


def dump(parts: Parts) -> str:
    """The whole database as text, with what is encoded there decoded too."""
    with parts.pool.connection() as conn:
        tables = conn.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('pairway', 'projection', 'reporting') AND table_type = 'BASE TABLE'"
        ).fetchall()
        texts = []
        for schema, table in tables:
            with conn.cursor().copy(f'COPY "{schema}"."{table}" TO STDOUT'.encode()) as copy:
                data = b"".join(bytes(block) for block in copy).decode()
            texts.append(data)
            words = [word for word in data.replace("\t", "\n").splitlines() if word.startswith("\\\\x")]
            texts += [bytes.fromhex(word[3:]).decode("utf-8", "replace") for word in words]
        return "\n".join(texts)


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


def readable(parts: Parts) -> str:
    """All that somebody can read who has the whole database and the master key."""
    ring = Keyring(MASTER)
    with parts.pool.connection() as conn:
        wrapped = conn.execute("SELECT wrapped FROM pairway.subject_key WHERE wrapped IS NOT NULL").fetchall()
        bodies = conn.execute("SELECT body FROM pairway.inbox").fetchall()
    keys = [ring.unwrap(row[0]) for row in wrapped]
    found = [dump(parts)]
    places = [fact_place(None), *(place(stream) for stream in STREAMS for place in (fact_place, rest_place))]
    for (body,) in bodies:
        found += [text for key in keys for aad in places if (text := opened(ring, key, body, aad)) is not None]
    for event in parts.store.by_position():
        decoded = parts.codec.decode(event.type, event.data)
        for key in keys:
            try:
                found.append(repr(parts.codec.opened(event.type, decoded, key, event.stream)))
            except CannotOpen:
                continue
    return "\n".join(found)


STREAMS = ("participant-t1", "participant-t9", "participant-m1", "pairing-p1", "pairing-p2")


def opened(ring: Keyring, key: bytes, body: bytes, aad: bytes) -> str | None:
    try:
        return ring.open(key, body, aad).decode("utf-8", "replace")
    except CannotOpen:
        return None


def of_theirs() -> list[str]:
    """What is to be gone: of the pair's texts only those of their own pairing."""
    own = {"name", "email", "new name", "new email", "in no fact"}
    return [text if what in own else text + "p1" for what, text in SECRETS.items() if what != "parked notes"]


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


def owners(parts: Parts) -> str:
    """The address by which one is the owner of the record."""
    assert parts.settings.database_url is not None
    return parts.settings.database_url


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


def test_what_waits_goes_on_without_what_was_said_in_it(make_parts: MakeParts) -> None:
    """The figures of later, too, are what they would have been."""
    forgot, kept = begun(make_parts()), begun(make_parts())
    forgot.forget("t1", "mpm", "It was asked for.")
    caught_up(forgot)
    for one in (forgot, kept):
        one.recorder.let_go()
        sweep(one, "2025-07-20T12:00:00+00:00")
    ours, theirs = report(forgot), report(kept)
    assert ours["evaluation"] == theirs["evaluation"]
    assert ours["evaluation"]["protege"]["given"] == 2
    assert {**ours, "learned": 0} == {**theirs, "learned": 0}
    assert theirs["learned"]["worked"] == [SECRETS["worked"] + "p1", SECRETS["worked"] + "p2"]
    assert ours["learned"]["worked"] == [SECRETS["worked"] + "p2"]
    [given] = [each for each in forgot.store.read_stream("pairing-p1") if each.type == "EvaluationGiven"]
    assert json.loads(given.data)["why"] == "sealed:0:"


def row(parts: Parts, arrival: int | None) -> tuple[Any, ...]:
    with parts.pool.connection() as conn:
        found: tuple[Any, ...] | None = conn.execute(
            "SELECT disposition, reason, body, errors FROM pairway.inbox WHERE arrival = %s", (arrival,)
        ).fetchone()
    assert found is not None
    return found


def test_the_same_facts_sent_again_are_recorded_nowhere(parts: Parts) -> None:
    log = whole_log()
    parts.recorder.take(log)
    parts.forget("t1", "mpm", "It was asked for.")
    before = parts.store.read_stream("participant-t1")
    again = parts.recorder.take(log)
    assert {each.disposition for each in again} == {"duplicate", "invalid"}
    anew = [line for line in log if json.loads(line)["subject"] == "t1" and b"renamed" not in line]
    for outcome in parts.recorder.take(
        [json.dumps({**json.loads(line), "id": "x" + str(number)}).encode() for number, line in enumerate(anew)]
    ):
        assert outcome.disposition == "refused"
        assert outcome.reason == "participant t1 was forgotten: nothing more is recorded about them"
        assert row(parts, outcome.arrival)[2] == b""
    assert parts.store.read_stream("participant-t1") == before


def test_their_pairings_go_on_but_what_is_said_there_is_not_kept(parts: Parts) -> None:
    begun(parts, "2025-05-01T12:00:00+00:00")
    parts.forget("t1", "mpm", "It was asked for.")
    secret = "told after it all"
    held, waits, bad = parts.recorder.take(
        [
            fact("pairing.meeting_held", "p1", "2025-05-02", held_on="2025-05-02", minutes=30, notes=secret),
            fact(
                "pairing.evaluation_given",
                "p1",
                "2025-05-03",
                by="mentor",
                satisfaction=3,
                recommend=True,
                why=secret,
                diary=secret,
            ),
            fact("pairing.meeting_held", "p1", "2025-05-03", held_on=secret, minutes=30),
        ]
    )
    assert (held.disposition, waits.disposition, bad.disposition) == ("accepted", "parked", "invalid")
    assert bad.errors[0].reason.endswith(f'not "{secret}"')  # whoever sent it is told
    assert row(parts, bad.arrival)[3][0]["reason"] == "(withheld)"
    assert row(parts, held.arrival)[2] == b""
    assert secret not in readable(parts)
    parts.recorder.let_go()
    sweep(parts, "2025-07-20T12:00:00+00:00")
    assert row(parts, waits.arrival)[0] == "accepted"
    assert report(parts)["evaluation"]["mentor"]["given"] == 1


def test_nobody_proposes_a_pairing_with_them(parts: Parts) -> None:
    parts.recorder.take([*whole_log(), person("m3", "mentor", "Eve", "eve@example.org")])
    parts.forget("t1", "mpm", "It was asked for.")
    parts.forget("m2", "mpm", "It was asked for.")
    told = parts.recorder.take(
        [
            fact(
                "pairing.proposed",
                "p8",
                "2025-04-01",
                programme=PROGRAMME,
                mentor="m3",
                protege="t1",
                starts_on="2025-04-01",
            ),
            fact(
                "pairing.proposed",
                "p9",
                "2025-04-01",
                programme=PROGRAMME,
                mentor="m2",
                protege="t2",
                starts_on="2025-04-01",
            ),
        ]
    )
    assert [each.reason for each in told] == [
        f"participant {who} was forgotten: nothing more is recorded about them" for who in ("t1", "m2")
    ]


def test_another_process_that_knows_them_still_keeps_nothing_of_them(parts: Parts) -> None:
    """It has their streams in memory, with their keys: the record tells it that they are stale."""
    begun(parts)
    other = Recorder(Store(parts.pool), parts.codec, Keyring(MASTER), parts.now)
    warm = [
        fact("participant.changed", "t1", "2025-06-01", department="Sales"),
        fact("pairing.goal_progressed", "p1", "2025-06-01", goal="g1", percent=10),
    ]
    assert {each.disposition for each in other.take(warm)} == {"accepted"}
    parts.forget("t1", "mpm", "It was asked for.")
    secret = "known to the other"
    told = other.take(
        [
            fact("participant.changed", "t1", "2025-06-11", name=secret),
            fact("pairing.meeting_held", "p1", "2025-06-11", held_on="2025-06-11", minutes=30, notes=secret),
            fact("pairing.meeting_held", "p1", "2025-06-11", held_on=secret, minutes=30),
        ]
    )
    assert [each.disposition for each in told] == ["refused", "accepted", "invalid"]
    assert secret not in readable(parts).replace(f'not "{secret}"', "")


def test_somebody_of_whom_only_facts_came_is_forgotten_too(parts: Parts) -> None:
    [waits] = parts.recorder.take([person("t1", "protege", SECRETS["name"], SECRETS["email"])])
    assert waits.disposition == "parked"
    done = parts.forget("t1", "mpm", "It was asked for.")
    assert (done.position, done.keys, done.pairings) == (None, ("participant-t1",), ())
    assert row(parts, waits.arrival)[:2] == (
        "refused",
        "participant t1 was forgotten: nothing more is recorded about them",
    )
    log = [
        *whole_log()[:1],
        person("t1", "protege", SECRETS["name"], SECRETS["email"]),
        fact("participant.approved", "t1", "2025-01-03", by="mpm"),
    ]
    assert [each.disposition for each in parts.recorder.take(log)] == ["accepted", "refused", "refused"]
    assert "Zaphira" not in readable(parts)
    assert parts.forget("t1", "mpm", "Again.").keys == ()


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


def test_who_writes_at_the_same_time_brings_nothing_back(parts: Parts) -> None:
    begun(parts, "2025-05-01T12:00:00+00:00")
    secret = "written meanwhile"

    def write(number: int) -> None:
        other = Recorder(Store(parts.pool), parts.codec, Keyring(MASTER), parts.now)
        for minute in range(8):
            time = f"2025-05-02T{10 + number}:{minute:02}:00+00:00"
            try:
                other.take(
                    [
                        fact("pairing.meeting_held", "p1", time, held_on="2025-05-02", minutes=30, notes=secret),
                        fact("participant.changed", "t1", time, name=secret),
                    ]
                )
            except Conflict:
                continue

    with ThreadPoolExecutor(4) as several:
        writing = [several.submit(write, number) for number in range(3)]
        parts.forget("t1", "mpm", "It was asked for.")
        for each in writing:
            each.result()
    caught_up(parts)
    assert secret not in readable(parts)
    forgotten = [each.type for each in parts.store.read_stream("participant-t1")].index("ParticipantForgotten")
    assert forgotten == len(parts.store.read_stream("participant-t1")) - 1
