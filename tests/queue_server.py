"""A real Redis for the tests that need one: one server a run, one numbered database a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import redis

from pairway.embedded.programs import redis_program

DATABASES = 1000
_numbers = count()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of the server, without a database; PAIRWAY_TEST_REDIS_URL brings one of one's own."""
    given = os.getenv("PAIRWAY_TEST_REDIS_URL")
    if given:
        yield given
        return
    # a short path of its own: that of a socket may have no more than some 100 bytes
    folder = Path(tempfile.mkdtemp(prefix="pairway-redis-"))
    socket = folder / "redis.sock"
    settings = {"port": "0", "unixsocket": str(socket), "save": "", "databases": str(DATABASES), "dir": str(folder)}
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    server = subprocess.Popen([redis_program(), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "ready to accept connections" in line.lower():
                break
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.communicate(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty database for this test alone."""
    url = f"{redis_server}?db={next(_numbers) % DATABASES}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
