"""Commands as processes of their own that use the embedded servers, for tests that end them in every way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from pairway.embedded import Addresses, locks, servers
from pairway.embedded.places import places
from tests.parts import make_parts, parts
from tests.queue_server import redis_server, redis_url

__all__ = ["Visitor", "make_parts", "parts", "redis_server", "redis_url", "started_once", "visitor"]

USER = """
import json, sys
from pathlib import Path
from pairway.embedded import servers
with servers(Path(sys.argv[1])) as addresses:
    print(json.dumps([addresses.database_url, addresses.redis_url]), flush=True)
    sys.stdin.readline()
"""


class Visitor:
    """A command in another process that uses the servers until it is told to go, or killed."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a terminal's process group of its own
            text=True,
        )

    def arrived(self) -> Addresses:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        return Addresses(*json.loads(line))

    def goes(self) -> int:
        self.process.communicate("\n", timeout=60)
        return self.process.returncode

    def is_killed(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)


@pytest.fixture
def visitor() -> Iterator[Callable[[Path], Visitor]]:
    """Makes commands that use a data folder; what is left of them is ended afterwards."""
    made: list[Visitor] = []

    def make(data: Path) -> Visitor:
        made.append(Visitor(data))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.communicate()


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose servers were started and stopped; to copy, not to use."""
    data = tmp_path_factory.mktemp("once") / "data"
    with servers(data):
        pass
    return data


@pytest.fixture
def data(started_once: Path, tmp_path: Path) -> Path:
    """A data folder of this test alone, past its first start."""
    copy = tmp_path / "data"
    subprocess.run(["cp", "-a", str(started_once), str(copy)], check=True)  # owners and all
    return copy


def keeper_of(data: Path) -> psutil.Process:
    """The keeper that runs the servers of a data folder now."""
    return psutil.Process(json.loads(places(data).ready.read_text())["keeper"])


def server_of(data: Path, name: str) -> psutil.Process:
    """A server of the data folder, by the name of its program."""
    return next(child for child in keeper_of(data).children() if child.name().startswith(name))


def all_stopped(data: Path, within: float = 30.0) -> bool:
    """Waits until no keeper and no server of the data folder is left; they hold these locks to their end."""
    place = places(data)
    for path in (place.keeper, place.held_by("postgres"), place.held_by("redis")):
        descriptor = locks.opened(path)
        try:
            if not locks.take(descriptor, alone=True, within=within):
                return False
        finally:
            os.close(descriptor)
    return True


def asked(url: str, query: str) -> object:
    """The one value that a query gives."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
