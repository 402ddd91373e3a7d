"""One participant: who they are, where they stand, and the acts of the MPM on them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.asks import ParticipantId
from api.pages.acts import Offering, done_of
from api.pages.console import Console
from api.problems import Problem
from api.web.render import page


def router(console: Console, offering: Offering) -> APIRouter:
    """The page of a participant."""
    routes = APIRouter()

    @routes.get("/participants/{participant}")
    def one(participant: ParticipantId, done: str = "") -> Response:
        found = console.standing.participant(participant, console.looking)
        if found is None:
            raise Problem("not-found", f"There is no participant {participant}.")
        about = offering.about("participants", participant)
        return HTMLResponse(
            page(
                "participant.html",
                programme=console.programme(about.programme),
                person=found,
                acts=offering.offered(about),
                done=done_of("participants", done),
            )
        )

    return routes
