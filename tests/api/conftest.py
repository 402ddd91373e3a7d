"""The API over a real database, its clock in the test's hand, and facts to send to it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest

from api.app import app
from api.bodies import BATCH, STRUCTURED
from api.needs import Needs
from domain import events
from eventstore.checkpoints import Proofs
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.store import Store
from pairway.forgetting import Forget
from pairway.form_ids import FormIds
from pairway.logging import configure_logging
from pairway.recorder import Recorder
from pairway.reports.files import FILES
from pairway.serving import Server, address_of, listening, reached
from pairway.signing import signer
from projections.runner import Projector

MASTER = bytes(range(32))


@dataclass
class Clock:
    at: datetime = datetime(2025, 6, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Service:
    """The API as a caller has it, with the read models brought up to date on demand."""

    client: httpx.Client
    needs: Needs
    projector: Projector
    clock: Clock
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fact(self, kind: str, subject: str, time: str, **data: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": "urn:test",
            "id": f"f{next(self._numbers)}",
            "type": f"mentoring.{kind}",
            "subject": subject,
            "time": time,
            "data": data,
        }

    def send(self, fact: dict[str, Any]) -> httpx.Response:
        return self.post(json.dumps(fact).encode(), STRUCTURED)

    def send_all(self, facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answered = self.post(json.dumps(facts).encode(), BATCH)
        assert answered.status_code == 200, answered.text
        found: list[dict[str, Any]] = answered.json()
        return found

    def post(self, body: bytes, content_type: str, **headers: str) -> httpx.Response:
        return self.client.post("/api/v1/facts", content=body, headers={"Content-Type": content_type, **headers})

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def a_programme(self, name: str = "Leaders 2025") -> dict[str, Any]:
        return self.fact(
            "programme.opened",
            "leaders",
            "2025-01-01T09:00:00+01:00",
            name=name,
            purpose="Grow our own leaders",
            starts_on="2025-01-01",
            timezone="Europe/Berlin",
            competencies=[{"id": "delegation", "name": "Delegation"}],
        )

    def a_participant(self, who: str, role: str, name: str) -> dict[str, Any]:
        return self.fact(
            "participant.registered",
            who,
            "2025-01-02T09:00:00+01:00",
            programme="leaders",
            role=role,
            person=f"e-{who}",
            name=name,
            email=f"{who}@example.org",
        )

    def a_proposal(self, number: int = 1, on: str = "2025-01-06") -> dict[str, Any]:
        """The mentor and the protégé of this number, in the pairing of it."""
        return self.fact(
            "pairing.proposed",
            f"p{number}",
            f"{on}T09:00:00+01:00",
            programme="leaders",
            mentor=f"m{number}",
            protege=f"t{number}",
            starts_on=on,
        )

    def a_pair(self, mentor: str = "Ivo Petrov", protege: str = "Sara Ito") -> list[dict[str, Any]]:
        """A programme with one pairing in its second step."""
        facts = [
            self.a_programme(),
            self.a_participant("m1", "mentor", mentor),
            self.a_participant("t1", "protege", protege),
            self.fact("participant.approved", "m1", "2025-01-03T09:00:00+01:00", by="mpm"),
            self.fact("participant.approved", "t1", "2025-01-03T09:00:00+01:00", by="mpm"),
            self.a_proposal(),
        ]
        answered = self.send_all(facts)
        assert [each["disposition"] for each in answered] == ["accepted"] * 6, answered
        self.projector.catch_up()
        return answered

    def a_step_further(self) -> None:
        """The pair is assessed, trained and has agreed on goals."""
        self.send_all(
            [
                self.fact("participant.assessed", "t1", "2025-01-07T09:00:00+01:00", ratings={"delegation": 3}),
                *(
                    self.fact(
                        "participant.trained",
                        who,
                        "2025-01-08T09:00:00+01:00",
                        workshop="intro",
                        attended_on="2025-01-08",
                    )
                    for who in ("m1", "t1")
                ),
                self.fact(
                    "pairing.goals_agreed",
                    "p1",
                    "2025-01-09T09:00:00+01:00",
                    agreed_on="2025-01-09",
                    strengths=["calm"],
                    needs=["delegating"],
                    goals=[{"id": "g1", "title": "Delegate", "actions": ["Hand over a project"]}],
                ),
            ]
        )
        self.projector.catch_up()


def told_a_problem(answered: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of an answer, whose form is checked."""
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answered.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return said


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """What this process logs, as it would in production; nothing but a test's own may go wrong unseen."""
    lines = io.StringIO()
    configure_logging("info", "json", to=lines)
    yield lines
    wrong = [line for line in lines.getvalue().splitlines() if json.loads(line)["level"] in ("error", "critical")]
    assert [line for line in wrong if "a request failed" not in line] == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_needs(pool: Pool, store: Store, database_url: str, clock: Clock) -> Callable[..., Needs]:
    codec, keyring = Codec(events.EVENTS, events.SEALED), Keyring(MASTER)
    recorder = Recorder(store, codec, keyring, clock.now)

    def make(**other: Any) -> Needs:
        parts: dict[str, Any] = {
            "pool": pool,
            "store": store,
            "codec": codec,
            "keyring": keyring,
            "proofs": Proofs(pool, signer(MASTER)),
            "take": recorder.take,
            "foresee": recorder.foresee,
            "form_ids": FormIds(MASTER),
            "bring_forward": recorder.bring_forward,
            "forget": Forget(store, codec, keyring, clock.now, recorder.let_go),
            "now": clock.now,
            "reached": lambda: reached(pool),
            "database_url": database_url,
            "report_formats": FILES,
        }
        return Needs(**{**parts, **other})

    return make


@pytest.fixture
def service(make_needs: Callable[..., Needs], clock: Clock) -> Iterator[Service]:
    needs = make_needs()
    projector = Projector(needs.pool, needs.store, needs.codec, needs.keyring)
    projector.prepare()
    with serving(needs) as client:
        yield Service(client, needs, projector, clock)


@contextmanager
def serving(needs: Needs) -> Iterator[httpx.Client]:
    """The service on a port of its own, as `pairway serve` runs it."""
    opened = listening("127.0.0.1", 0)
    server = Server(app(needs))
    thread = threading.Thread(target=server.run, args=([opened],))
    thread.start()
    try:
        with httpx.Client(base_url=address_of(opened), timeout=30) as client:
            yield client
    finally:
        server.stop()
        thread.join()
        opened.close()
