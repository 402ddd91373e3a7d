"""The way in: facts over HTTP, what became of each, and the inbox where all of them are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api import bodies, fact_examples
from api.answers import answer, tagged_json
from api.asks import LARGEST, NOTHING, AskInbox
from api.bodies import BrokenBatch, body_of
from api.needs import Outcome
from api.problems import KINDS, Problem, response
from api.retrying import Retrying
from api.shapes import FactAnswer, Inbox, InboxFact, problems
from api.trail import Trail
from domain import wire
from eventstore import inbox
from eventstore.inbox import InboxRow
from eventstore.pool import Pool
from eventstore.store import Store

STATUS = {"accepted": 201, "duplicate": 200, "parked": 202, "refused": 409, "invalid": 422}
Arrival = Annotated[int, Path(ge=1, le=LARGEST, examples=[7])]
Take = Callable[[Sequence[bytes]], Sequence[Outcome]]


def router(pool: Pool, store: Store, take: Take, retrying: Retrying, trail: Trail) -> APIRouter:
    """Facts in, and what became of them."""
    routes = APIRouter(tags=["facts"])

    @routes.post(
        "/api/v1/facts",
        summary="Tell one fact, or many",
        status_code=201,
        responses={
            200: {
                "model": FactAnswer | list[FactAnswer],
                "description": "A duplicate; or a batch, an answer a fact",
            },
            201: {"model": FactAnswer, "description": "Accepted: it was recorded"},
            202: {"model": FactAnswer, "description": "Parked: it is for a later step and waits"},
            **problems(400, 403, 409, 413, 415, 422, 503),
        },
        openapi_extra=fact_examples.REQUEST_BODY,
        dependencies=NOTHING,
    )
    def tell(request: Request, body: Annotated[bytes, Depends(body_of)]) -> Response:
        try:
            arrived = bodies.arrivals(request.headers.raw, body)
        except BrokenBatch as broken:
            return broken_batch(body, broken)
        outcomes = take(arrived.facts) if arrived.facts else []
        placed = placed_by(outcomes)
        if arrived.batch:
            return answer([told(outcome, at) for outcome, at in zip(outcomes, placed, strict=True)])
        return answered(outcomes[0], placed[0])

    def placed_by(outcomes: Sequence[Outcome]) -> list[list[int] | None]:
        """The positions of what each fact caused, now or when it came first; none where it caused nothing yet."""
        again = {(one.source or "", one.id or "") for one in outcomes if one.first == "accepted"}
        caused = store.caused(again)
        seqs = [caused.get((one.source or "", one.id or ""), one.seqs) for one in outcomes]
        # what another has committed but a moment ago may wait to be sealed as well
        positions = store.sealed([seq for some in seqs for seq in some])
        return [
            sorted(positions[seq] for seq in some) if "accepted" in (one.disposition, one.first) else None
            for one, some in zip(outcomes, seqs, strict=True)
        ]

    def answered(outcome: Outcome, placed: list[int] | None) -> Response:
        said = told(outcome, placed)
        headers = {"Location": said["href"]} if "href" in said else {}
        if outcome.disposition in KINDS:
            return response(as_problem(outcome, said, headers))
        return answer(said, status=STATUS[outcome.disposition], headers=headers)

    def broken_batch(body: bytes, broken: BrokenBatch) -> Response:
        """Kept like any other fact that is no fact, unless it would pass for one."""
        try:
            value = wire.parse(body)
        except wire.NoJson:
            value = None
        detail = f"The batch {broken}."
        if isinstance(value, dict):
            raise Problem("malformed", f"{detail} Nothing was kept: send one fact as {bodies.STRUCTURED}.")
        (outcome,) = take([body])
        return response(Problem("invalid", detail, **told(outcome, None)))

    @routes.get("/api/v1/facts", summary="The inbox, newest first", responses=Inbox.said())
    def facts(ask: Annotated[AskInbox, Query()]) -> Response:
        rows = inbox.page(
            pool,
            disposition=ask.disposition,
            programme=ask.programme,
            source=ask.source,
            before=ask.before,
            limit=ask.limit + 1,
        )
        shown, more = rows[: ask.limit], len(rows) > ask.limit
        asked = ask.model_dump(exclude_none=True, exclude={"before", "after"}, exclude_defaults=True)
        following = f"/api/v1/facts?{urlencode({**asked, 'before': shown[-1].arrival})}" if more else None
        return answer({"facts": [row_of(row, trail) for row in shown], "next": following})

    @routes.get(
        "/api/v1/facts/{arrival}",
        summary="One fact in the inbox",
        responses=InboxFact.said(),
        dependencies=NOTHING,
    )
    def fact(request: Request, arrival: Arrival) -> Response:
        return tagged_json(request, row_of(retrying.found(arrival), trail))

    @routes.post(
        "/api/v1/facts/{arrival}/retry",
        summary="Try a fact again that waits or was invalid",
        responses={
            200: {"model": FactAnswer, "description": "A duplicate: a corrected one came meanwhile"},
            201: {"model": FactAnswer, "description": "Accepted"},
            202: {"model": FactAnswer, "description": "It still waits"},
            **problems(403, 404, 409, 422, 503),
        },
        dependencies=NOTHING,
    )
    def retry(arrival: Arrival) -> Response:
        outcome = retrying.one(retrying.found(arrival))
        return answered(outcome, placed_by([outcome])[0])

    return routes


def href(arrival: int) -> str:
    return f"/api/v1/facts/{arrival}"


def told(outcome: Outcome, placed: list[int] | None) -> dict[str, Any]:
    """What became of a fact, as it is answered; what does not apply is left out."""
    said: dict[str, Any] = {
        "disposition": outcome.disposition,
        "first": outcome.first,
        "reason": outcome.reason,
        "errors": [{"field": error.field, "reason": error.reason} for error in outcome.errors] or None,
        "source": shown_text(outcome.source),
        "id": shown_text(outcome.id),
        "type": shown_text(outcome.type),
        "subject": shown_text(outcome.subject),
        "href": href(outcome.arrival) if outcome.arrival is not None else None,
        "positions": placed,
    }
    return {name: value for name, value in said.items() if value is not None}


def shown_text(text: str | None) -> str | None:
    """A name as it came, but for what no JSON can say (half characters, of a text that was no UTF-8)."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def as_problem(outcome: Outcome, said: dict[str, Any], headers: dict[str, str]) -> Problem:
    if outcome.disposition == "refused":
        return Problem("refused", outcome.reason or "The rules say no.", headers=headers, **_beside(said))
    first = outcome.errors[0] if outcome.errors else None
    detail = (
        f"`{first.field}` {first.reason}." if first and first.field else f"The fact {first.reason}." if first else ""
    )
    return Problem("invalid", detail or HTTPStatus(422).phrase, headers=headers, **_beside(said))


def _beside(said: dict[str, Any]) -> dict[str, Any]:
    """A fact's answer beside a problem, where `type` is the problem's own."""
    return {("fact_type" if name == "type" else name): value for name, value in said.items()}


def row_of(row: InboxRow, trail: Trail) -> dict[str, Any]:
    """A row of the inbox as it is shown: never what the fact said."""
    return {
        "href": href(row.arrival),
        "arrival": row.arrival,
        "disposition": row.disposition,
        "source": row.source,
        "id": row.id,
        "type": row.type,
        "subject": row.subject,
        "programme": row.programme,
        "received_at": trail.local(row.received_at, row.programme),
        "time": trail.local(row.time, row.programme),
        "reason": row.reason,
        "errors": row.errors,
        "waits_for": row.waits_for,
    }
