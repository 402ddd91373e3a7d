"""The pages for a person: the programmes, one programme's report and board, and one pairing's history."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api import history
from api.asks import PairingId
from api.may_see import LOCAL_MPM
from api.needs import Needs
from api.problems import Problem
from api.standing import Standing
from api.trail import Trail
from api.web.render import page


def problem_page(problem: Problem) -> Response:
    """A problem for a person in a browser."""
    return HTMLResponse(page("problem.html", problem=problem.body()), problem.status, problem.headers)


def router(needs: Needs, standing: Standing, trail: Trail) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @routes.get("/pairings/{pairing}")
    def one_pairing(pairing: PairingId) -> Response:
        recorded = standing.events(f"pairing-{pairing}")
        found = standing.pairing(pairing, recorded)
        if found is None:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        return HTMLResponse(
            page(
                "pairing.html",
                pairing=found,
                mentor_name=standing.name(found["mentor"], LOCAL_MPM),
                protege_name=standing.name(found["protege"], LOCAL_MPM),
                steps=history.steps(found),
                days=history.days(recorded, needs.codec, trail),
            )
        )

    return routes
