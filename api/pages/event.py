"""One event of the record: who, when and why, what else the same fact caused, and the proof that it is there."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path
from starlette.responses import HTMLResponse, Response

from api.asks import LARGEST
from api.pages.console import Console
from api.problems import Problem
from api.web.render import page
from api.web.words import words
from domain.narration import narrated
from eventstore import merkle, tiles
from eventstore.checkpoints import Forked, Head, NotProved, Proofs
from eventstore.notes import BadNote
from eventstore.store import StoredEvent

log = structlog.get_logger("api")

MOST = 50
AT = {"pairing": "/pairings", "participant": "/participants", "programme": "/programmes"}


def router(console: Console) -> APIRouter:
    """The page of an event."""
    routes = APIRouter()
    needs, trail = console.needs, console.trail

    def told(event: StoredEvent) -> str:
        """Its sentence; where there is none, the name that the record gives it."""
        return narrated(needs.codec.decode(event.type, event.data)) or words(event.type)

    @routes.get("/events/{position}")
    def one_event(position: Annotated[int, Path(ge=1, le=LARGEST)]) -> Response:
        found = needs.store.read(position - 1, 1)
        if not found:
            raise Problem("not-found", f"Nothing is recorded at position {position:,} yet.")
        event = found[0]
        caused = event.cause_source != "clock"
        fact = (event.cause_source, event.cause_id)
        others = needs.store.caused_by(*fact) if caused else []
        kind, _, name = event.stream.partition("-")
        proof, why_not = _proof(needs.proofs, needs.now, position)
        return HTMLResponse(
            page(
                "event.html",
                programme=console.programme(event.programme),
                event=trail.shown(event),
                about={"href": f"{AT[kind]}/{name}", "name": f"{words(kind)} {name}"},
                said=told(event),
                fact=console.reader.arrivals({fact}).get(fact) if caused else None,
                others=[
                    {"position": other.position, "stream": other.stream, "sentence": told(other)}
                    for other in others[:MOST]
                    if other.position not in (None, position)
                ],
                proof=proof and {**proof, "made_at": trail.local(proof["made_at"], event.programme)},
                why_not=why_not,
            )
        )

    return routes


def _proof(proofs: Proofs, now: Any, position: int) -> tuple[dict[str, Any] | None, str | None]:
    """The proof under the newest checkpoint, checked; or why there is none."""
    try:
        head = _head(proofs, now, position)
        found = proofs.inclusion(position, head)
    except NotProved as error:
        return None, str(error)
    except (Forked, tiles.NoTile, BadNote) as error:
        log.error("the record is not what was signed", fault=str(error))
        return None, str(error)
    leaf = merkle.leaf_hash(found.entry)
    try:
        holds = merkle.root_by_inclusion(leaf, position - 1, head.size, found.path) == head.root
    except merkle.DoesNotFit:
        holds = False
    return {
        "holds": holds,
        "leaf": leaf.hex(),
        "path": [each.hex() for each in found.path],
        "root": head.root.hex(),
        "size": head.size,
        "made_at": head.made_at,
        "key": str(head.key),
    }, None


def _head(proofs: Proofs, now: Any, position: int) -> Head:
    """A checkpoint that covers the position: the last one, or one made for it."""
    last = proofs.head()
    if last is not None and last.size >= position:
        return last
    made = proofs.make(now)
    if made is None:
        raise NotProved("A checkpoint is being made; look again in a moment.")
    return made
