"""Everything that can go wrong with a request, in one table, told as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from starlette.exceptions import HTTPException
from starlette.responses import Response

from eventstore.store import Conflict

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("api")


class Kind(NamedTuple):
    """One row of the table: the status, and a title that never changes."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read"),
    "cross-origin": Kind(403, "Another site may not send this"),
    "not-found": Kind(404, "There is nothing here"),
    "wrong-method": Kind(405, "Not done that way"),
    "not-acceptable": Kind(406, "Not to be had in that format"),
    "refused": Kind(409, "The fact was refused"),
    "act-refused": Kind(409, "The act was refused"),
    "not-waiting": Kind(409, "The fact is not waiting"),
    "conflict": Kind(409, "Others changed the same record at the same time"),
    "too-large": Kind(413, "The body is too large"),
    "unknown-format": Kind(415, "Not a format that is read here"),
    "wrong-host": Kind(421, "This service does not go by that name"),
    "invalid": Kind(422, "The fact does not fit"),
    "wrong-question": Kind(422, "The question does not fit"),
    "bug": Kind(500, "A fault of this service"),
    "forked": Kind(500, "The record is not what was signed for it"),
    "behind": Kind(503, "The read model is not there yet"),
    "no-database": Kind(503, "The database does not answer"),
    "too-many-listeners": Kind(503, "Too many listen already"),
    "stopping": Kind(503, "The service is stopping"),
}


class Problem(Exception):
    """What a caller is told: a row of the table, a sentence of its own, and what a program needs to go on."""

    def __init__(self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def body(self) -> dict[str, Any]:
        return {
            "type": f"urn:pairway:problem:{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


_NOTHING_HERE = Problem("not-found", "There is nothing at this address; /openapi.json lists what there is.")


def response(problem: Problem) -> Response:
    """The problem as it goes over the wire."""
    return Response(
        json.dumps(problem.body(), ensure_ascii=False).encode("utf-8", "replace"),
        problem.status,
        problem.headers,
        MEDIA_TYPE,
    )


def wants_a_page(path: str, accept: str) -> bool:
    """Whether a person in a browser asked, who is better told with a page."""
    return "text/html" in accept and not path.startswith("/api/") and path != "/openapi.json"


def told_by(error: Exception, request: Request) -> Problem:
    """The row of the table for an exception, with its sentence; what is in no row is a bug."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            if any(each["loc"][0] == "path" for each in error.errors()):
                return _NOTHING_HERE  # an id that cannot be is one that is not there
            return wrong_question(error.errors())
        case HTTPException():
            return _of_the_framework(error, request)
        case Conflict():
            return Problem(
                "conflict",
                "Others kept changing the same pairing or participant while this was decided. Send it again.",
                headers={"Retry-After": "1"},
            )
        case OperationalError() | PoolTimeout() | PoolClosed() | TooManyRequests():
            return Problem(
                "no-database",
                "The database does not answer just now; try again in a moment. If you sent something, nobody knows "
                "whether it was recorded: send it again as it was, under the same id, and it is recorded once.",
                headers={"Retry-After": "2"},
            )
    correlation = str(request.scope.get("correlation", ""))
    return Problem(
        "bug",
        f"Something went wrong that is not your fault. It was logged under {correlation}.",
        correlation=correlation,
    )


def wrong_question(errors: Sequence[Any]) -> Problem:
    """A parameter that is unknown or does not fit: each is named with its reason."""
    named = [{"field": ".".join(str(part) for part in error["loc"][1:]), "reason": _reason(error)} for error in errors]
    first = named[0]
    return Problem("wrong-question", f"`{first['field']}` {first['reason']}.", errors=named)


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "is not a parameter of this address"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:].rstrip(".")


def _of_the_framework(error: HTTPException, request: Request) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return _NOTHING_HERE
    if error.status_code == 405:
        allowed = headers.get("Allow", headers.get("allow", "another method"))
        return Problem("wrong-method", f"{request.method} is not done here; {allowed} is.", headers=headers)
    return Problem("malformed", str(error.detail), headers=headers)


def put_up(api: FastAPI) -> None:
    """Has every exception told through the table."""

    def tell(request: Request, error: Exception) -> Response:
        problem = told_by(error, request)
        if wants_a_page(request.url.path, request.headers.get("accept", "")):
            page: Response = request.app.state.problem_page(problem)
            return page
        return response(problem)

    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        Conflict,
        OperationalError,
        PoolTimeout,
        PoolClosed,
        TooManyRequests,
    ):
        api.add_exception_handler(kind, tell)
