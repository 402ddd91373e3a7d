"""The overview: how a programme stands this morning, and what needs somebody today."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.asks import ProgrammeId
from api.pages.console import Console
from api.programmes import board_row
from api.web import drawing
from api.web.places import PLACES
from api.web.render import page
from api.web.words import month, share
from domain.calendar import date_of
from projections.answers import BoardQuery
from projections.overview import MOST

FIRST = 6

log = structlog.get_logger(__name__)


def router(console: Console) -> APIRouter:
    """The first page of a programme."""
    routes = APIRouter()

    @routes.get("/programmes/{programme}")
    def overview(programme: ProgrammeId) -> Response:
        return HTMLResponse(_shown(console, programme))

    return routes


def warm(console: Console) -> None:
    """Looks at the overviews before anybody does: counting ten thousand pairings takes longer than counting on."""
    try:
        for programme in console.reader.running()[:MOST]:
            _shown(console, programme.id)
    except Exception as error:  # noqa: BLE001 - whoever looks first is told what it is, as without it
        log.info("the overviews are counted when they are asked for", error=type(error).__name__)


def _shown(console: Console, programme: str) -> str:
    position = console.needs.reached()
    found = console.known(programme)
    today = date_of(console.needs.now(), found.timezone)
    seen = console.boards.overviews.figures(programme, today)
    worst = [one for one in console.boards.overviews.marks(programme) if one.health == "at_risk"]
    worst.sort(key=lambda one: (-len(one.flags), one.pairing))
    first = BoardQuery(programme, among=[one.pairing for one in worst[:FIRST]], sort="flags")
    curves = drawing.survival(seen["survival"])
    waiting, refused, inbox = _inbox(programme)
    _, approvals = console.reader.people(programme, "registered", 1, names=False)
    return page(
        "overview.html",
        programme={"id": programme, "name": found.name, "purpose": found.purpose, "closed": found.closed},
        position=position,
        today=today,
        seen=seen,
        facts=console.reader.facts(programme),
        inbox=inbox,
        approvals=approvals,
        waiting=waiting,
        refused=refused,
        first=[board_row(row) for row in console.reader.board(first, names=console.looking.names).rows],
        cadence=_cadence(programme, seen["cadence"]),
        closings=_closings(programme, seen["closings"]["months"]),
        most_closed=max((row["closed"] for row in seen["closings"]["months"]), default=0),
        curve=curves[0] if curves else None,
        others=curves[1] if curves else [],
    )


def _inbox(programme: str) -> tuple[str, str, str]:
    """Where the facts are that wait, that were refused, and both."""
    if any(place.code == "inbox" for place in PLACES):
        inbox = f"/programmes/{programme}/inbox"
        return f"{inbox}?disposition=parked", f"{inbox}?disposition=refused", inbox
    facts = f"/api/v1/facts?programme={programme}"
    return f"{facts}&disposition=parked", f"{facts}&disposition=refused", facts


def _cadence(programme: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last twelve months, each the share that met."""
    return [
        {
            "month": row["month"],
            "number": row["share"],
            "shows": share(row["share"]),
            "href": f"/programmes/{programme}/board?behind=unmet:{row['month']}",
            "says": f"{month(row['month'])}: {row['met']} of {row['counted']} met; those who did not",
        }
        for row in rows[-12:]
    ]


def _closings(programme: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "month": row["month"],
            "number": row["closed"],
            "shows": row["closed"] or "",
            "href": f"/programmes/{programme}/board?behind=closed:{row['month']}",
            "says": f"{month(row['month'])}: {row['closed']} closed early",
        }
        for row in rows[-12:]
    ]
