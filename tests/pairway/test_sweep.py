"""A sweep brings everybody who is due to an instant; often or once, alone or in company, it comes to the same."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pairway.sweeping import Swept, sweep
from pairway.wiring import Parts
from projections.due import due
from tests.commands import run, started
from tests.parts import MASTER, NOW, MakeParts, log, recorded


def taken(parts: Parts, facts: list[bytes]) -> Parts:
    parts.recorder.take(facts)
    return parts


def swept(parts: Parts, instant: datetime = NOW) -> Swept:
    return sweep(parts, instant, lambda _so_far: None)


def test_after_a_sweep_nobody_is_due_and_another_does_nothing(parts: Parts) -> None:
    taken(parts, log(12))
    first = swept(parts)
    assert first.pairings
    assert first.events

    assert due(parts.pool, NOW) == []
    assert swept(parts) == Swept()


def test_swept_every_week_or_once_at_the_end_the_streams_are_the_same(make_parts: MakeParts) -> None:
    often, once = taken(make_parts(), log(12)), taken(make_parts(), log(12))
    week = datetime(2025, 6, 2, tzinfo=UTC)
    while week < NOW:
        swept(often, week)
        week += timedelta(days=7)

    swept(often)
    swept(once)

    assert recorded(often) == recorded(once)


def test_several_processes_record_what_one_does(make_parts: MakeParts) -> None:
    alone, shared = taken(make_parts(), log(40)), taken(make_parts(), log(40))
    first = swept(alone)
    given = replace(shared.settings, master_key=b64encode(MASTER).decode())
    assert sweep(replace(shared, settings=given), NOW, lambda _so_far: None, processes=2) == first

    assert recorded(shared) == recorded(alone)
    assert due(shared.pool, NOW) == []


def test_two_sweepers_at_once_record_what_one_does(make_parts: MakeParts) -> None:
    alone, crowded = taken(make_parts(), log(40)), taken(make_parts(), log(40))
    swept(alone)

    with started(crowded, "sweep", "--as-of", NOW.isoformat()) as process, ThreadPoolExecutor(2) as threads:
        both = [threads.submit(swept, crowded) for _ in range(2)]
        for each in both:
            each.result()
        _, said = process.communicate(timeout=120)

    assert process.returncode == 0, said.decode()
    assert recorded(crowded) == recorded(alone)


def test_the_future_is_not_swept(parts: Parts) -> None:
    ended = run(parts, "sweep", "--as-of", "2999-01-01T00:00:00Z")

    assert ended.returncode == 2
    assert b"lies ahead of the clock" in ended.stderr
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("instant", ["yesterday", "2025-01-01", "2025-02-30T00:00:00Z", "2025-01-01T00:00:00"])
def test_an_instant_that_is_none_is_told(parts: Parts, instant: str) -> None:
    ended = run(parts, "sweep", "--as-of", instant)

    assert ended.returncode == 2
    assert instant.encode() in ended.stderr


def test_a_sweep_says_what_it_did(parts: Parts) -> None:
    taken(parts, log(6))
    ended = run(parts, "sweep", "--as-of", NOW.isoformat())

    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stdout.startswith(b"Brought ")
    assert NOW.isoformat().encode() in ended.stdout
