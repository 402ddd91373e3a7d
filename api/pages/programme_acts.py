"""What the MPM can do about a programme: who waits to be approved, closing it to new pairings, and its policy."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.asks import ProgrammeId
from api.pages.acts import Offering, done_of
from api.pages.console import Console
from api.programmes import known, row_of
from api.web.policy_words import GROUPS
from api.web.render import page

MOST = 200


def router(console: Console, offering: Offering) -> APIRouter:
    """The acts on a programme, on one page."""
    routes = APIRouter()

    @routes.get("/programmes/{programme}/acts")
    def acts(programme: ProgrammeId, done: str = "") -> Response:
        found = known(console.reader, programme)
        waiting, count = console.reader.people(programme, "registered", MOST, names=console.looking.names)
        people = []
        for person in waiting:
            offered = offering.offered(offering.about("participants", person.id))
            people.append((person, {each.act.code: each for each in offered}))
        return HTMLResponse(
            page(
                "programme_acts.html",
                programme=row_of(found),
                competencies=found.programme.competencies,
                waiting=people,
                waiting_count=count,
                acts=offering.offered(offering.about("programmes", programme)),
                done=done_of("programmes", done),
                policy=asdict(found.programme.policy),
                groups=GROUPS,
            )
        )

    return routes
