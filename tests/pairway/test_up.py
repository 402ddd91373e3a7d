"""The whole service in one go: it says where it is, holds the demo once, and stops when it is told."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from pairway.wiring import Parts, now
from projections.due import due
from tests.commands import count, run, started
from tests.parts import log
from tests.until import until


def address(process: subprocess.Popen[bytes]) -> str:
    """Where it says it is."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(rb"Pairway is up at (http://127\.0\.0\.1:\d+)\n", line):
            return found[1].decode()
    raise AssertionError(process.communicate()[1].decode())


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> str:
    """Ends it as a person or a supervisor would; what it said on the way."""
    process.send_signal(number)
    out, said = process.communicate(timeout=30)
    assert process.returncode == 0, said.decode()
    assert b"Traceback" not in said + out
    return out.decode()


def test_the_demo_is_loaded_once_and_served_until_it_is_told_to_stop(parts: Parts, redis_url: str) -> None:
    with started(parts, "up", "--demo", "--port", "0", redis_url=redis_url) as process:
        at = address(process)
        assert httpx.get(f"{at}/healthz").status_code == 200
        programmes = httpx.get(f"{at}/api/v1/programmes").text
        assert "leaders-" in programmes
        page = httpx.get(f"{at}/", headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.status_code == 200
        assert "<html" in page.text
        stopped(process, signal.SIGINT)
    facts, events = count(parts, "inbox"), count(parts, "event")
    assert facts > 1000
    assert due(parts.pool, now()) == []

    with started(parts, "up", "--demo", "--port", "0", redis_url=redis_url) as process:
        at = address(process)
        until(lambda: httpx.get(f"{at}/readyz").status_code == 200)
        stopped(process, signal.SIGTERM)
    assert (count(parts, "inbox"), count(parts, "event")) == (facts, events)


def test_facts_that_are_imported_beside_it_are_on_its_pages_in_a_moment(
    parts: Parts, redis_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "facts.ndjson"
    file.write_bytes(b"\n".join(log(4)))
    with started(parts, "up", "--port", "0", redis_url=redis_url) as process:
        at = address(process)
        assert run(parts, "import", file).returncode == 0
        until(lambda: "leaders-" in httpx.get(f"{at}/api/v1/programmes").text)
        until(lambda: due(parts.pool, now()) == [])
        stopped(process, signal.SIGINT)


def test_a_port_in_use_is_told_before_anything_else_is_done(parts: Parts, redis_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(parts, "up", "--demo", "--port", port)

    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr.decode()
    assert b"Traceback" not in ended.stderr
    assert count(parts, "inbox") == 0
    assert not (parts.settings.data / "demo.ndjson").exists()


def test_without_accounts_it_listens_on_this_machine_only(parts: Parts) -> None:
    ended = run(parts, "up", "--host", "0.0.0.0", "--port", "0")

    assert ended.returncode == 2
    assert b"--insecure" in ended.stderr


@pytest.mark.parametrize("command", ["work", "up"])
def test_without_a_queue_it_does_not_start(parts: Parts, command: str, tmp_path: Path) -> None:
    with started(parts, command, redis_url=f"unix://{tmp_path}/nowhere.sock") as process:
        out, said = process.communicate(timeout=60)

    assert process.returncode == 2, out + said
    assert b"PAIRWAY_REDIS_URL" in said
    assert b"Traceback" not in said


@pytest.mark.parametrize("command", ["work", "project"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_each_part_alone_stops_when_it_is_told(
    parts: Parts, redis_url: str, command: str, number: signal.Signals
) -> None:
    with started(parts, command, redis_url=redis_url) as process:
        assert process.stdout is not None
        assert b"Ctrl-C stops" in process.stdout.readline()
        stopped(process, number)
