"""Nothing of a forgotten person is readable at any address, in any format: looked for everywhere, text by text.

Every text of the example logs that is sealed carries a mark of its own, so that each can be looked for by itself.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

from api.app import app
from api.web.act_forms import ACTS
from domain.forgetting import CONFIDENTIAL
from pairway import bundle
from pairway.logging import configure_logging
from pairway.serving import needs_of
from pairway.sweeping import caught_up, sweep
from pairway.wiring import Parts, put_together
from tests.api.conftest import serving
from tests.pairway.conftest import make_parts, parts
from tests.parts import MASTER

__all__ = ["make_parts", "parts"]

LOGS = Path(__file__).parents[1] / "examples" / "logs"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
PROGRAMME = "leaders-2025"
AS_OF = "2026-03-31T23:00:00+02:00"
# They never end; what they tell is on other pages, event by event.
ENDLESS = {"/api/v1/events/stream", "/live"}
# Nothing but hashes, what the service is made of, or a form that knows nobody.
NOBODY = {"/import", "/healthz", "/readyz", "/metrics", "/openapi.json", "/api/v1/audit/checkpoint"}


@dataclass
class Year:
    """An example log with its marks; `marks` by participant, what their pairings wrote among them."""

    facts: list[bytes] = field(default_factory=list)
    sides: dict[str, set[str]] = field(default_factory=dict)
    marks: dict[str, set[str]] = field(default_factory=dict)

    def of(self, participant: str) -> set[str]:
        """All that has to go with this person."""
        pairings = [pairing for pairing, sides in self.sides.items() if participant in sides]
        return set().union(*(self.marks.get(each, set()) for each in (participant, *pairings)))


def marked(raw: bytes, year: Year) -> bytes:
    try:
        fact = json.loads(raw)
        kind, data, subject = fact["type"], fact["data"], fact["subject"]
    except (ValueError, KeyError, TypeError):
        return raw
    if kind == "mentoring.pairing.proposed":
        year.sides.setdefault(subject, set()).update((data["mentor"], data["protege"]))
    for name in CONFIDENTIAL.get(kind, ()):
        if isinstance(data, dict) and isinstance(data.get(name), str):
            mark = "zq" + hashlib.sha256(f"{fact['source']} {fact['id']} {name}".encode()).hexdigest()[:12]
            data[name] = f"{mark}.{data[name]}" if name == "email" else f"{data[name]} {mark}"
            year.marks.setdefault(subject, set()).add(mark)
    return json.dumps(fact).encode()


@pytest.fixture(params=["small", pytest.param("year", marks=pytest.mark.nightly)])
def year(request: pytest.FixtureRequest) -> Year:
    made = Year()
    made.facts = [marked(line, made) for line in (LOGS / f"{request.param}.ndjson").read_bytes().splitlines()]
    return made


@pytest.fixture
def record(parts: Parts, year: Year) -> Parts:
    found = put_together(parts.settings, parts.database_url, None, MASTER, parts.pool, lambda: NOW)
    for start in range(0, len(year.facts), 500):
        found.recorder.take(year.facts[start : start + 500])
    sweep(found, NOW, lambda _swept: None)
    caught_up(found)
    return found


def everything(record: Parts, whom: list[str], year: Year, folder: Path) -> str:
    """All that the service says about these people, at every address and in every format."""
    served = app(needs_of(record))
    with serving(needs_of(record)) as client:
        said = [client.get(address, headers=headers).text for address, headers in asked(served, record, whom, year)]
        for media in needs_of(record).report_formats:
            for audience in ("mpm", "management"):
                address = f"/api/v1/programmes/{PROGRAMME}/report?audience={audience}"
                said.append(unpacked(client.get(address, headers={"Accept": media}).content))
    bundle.write_bundle(record, PROGRAMME, folder, lambda _done: None)
    said += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join(said)


def unpacked(content: bytes) -> str:
    """A report's file as text; a workbook is a parcel of them."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            return "\n".join(parcel.read(name).decode() for name in parcel.namelist())
    return content.decode("utf-8", "replace")


