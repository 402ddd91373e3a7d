"""Facts that several threads bring at the same moment are committed together, each answered as if it came alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from pairway.recorder import Outcome, Recorder
from pairway.wiring import Parts
from tests.until import until

CLIENTS = 8
TIME = "2025-05-02T10:00:00+00:00"


def fact(kind: str, subject: str, number: object = "", **data: Any) -> bytes:
    told = {"specversion": "1.0", "source": "/hr", "id": f"{kind}-{subject}-{number}", "type": f"mentoring.{kind}"}
    return json.dumps(told | {"subject": subject, "time": TIME, "data": data}).encode()


def opened() -> bytes:
    skills = [{"id": "s", "name": "Speaking"}]
    return fact("programme.opened", "p", name="P", purpose="Growth", starts_on="2025-05-01", competencies=skills)


def registered(number: int) -> bytes:
    who = f"m{number}"
    return fact(
        "participant.registered", who, programme="p", role="mentor", person=who, name=who, email=f"{who}@example.org"
    )


def at_once(do: Callable[[int], list[Outcome]]) -> list[list[Outcome]]:
    """What each client was answered; all begin at the same moment."""
    ready = Barrier(CLIENTS)

    def begin(number: int) -> list[Outcome]:
        ready.wait()
        return do(number)

    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(begin, range(CLIENTS)))


def transactions(parts: Parts) -> int:
    with parts.pool.connection() as conn:
        row = conn.execute("SELECT count(DISTINCT xid) FROM pairway.event").fetchone()
    assert row is not None
    return int(row[0])


def test_each_is_answered_for_its_own_facts(parts: Parts) -> None:
    parts.recorder.take([opened()])

    def tell(number: int) -> list[Outcome]:
        return parts.recorder.take(
            [registered(number), b"no fact", fact("participant.approved", f"m{number}", by="hr")]
        )

    for number, outcomes in enumerate(at_once(tell)):
        assert [one.disposition for one in outcomes] == ["accepted", "invalid", "accepted"]
        assert [one.subject for one in outcomes] == [f"m{number}", None, f"m{number}"]
        stored = parts.store.read_stream(f"participant-m{number}")
        assert [seq for one in outcomes for seq in one.seqs] == [each.seq for each in stored]
        assert len({one.arrival for one in outcomes}) == 3


def test_those_who_wait_for_a_turn_share_a_commit(parts: Parts) -> None:
    parts.recorder.take([opened()])
    before = transactions(parts)
    with ThreadPoolExecutor(CLIENTS) as threads:
        with parts.recorder._turn:
            taken = [threads.submit(parts.recorder.take, [registered(number)]) for number in range(CLIENTS)]
            until(lambda: len(parts.recorder._in_company._waiting) == CLIENTS - 1)
        assert [one.result()[0].disposition for one in taken] == ["accepted"] * CLIENTS
    assert transactions(parts) - before == 2


def test_one_fact_sent_by_many_clients_at_once_is_recorded_once(parts: Parts) -> None:
    parts.recorder.take([opened()])
    answers = [one for (one,) in at_once(lambda _: parts.recorder.take([registered(1)]))]
    assert sorted(one.disposition for one in answers) == ["accepted", *["duplicate"] * (CLIENTS - 1)]
    assert {one.first for one in answers} == {None, "accepted"}
    assert len({one.arrival for one in answers}) == 1
    assert len(parts.store.read_stream("participant-m1")) == 1


def test_a_fact_that_breaks_the_program_breaks_it_for_nobody_else(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be decided together is decided one by one."""
    parts.recorder.take([opened()])
    decide = Recorder._decide

    def fragile(self: Recorder, arrived: Any, *rest: Any) -> Any:
        if any(one.raw == registered(3) for one in arrived):
            raise ZeroDivisionError
        return decide(self, arrived, *rest)

    monkeypatch.setattr(Recorder, "_decide", fragile)

    def tell(number: int) -> list[Outcome]:
        try:
            return parts.recorder.take([registered(number)])
        except ZeroDivisionError:
            return []

    answers = at_once(tell)
    assert [len(outcomes) for outcomes in answers] == [1, 1, 1, 0, 1, 1, 1, 1]
    assert all(one.disposition == "accepted" for outcomes in answers for one in outcomes)
    assert parts.store.read_stream("participant-m3") == []
