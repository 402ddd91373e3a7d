"""Servers of one's own: what is wrong with them is told before anything is done, in a sentence."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.pq import PGconn, Ping

from pairway.backing import backing
from pairway.embedded import Addresses, servers
from pairway.faults import Fault
from pairway.settings import Settings
from tests.pairway.conftest import asked
from tests.until import until

KEY = "00" * 32


@pytest.fixture(scope="module")
def own(started_once: Path) -> Iterator[Addresses]:
    """Servers that are somebody's own."""
    with servers(started_once) as addresses:
        yield addresses


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        number: int = line.getsockname()[1]
        return number


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(data=tmp_path / "data", master_key=KEY, **given)


def test_with_servers_of_ones_own_nothing_is_started(own: Addresses, tmp_path: Path) -> None:
    mine = settings(tmp_path, database_url=own.database_url, redis_url=own.redis_url)
    with backing(mine, queue=True) as behind:
        assert (behind.database_url, behind.redis_url) == (own.database_url, own.redis_url)
    with backing(settings(tmp_path, database_url=own.database_url)) as behind:
        assert behind.redis_url is None
    assert not (tmp_path / "data").exists()


def test_only_the_queue_may_be_embedded(own: Addresses, tmp_path: Path) -> None:
    with backing(settings(tmp_path, database_url=own.database_url), queue=True) as behind:
        assert behind.database_url == own.database_url
        assert behind.redis_url is not None
        assert behind.redis_url.startswith("unix://")


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "own"])
def test_a_server_that_recovers_from_a_crash_is_waited_for(data: Path, embedded: bool, tmp_path: Path) -> None:
    with servers(data) as addresses, ThreadPoolExecutor(1) as beside, ExitStack() as opened:
        url = addresses.database_url
        slow, killed = opened.enter_context(psycopg.connect(url)), opened.enter_context(psycopg.connect(url))
        # one backend's death ends all others, and until the last of them is gone nobody is let in
        held = psutil.Process(slow.info.backend_pid)
        held.suspend()
        psutil.Process(killed.info.backend_pid).kill()
        until(lambda: PGconn.ping(url.encode()) == Ping.REJECT, "the server refuses")

        def used() -> None:
            mine = Settings(data=data, master_key=KEY) if embedded else settings(tmp_path, database_url=url)
            with backing(mine) as behind:
                assert asked(behind.database_url, "SELECT 1") == 1

        waiting = beside.submit(used)
        with pytest.raises(TimeoutError):
            waiting.result(0.5)
        held.resume()
        waiting.result(60)


def told(tmp_path: Path, *, queue: bool = False, **given: str | None) -> str:
    with pytest.raises(Fault) as fault, backing(settings(tmp_path, **given), queue=queue):
        pass
    assert "hunter2" not in fault.value.sentence
    assert "\n" not in fault.value.sentence
    return fault.value.sentence


def test_no_database_is_told(tmp_path: Path, closed_port: int) -> None:
    said = told(tmp_path, database_url=f"postgresql://ada:hunter2@127.0.0.1:{closed_port}/x")
    assert said == (
        f"The PostgreSQL server at 127.0.0.1:{closed_port} does not answer. Start it, or correct PAIRWAY_DATABASE_URL."
    )


def test_a_database_that_does_not_exist_is_told(own: Addresses, tmp_path: Path) -> None:
    said = told(tmp_path, database_url=own.database_url.replace("/pairway?", "/nowhere?"))
    assert "has no database of that name. Make it, or correct PAIRWAY_DATABASE_URL." in said


def test_a_user_that_is_refused_is_told(own: Addresses, tmp_path: Path) -> None:
    assert "refuses the user" in told(tmp_path, database_url=own.database_url.replace("//pairway@", "//eve@"))


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in told(tmp_path, database_url="postgresql://ada:hunter2@db/x?colour=red")


def test_a_database_in_another_encoding_is_told(own: Addresses, tmp_path: Path) -> None:
    with psycopg.connect(own.database_url, autocommit=True) as connection:
        connection.execute("create database old encoding 'LATIN1' locale_provider libc locale 'C' template template0")
    said = told(tmp_path, database_url=own.database_url.replace("/pairway?", "/old?"))
    assert "is encoded in LATIN1: make it with ENCODING 'UTF8'" in said


def test_no_redis_is_told(own: Addresses, tmp_path: Path, closed_port: int) -> None:
    said = told(
        tmp_path,
        queue=True,
        database_url=own.database_url,
        redis_url=f"redis://:hunter2@127.0.0.1:{closed_port}/0",
    )
    assert said == (
        f"The Redis server at 127.0.0.1:{closed_port} does not answer. Start it, or correct PAIRWAY_REDIS_URL."
    )
