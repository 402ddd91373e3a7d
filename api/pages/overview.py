"""The overview: how a programme stands this morning, and what needs somebody today."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.asks import ProgrammeId
from api.pages.console import Console
from api.programmes import known, report_of, row_of
from api.web.render import page


def router(console: Console) -> APIRouter:
    """The first page of a programme."""
    routes = APIRouter()

    @routes.get("/programmes/{programme}")
    def overview(programme: ProgrammeId) -> Response:
        found = known(console.reader, programme)
        report = report_of(console.reports, programme, None, console.needs.now(), "mpm")
        return HTMLResponse(page("overview.html", programme=row_of(found), report=report))

    return routes
