"""One pairing: where it stands, and its history."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api import history
from api.asks import PairingId
from api.pages.acts import Offering, done_of
from api.pages.console import Console
from api.problems import Problem
from api.web.render import page


def router(console: Console, offering: Offering) -> APIRouter:
    """The page of a pairing."""
    routes = APIRouter()
    standing, looking = console.standing, console.looking

    @routes.get("/pairings/{pairing}")
    def one_pairing(pairing: PairingId, done: str = "") -> Response:
        recorded = standing.events(f"pairing-{pairing}")
        found = standing.pairing(pairing, recorded)
        if found is None:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        # the pairing is read from the log, which the read model of programmes may lag behind
        programme = console.reader.programme(found["programme"])
        name = programme.programme.name if programme else found["programme"]
        return HTMLResponse(
            page(
                "pairing.html",
                programme={"id": found["programme"], "name": name},
                pairing=found,
                mentor_name=standing.name(found["mentor"], looking),
                protege_name=standing.name(found["protege"], looking),
                steps=history.steps(found),
                acts=offering.offered(offering.about("pairings", pairing)),
                done=done_of("pairings", done),
                days=history.days(recorded, console.needs.codec, console.trail),
            )
        )

    return routes
