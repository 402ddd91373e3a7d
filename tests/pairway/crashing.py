"""A service in parts, each a process that may be killed at any moment, and clients who note what they were promised."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import httpx
import psutil
import psycopg

from tests.pairway.conftest import server_of
from tests.parts import MASTER
from tests.until import LONG, until

SEALER = """
import sys
from threading import Event
from pairway.faults import Fault
from pairway.running import keep_sealing, running
from pairway.settings import read_settings
from pairway.troubles import told
from pairway.wiring import open_parts
settings = read_settings()
try:
    with open_parts(settings) as parts, running(Event(), {"sealer": keep_sealing(parts.store.seal)}):
        print("It seals.", flush=True)
        Event().wait()
except Exception as error:
    sentence = error.sentence if isinstance(error, Fault) else told(error, settings)
    if sentence is None:
        raise
    print(sentence)
    sys.exit(2)
"""
COMMANDS = {
    "sealer": ["-c", SEALER],
    "projector": ["-m", "pairway.cli", "project"],
    "worker": ["-m", "pairway.cli", "work"],
    "api": ["-m", "pairway.cli", "serve"],
}
# All that is killed: the parts of the service, the importer, the database at its root and at one connection, the queue.
VICTIMS = (*COMMANDS, "importer", "postgres", "backend", "queue")


@dataclass
class Killed:
    """The processes of a service on one data folder."""

    data: Path
    chance: Random
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def begin(self, name: str, *more: str | Path) -> None:
        """Starts a part; what it says goes to a file."""
        command = COMMANDS.get(name) or ["-m", "pairway.cli", "import"]
        with self.said(name).open("ab") as out:
            self.running[name] = subprocess.Popen(
                [sys.executable, *command, *more],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        """Runs a command to its end."""
        command = [sys.executable, "-m", "pairway.cli", *arguments]
        return subprocess.run(command, env=self.environment(), capture_output=True, timeout=LONG)

    def environment(self) -> dict[str, str]:
        told = {name: value for name, value in os.environ.items() if not name.startswith("PAIRWAY_")}
        return told | {
            "PAIRWAY_DATA": str(self.data),
            "PAIRWAY_MASTER_KEY": b64encode(MASTER).decode(),
            "PAIRWAY_PORT": str(self.port),
            "PAIRWAY_CHECKPOINT_SECONDS": "1",
            "PAIRWAY_LOG_FORMAT": "json",
        }

    def said(self, name: str) -> Path:
        return self.data.parent / f"{name}.log"

    def revive(self) -> None:
        """Starts every part again that is dead, as a supervisor does."""
        for name in COMMANDS:
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                # its database may have been away when it began
                assert process is None or process.returncode in (2, -signal.SIGKILL), self.last_words(name)
                self.begin(name)

    def all_up(self) -> bool:
        """Whether the API answers, having started what is dead."""
        self.revive()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def last_words(self, name: str) -> str:
        return f"{name}: {self.said(name).read_text(errors='replace')[-3000:]}"

    def kill(self, victim: str) -> None:
        """Ends it without a word of warning."""
        self.told.append(victim)
        if victim in self.running:
            self.running[victim].kill()
            self.running[victim].wait()
        elif victim == "queue":
            server_of(self.data, "valkey").kill()
        elif victim == "postgres":
            server_of(self.data, "postgres").kill()
        elif victim == "backend":
            # any of those that work for one of our processes; the server then ends all others as well
            working = [
                process
                for process in server_of(self.data, "postgres").children()
                if "pairway pairway [local]" in " ".join(process.cmdline())
            ]
            with suppress(psutil.NoSuchProcess, IndexError):
                self.chance.choice(working).kill()


@contextmanager
def service(data: Path, chance: Random) -> Iterator[Killed]:
    """The service on this folder, with all its parts up; all of it is gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Killed(data, chance, port)
    try:
        until(made.all_up, "all parts are up")
        yield made
    finally:
        for process in made.running.values():
            process.kill()
            process.wait()


# Clients


@dataclass
class Client:
    """Tells facts one by one, each until it is answered for good, and keeps every answer."""

    url: str
    name: str
    chance: Random
    promised: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    again: int = 0

    def tell_all(self, facts: list[dict[str, Any]]) -> None:
        with httpx.Client(base_url=self.url, timeout=60) as http:
            for fact in facts:
                self.promised.append((fact, self.tell(http, fact)))
                if self.chance.random() < 0.2:
                    self.repeat(http, *self.chance.choice(self.promised))

    def tell(self, http: httpx.Client, fact: dict[str, Any]) -> dict[str, Any]:
        give_up, pause = monotonic() + LONG, threading.Event()
        while monotonic() < give_up:
            try:
                answered = http.post(
                    "/api/v1/facts", json=fact, headers={"Content-Type": "application/cloudevents+json"}
                )
            except httpx.TransportError:
                self.again += 1
            else:
                said: dict[str, Any] = answered.json()
                if "disposition" in said:
                    return said
                assert answered.status_code in (409, 503), said
                self.again += 1
            pause.wait(0.05)
        raise AssertionError(f"{fact['id']} was never answered")

    def repeat(self, http: httpx.Client, fact: dict[str, Any], promise: dict[str, Any]) -> None:
        """What was promised once is told again, whatever was killed in between."""
        said = self.tell(http, fact)
        assert (said["disposition"], said["first"]) == ("duplicate", "accepted")
        assert (said["href"], said["positions"]) == (promise["href"], promise["positions"])


def programme() -> dict[str, Any]:
    return _fact(
        "opened", "programme.opened", "crash", name="Crash", purpose="To see what stays", starts_on="2025-01-01",
        competencies=[{"id": "calm", "name": "Calm"}],
    )  # fmt: skip


def people(who: str, number: int) -> list[dict[str, Any]]:
    """Facts about people who are new: each registered, then approved, then renamed."""
    facts = []
    for each in range(number):
        name = f"{who}-{each}"
        facts += [
            _fact(
                f"{name}-in", "participant.registered", name, programme="crash", role="mentor", person=name,
                name=f"Name of {name}", email=f"{name}@example.org",
            ),
            _fact(f"{name}-yes", "participant.approved", name, by="mpm"),
            _fact(f"{name}-moved", "participant.changed", name, department=f"D{each}"),
        ]  # fmt: skip
    return facts


def _fact(fact_id: str, kind: str, subject: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "source": "urn:crash", "id": fact_id, "type": f"mentoring.{kind}", "subject": subject,
        "time": "2025-01-02T09:00:00Z", "data": data,
    }  # fmt: skip


def patiently(url: str, query: str) -> Any:
    """The one value that a query gives, as soon as the server is there to give it."""
    found: list[Any] = []

    def asked() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(url) as conn:
            row = conn.execute(query.encode()).fetchone()
            found.append(row[0] if row else None)
        return bool(found)

    until(asked, "the database answers")
    return found[0]
