"""The pages for a person: each module here is a page or two of the console, put together in one router."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.needs import Needs
from api.pages import board, overview, pairing, programmes, report
from api.pages.console import Console
from api.problems import Problem
from api.standing import Standing
from api.trail import Trail
from api.web.render import page


def problem_page(problem: Problem) -> Response:
    """A problem for a person in a browser."""
    return HTMLResponse(page("problem.html", problem=problem.body()), problem.status, problem.headers)


def router(needs: Needs, standing: Standing, trail: Trail) -> APIRouter:
    """All pages; a place in the navigation (api/web/places.py) leads to each that belongs to a programme."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    console = Console.of(needs, standing, trail)
    for each in (programmes, overview, board, report, pairing):
        routes.include_router(each.router(console))
    return routes
