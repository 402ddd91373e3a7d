"""What comes after somebody was forgotten, or at the same moment, brings nothing back, and the rest goes on."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from eventstore.keys import Keyring
from eventstore.rows import Conflict
from eventstore.store import Store
from pairway.recorder import Recorder
from pairway.sweeping import caught_up
from pairway.wiring import Parts
from tests.pairway.conftest import make_parts, parts
from tests.pairway.forgettable import PROGRAMME, SECRETS, begun, fact, person, readable, report, row, sweep, whole_log
from tests.parts import MASTER, MakeParts

__all__ = ["make_parts", "parts"]


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