def asked(served: FastAPI, record: Parts, whom: list[str], year: Year) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address that can be asked about them."""
    pairings = sorted(pairing for pairing, sides in year.sides.items() if not sides.isdisjoint(whom))
    streams = [*(f"participant-{each}" for each in whom), *(f"pairing-{each}" for each in pairings)]
    with record.pool.connection() as conn:
        positions = conn.execute(
            "SELECT p.position FROM pairway.event e JOIN pairway.position p ON p.seq = e.seq"
            " WHERE e.stream = ANY (%s) AND e.type IN ('ParticipantRegistered', 'ParticipantChanged', 'MeetingHeld',"
            " 'FeedbackGiven', 'EvaluationGiven', 'ParticipantForgotten')",
            (streams,),
        ).fetchall()
        arrivals = conn.execute("SELECT arrival FROM pairway.inbox WHERE stream = ANY (%s)", (streams,)).fetchall()
    some: dict[str, Sequence[object]] = {
        "programme": [PROGRAMME],
        "participant": whom,
        "pairing": pairings,
        "position": [row[0] for row in positions[::20]],
        "arrival": [row[0] for row in arrivals[::25]],
        "ending": ["csv", "xlsx", "json"],
        "tile:path": ["0/000", "entries/000"],
    }
    asks = {
        "/api/v1/events": [f"?after={after}&limit=5000" for after in range(0, record.store.head(), 5000)],
        "/api/v1/facts": [f"?disposition={each}&limit=1000" for each in ("accepted", "parked", "refused", "invalid")],
        "/api/v1/programmes/{programme}/board": [f"?size=500&page={page}" for page in (1, 2)],
        "/programmes/{programme}/board": [f"?size=500&page={page}" for page in (1, 2)],
        "/api/v1/programmes/{programme}/report": ["", f"?as_of={AS_OF.replace('+', '%2B')}", "?audience=management"],
        "/programmes/{programme}/report": ["", "?on=2026-03-31", "?audience=management"],
        "/programmes/{programme}/inbox": ["", "?disposition=invalid", "?disposition=refused"],
        "/api/v1/audit/consistency": ["?from=1"],
    }
    for route in flat(served.routes):
        path = route.path
        if path in ENDLESS | NOBODY or "GET" not in (route.methods or ()):
            continue
        addresses = [path]
        kind = path.split("/")[1]
        if path.endswith("/{subject}/acts/{act}"):
            some |= {"subject": some[kind.removesuffix("s")][:2], "act": list(ACTS[kind])}
        for name in [each.split("}")[0] for each in path.split("{")[1:]]:
            assert name in some, f"{path} is new: say what is asked there"
            addresses = [each.replace(f"{{{name}}}", str(value)) for each in addresses for value in some[name]]
        for address in addresses:
            for ask in asks.get(path, [""]):
                yield address + ask, {"Accept": "application/json" if path.startswith("/api/") else "text/html"}


def flat(routes: Sequence[BaseRoute]) -> Iterator[Route]:
    """Every address, those of the routers within routers too."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif not isinstance(route, Mount):
            yield from flat(route.original_router.routes)  # type: ignore[attr-defined]  # FastAPI keeps its type to itself


def test_of_whoever_is_forgotten_nothing_is_left_anywhere(record: Parts, year: Year, tmp_path: Path) -> None:
    most = sorted(year.sides, key=lambda pairing: len(year.marks.get(pairing, ())), reverse=True)
    whom = sorted({sorted(year.sides[pairing])[index] for index, pairing in enumerate(most[:2])})
    theirs = set().union(*(year.of(each) for each in whom))
    assert len(theirs) > 20
    before = everything(record, whom, year, tmp_path / "before")
    # that it looks where they were to be read: their names, and what was learned from them
    assert [each for each in whom if not any(mark in before for mark in year.marks[each])] == []
    assert len({mark for mark in theirs if mark in before}) > len(whom)
    others = {mark for marks in year.marks.values() for mark in marks if mark in before} - theirs
    assert others

    log = io.StringIO()
    configure_logging("debug", "json", to=log)
    for each in whom:
        record.forget(each, "mpm", "It was asked for.")
    caught_up(record)
    after = everything(record, whom, year, tmp_path / "after")
    assert {mark for mark in theirs if mark in after} == set()
    assert {mark for mark in others if mark not in after} == set(), "nobody else was touched"
    assert log.getvalue()
    assert "zq" not in log.getvalue()
