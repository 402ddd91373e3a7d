"""The proofs over HTTP, checked as a stranger would: from what is answered and the key alone."""

from __future__ import annotations

import io
from base64 import b64decode
from typing import Any

from eventstore import merkle, tiles
from eventstore.notes import Checkpoint, Verifier, opened
from pairway.signing import signer
from tests.api.conftest import MASTER, Service, told_a_problem
from tests.eventstore.proving import behind_its_back

KEY = signer(MASTER).verifier


def head_of(service: Service) -> tuple[dict[str, Any], Checkpoint]:
    answered = service.get("/api/v1/audit/head")
    assert answered.status_code == 200, answered.text
    said: dict[str, Any] = answered.json()
    return said, opened(said["note"], KEY)


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


def test_the_head_is_signed_and_covers_all_that_is_sealed(service: Service) -> None:
    empty, _ = head_of(service)
    assert empty["size"] == 0
    service.a_pair()
    said, head = head_of(service)
    assert head == Checkpoint(said["origin"], said["size"], b64decode(said["root"]))
    assert head.size == service.get("/api/v1/events").json()["head"] > 0
    assert Verifier.read(said["key"]) == KEY
    assert service.get("/api/v1/audit/checkpoint").text == said["note"]


def test_every_event_is_proved_under_the_head(service: Service) -> None:
    service.a_pair()
    events = service.get("/api/v1/events").json()["events"]
    assert len(events) > 5
    for event in events:
        said = service.get(f"/api/v1/audit/proofs/{event['position']}").json()
        head = opened(said["checkpoint"], Verifier.read(said["key"]))
        entry = b64decode(said["entry"])
        assert entry.startswith(b"pairway event 1\n")
        assert event["stream"].encode() in entry
        assert b64decode(said["leaf"]) == merkle.leaf_hash(entry)
        path = hashes(said["path"])
        assert merkle.root_by_inclusion(merkle.leaf_hash(entry), said["index"], said["size"], path) == head.root


def test_a_proof_is_also_given_as_tlog_proof_has_it(service: Service) -> None:
    service.a_pair()
    answered = service.get("/api/v1/audit/proofs/3", Accept="text/plain")
    assert answered.headers["content-type"].startswith("text/plain")
    said = service.get("/api/v1/audit/proofs/3").json()
    first, index, *path = answered.text.partition("\n\n")[0].split("\n")
    assert (first, index, path) == ("c2sp.org/tlog-proof@v1", "index 2", said["path"])
    assert answered.text.partition("\n\n")[2] == said["checkpoint"]


def test_the_record_is_proved_to_have_only_grown(service: Service) -> None:
    service.a_pair()
    _, before = head_of(service)
    service.a_step_further()
    _, after = head_of(service)
    assert 0 < before.size < after.size
    said = service.get(f"/api/v1/audit/consistency?from={before.size}&to={after.size}").json()
    assert (said["from"], said["to"]) == (before.size, after.size)
    merkle.check_consistency(before.size, before.root, after.size, after.root, hashes(said["path"]))
    assert service.get(f"/api/v1/audit/consistency?from={before.size}").json() == said

    # an older head that somebody kept is still good for a proof
    old = service.get(f"/api/v1/audit/proofs/2?size={before.size}").json()
    assert opened(old["checkpoint"], KEY) == before


def test_tiles_give_a_foreign_tool_the_same_root(service: Service) -> None:
    service.a_pair()
    _, head = head_of(service)
    path = tiles.path(0, 0, head.size)
    tile = service.get(f"/api/v1/audit/tile/{path}")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert merkle.root(tiles.apart(tile.content)) == head.root

    bundle, found = service.get(f"/api/v1/audit/tile/{tiles.path('entries', 0, head.size)}").content, []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        found.append(merkle.leaf_hash(bundle[2 : 2 + size]))
        bundle = bundle[2 + size :]
    assert found == tiles.apart(tile.content)


def test_what_is_not_there_is_told_so(service: Service) -> None:
    service.a_pair()
    _, head = head_of(service)
    for path in (
        f"proofs/{head.size + 1}",
        f"proofs/1?size={head.size + 5}",
        f"consistency?from={head.size + 1}",
        f"consistency?from=1&to={head.size + 1}",
        "tile/0/000",
        f"tile/0/000.p/{head.size + 1}",
        "tile/0/0",
        "tile/entries/000",
        "tile/entries/x999/x999/x999/x999/x999/x999/999",
        "tile/63/000.p/1",
    ):
        told_a_problem(service.get(f"/api/v1/audit/{path}"), 404)
    for path in ("proofs/x", "proofs/0"):
        assert service.get(f"/api/v1/audit/{path}").status_code in (404, 422)
    for path in ("head?x=1", "consistency", "consistency?from=0", "proofs/1?size=-1"):
        told_a_problem(service.get(f"/api/v1/audit/{path}"), 422)


def test_a_record_that_was_changed_is_told_and_no_longer_signed(
    service: Service, database_url: str, log: io.StringIO
) -> None:
    service.a_pair()
    _, head = head_of(service)
    service.a_step_further()
    with behind_its_back(database_url) as conn:
        conn.execute(
            "UPDATE pairway.event e SET actor = 'x' FROM pairway.position p WHERE p.seq = e.seq AND p.position = 2"
        )
    said = told_a_problem(service.get(f"/api/v1/audit/proofs/2?size={head.size}"), 500)
    assert "position 2 is not the one that was signed for" in said["detail"]
    with behind_its_back(database_url) as conn:
        conn.execute("UPDATE pairway.tile SET hashes = set_byte(hashes, 32, 255 - get_byte(hashes, 32))")
    told_a_problem(service.get("/api/v1/audit/head"), 500)
    logged = log.getvalue()
    assert "position 2 is not the one that was signed for" in logged, "those who run the service are told, too"
    log.truncate(0)
    log.seek(0)
