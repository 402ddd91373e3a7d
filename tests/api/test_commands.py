"""`serve`, `show` and `report` as they are called from a terminal."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from pairway.cli import main
from pairway.faults import Fault
from pairway.logging import configure_logging
from pairway.serving import listening
from tests.api.conftest import MASTER, Service

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> Run:
    monkeypatch.setenv("PAIRWAY_DATABASE_URL", f"postgresql:///?{urlencode(conninfo_to_dict(database_url))}")
    monkeypatch.setenv("PAIRWAY_MASTER_KEY", MASTER.hex())
    monkeypatch.setenv("PAIRWAY_DATA", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capfd.readouterr()
        # a command logs to its own terminal; the service of this test goes on logging where it did
        configure_logging("info", "json", to=log)
        return code, out, err

    return run


# show


def test_show_tells_where_a_pairing_stands_and_how_it_came_there(service: Service, run: Run) -> None:
    service.a_pair(mentor="Ivo \x1b[31mPetrov")
    code, out, _ = run("show", "p1")
    assert code == 0
    assert "mentors Sara Ito (t1)" in out
    assert "\x1b" not in out
    assert "2025-01-20  Assessment" in out
    assert "2025-01-06 09:00  Proposed: m1 as mentor of t1" in out


def test_show_as_json_has_the_fields_of_the_specification(service: Service, run: Run) -> None:
    service.a_pair()
    _, out, _ = run("show", "p1", "--format", "json")
    found = json.loads(out)
    named = {"id", "programme", "mentor", "protege", "state", "step", "health", "ends_on", "deadlines", "flags"}
    assert found.keys() >= named | {"waiting", "events"}
    assert found["deadlines"] == [{"kind": "assessment", "due_on": "2025-01-20", "missed": False}]
    assert found["events"] == service.get("/api/v1/pairings/p1/events").json()["events"]


def test_show_of_no_pairing_is_one_sentence(run: Run) -> None:
    code, out, err = run("show", "nobody")
    assert (code, out, err) == (2, "", "pairway: There is no pairing nobody.\n")


# report


def test_the_report_is_the_same_from_the_terminal_and_over_http(service: Service, run: Run) -> None:
    service.a_pair()
    _, out, _ = run("report", "leaders", "--as-of", "2025-02-01T00:00:00+01:00")
    assert json.loads(out) == service.get("/api/v1/programmes/leaders/report?as_of=2025-02-01T00:00:00%2B01:00").json()
    assert json.loads(out)["as_of"] == "2025-02-01T00:00:00+01:00"


def test_the_report_is_written_where_it_is_wanted(service: Service, run: Run, tmp_path: Path) -> None:
    service.a_pair()
    for ending, begins in (
        ("html", b"<!doctype html>"),
        ("csv", b"\xef\xbb\xbffigure,value"),
        ("json", b"{"),
        ("pdf", b"%PDF-"),
        ("xlsx", b"PK"),
    ):
        out = tmp_path / f"report.{ending}"
        assert run("report", "leaders", "--format", ending, "--out", str(out))[0] == 0
        assert out.read_bytes().startswith(begins)


def test_a_report_that_cannot_be_made_is_one_sentence(service: Service, run: Run) -> None:
    service.a_pair()
    assert run("report", "nothing") == (2, "", "pairway: There is no programme nothing.\n")
    code, _, err = run("report", "leaders", "--as-of", "2024-01-01T00:00:00Z")
    assert (code, err) == (2, "pairway: There is no programme leaders at that time.\n")


def test_a_report_for_management_does_not_hold_what_the_pairs_said(service: Service, run: Run, tmp_path: Path) -> None:
    service.a_pair()
    for ending in ("html", "json"):
        written = [tmp_path / f"{audience}.{ending}" for audience in ("mpm", "management")]
        for out in written:
            run("report", "leaders", "--format", ending, "--audience", out.stem, "--out", str(out))
        full, less = (out.read_text(encoding="utf-8") for out in written)
        assert ("learned" in full, "learned" in less) == (True, False)


# serve


def test_another_address_than_this_machines_own_is_refused() -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "pairway.example"):
        with pytest.raises(Fault, match="--insecure"):
            listening(host, 0)


def test_with_insecure_any_address_will_do() -> None:
    listening("0.0.0.0", 0, insecure=True).close()


def test_a_port_in_use_is_one_sentence(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, err = run("serve", "--port", str(port))
    assert code == 2
    assert err.startswith(f"pairway: Port {port} of 127.0.0.1 cannot be had")
    assert len(err.splitlines()) == 1


@contextmanager
def served(run: Run) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`pairway serve` as a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pairway.cli", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    try:
        line = next(line for line in process.stdout if line.startswith("Pairway serves at "))
        yield process, line.split()[3].rstrip(".")
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_it_stops_cleanly_also_while_somebody_listens(run: Run) -> None:
    with served(run) as (process, address):
        assert httpx.get(f"{address}/readyz").json()["ready"]
        with httpx.stream("GET", f"{address}/api/v1/events/stream", timeout=20) as stream:
            lines = stream.iter_lines()
            next(lines)
            process.send_signal(signal.SIGTERM)
            assert [line for line in lines if line.startswith("id:")] == []
        assert process.wait(15) == 0
