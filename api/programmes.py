"""The programmes, their boards and their reports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import reports
from api.answers import answer, tagged, tagged_json
from api.asks import Ask, AskBoard, AskReport, ProgrammeId
from api.boards import Boards
from api.fresh import Fresh
from api.needs import Needs
from api.problems import Problem
from api.shapes import Board, ProgrammeDetails, Programmes, ReportDocument, problems
from domain.calendar import date_of
from projections.answers import BoardRow, ProgrammeView
from projections.read import Reader
from projections.reporting import Reports


def router(needs: Needs, fresh: Fresh, boards: Boards) -> APIRouter:
    """What is known of a programme as a whole."""
    routes = APIRouter(tags=["programmes"])
    reader = boards.reader
    made = Reports(needs.pool, needs.store, needs.codec, needs.keyring)

    @routes.get("/api/v1/programmes", summary="Every programme", responses=Programmes.said())
    def programmes(request: Request, ask: Annotated[Ask, Query()]) -> Response:
        fresh.wait(ask.after)
        return tagged_json(request, {"programmes": [row_of(found) for found in reader.programmes()]})

    @routes.get("/api/v1/programmes/{programme}", summary="One programme", responses=ProgrammeDetails.said())
    def one_programme(request: Request, programme: ProgrammeId, ask: Annotated[Ask, Query()]) -> Response:
        fresh.wait(ask.after)
        found = known(reader, programme)
        return tagged_json(
            request,
            {
                **row_of(found),
                "policy": msgspec.to_builtins(found.programme.policy),
                "competencies": msgspec.to_builtins(found.programme.competencies),
            },
        )

    @routes.get(
        "/api/v1/programmes/{programme}/report",
        summary="The MPM report, in the format that Accept asks for",
        responses={
            **ReportDocument.said("The report", content=reports.described(needs.report_formats)),
            **problems(406),
        },
    )
    def report(request: Request, programme: ProgrammeId, ask: Annotated[AskReport, Query()]) -> Response:
        media = reports.chosen(request.headers.get("accept"), needs.report_formats)
        fresh.wait(ask.after)
        document = report_of(made, programme, ask.as_of, needs.now(), ask.audience)
        # without an instant of its own a report's `as_of` is the moment of asking, which is no change
        version = None if ask.as_of else [media, {**document, "as_of": None}]
        return tagged(request, reports.rendered(document, media, needs.report_formats), media, version=version)

    @routes.get("/api/v1/programmes/{programme}/board", summary="A row a pairing, page by page", responses=Board.said())
    def board(programme: ProgrammeId, ask: Annotated[AskBoard, Query()]) -> Response:
        fresh.wait(ask.after)
        today = date_of(needs.now(), known(reader, programme).programme.timezone)
        page = reader.board(boards.query(programme, ask, today), names=boards.looking.names)
        return answer(
            {
                "programme": programme,
                "pairings": [board_row(row) for row in page.rows],
                "total": page.total,
                "page": ask.page,
                "pages": pages_of(page.total, ask.size),
            }
        )

    return routes


def known(reader: Reader, programme: str) -> ProgrammeView:
    """The programme, or the problem that there is none."""
    found = reader.programme(programme)
    if found is None:
        raise Problem("not-found", f"There is no programme {programme}.")
    return found


def report_of(made: Reports, programme: str, as_of: datetime | None, now: datetime, audience: Any) -> dict[str, Any]:
    """The report now, or as the record was at an instant."""
    found = made.live(programme, now, audience) if as_of is None else made.as_of(programme, as_of, audience)
    if found is None:
        when = "" if as_of is None else f" at {as_of.isoformat()}"
        raise Problem("not-found", f"There is no programme {programme}{when}.")
    return found


def pages_of(total: int, size: int) -> int:
    return max(1, -(-total // size))


def row_of(found: ProgrammeView) -> dict[str, Any]:
    """A programme in the list of them."""
    programme = found.programme
    return {
        "id": programme.id,
        "name": programme.name,
        "purpose": programme.purpose,
        "starts_on": programme.starts_on.isoformat(),
        "timezone": programme.timezone,
        "closed": programme.closed,
        "pairings": found.pairings,
        "participants": found.people,
        "version": found.version,
    }


def board_row(row: BoardRow) -> dict[str, Any]:
    """A pairing on the board; its id is `id`, as everywhere."""
    shown = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()}
    del shown["in_group"]
    return {"id": shown.pop("pairing"), **shown, "href": f"/api/v1/pairings/{row.pairing}"}
