"""The pages for a person: each module here is a page or two of the console, put together in one router."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.boards import Boards
from api.doing import Doing
from api.facts import Take
from api.needs import Needs
from api.pages import (
    acts,
    board,
    compare,
    event,
    importing,
    inbox,
    live,
    opening,
    overview,
    pairing,
    participant,
    programme_acts,
    programmes,
    report,
)
from api.pages.console import Console
from api.problems import Problem
from api.retrying import Retrying
from api.standing import Standing
from api.tail import Tail
from api.trail import Trail
from api.web.render import page


def problem_page(problem: Problem) -> Response:
    """A problem for a person in a browser."""
    return HTMLResponse(page("problem.html", problem=problem.body()), problem.status, problem.headers)


def router(
    needs: Needs,
    standing: Standing,
    trail: Trail,
    boards: Boards,
    tail: Tail,
    take: Take,
    retrying: Retrying,
) -> APIRouter:
    """All pages; a place in the navigation (api/web/places.py) leads to each that belongs to a programme."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    console = Console.of(needs, standing, trail, boards)
    doing = Doing(needs, take)
    offering = acts.Offering(console, doing)
    for each in (programmes, overview, board, report, compare, event):
        routes.include_router(each.router(console))
    for one in (pairing, participant, programme_acts):
        routes.include_router(one.router(console, offering))
    routes.include_router(acts.router(console, doing, offering))
    routes.include_router(opening.router(doing))
    routes.include_router(importing.router(console, doing, take))
    routes.include_router(inbox.router(console, retrying))
    routes.include_router(live.router(console, tail))
    return routes
