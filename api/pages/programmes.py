"""The first page, and the list of programmes."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages.console import Console
from api.programmes import row_of
from api.web.render import page


def router(console: Console) -> APIRouter:
    """Where one begins."""
    routes = APIRouter()

    @routes.get("/")
    def first() -> Response:
        found = console.reader.programmes()
        only = len(found) == 1
        return RedirectResponse(f"/programmes/{found[0].programme.id}" if only else "/programmes", 303)

    @routes.get("/programmes")
    def programmes() -> Response:
        rows = [row_of(found) for found in console.reader.programmes()]
        return HTMLResponse(page("programmes.html", programmes=rows))

    return routes
