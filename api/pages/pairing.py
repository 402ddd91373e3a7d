"""One pairing: where it stands, or stood on any day, and its history."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from starlette.responses import HTMLResponse, Response

from api import history
from api.asks import PairingId
from api.pages.acts import Offering, done_of
from api.pages.console import Console, Form
from api.pages.report import end_of
from api.problems import Problem
from api.web.render import page
from api.web.strip import strip
from api.web.words import day
from domain.calendar import date_of
from eventstore.store import StoredEvent


class AskPairingPage(Form):
    model_config = ConfigDict(extra="forbid")
    as_of: date | None = None
    done: str = ""


def router(console: Console, offering: Offering) -> APIRouter:
    """The page of a pairing."""
    routes = APIRouter()
    needs, standing, looking = console.needs, console.standing, console.looking

    @routes.get("/pairings/{pairing}")
    def one_pairing(pairing: PairingId, ask: Annotated[AskPairingPage, Query()]) -> Response:
        recorded = standing.events(f"pairing-{pairing}")
        if not recorded:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        zone = console.trail.zone(recorded[0].programme).key
        today = date_of(needs.now(), zone)
        then = recorded if ask.as_of is None else _up_to(recorded, ask.as_of, zone)
        found = standing.pairing(pairing, then)
        if found is None:
            raise Problem("not-found", f"On {day(ask.as_of)} nothing was known of a pairing {pairing} yet.")
        if ask.as_of is not None:
            found["waiting"] = []  # what waits is told as it stands now, and was not asked for
        decode = needs.codec.decode
        return HTMLResponse(
            page(
                "pairing.html",
                programme=console.programme(found["programme"]),
                position=recorded[-1].position,
                pairing=found,
                as_of=ask.as_of,
                today=today,
                first_day=date_of(recorded[0].at, zone),
                mentor_name=standing.name(found["mentor"], looking),
                protege_name=standing.name(found["protege"], looking),
                steps=history.steps(found, history.closing(then, needs.codec)),
                acts=offering.offered(offering.about("pairings", pairing)) if ask.as_of is None else [],
                done=done_of("pairings", ask.done),
                strip=strip((decode(event.type, event.data) for event in then), ask.as_of or today),
                days=_days(console, then),
            )
        )

    return routes


def _up_to(recorded: list[StoredEvent], on: date, zone: str) -> list[StoredEvent]:
    """What had happened by the end of a day, as the report of that day counts it."""
    last = end_of(on, zone).astimezone(UTC)
    return [event for event in recorded if event.at <= last]


def _days(console: Console, recorded: list[StoredEvent]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The trail, each event with the fact that caused it."""
    told = history.days(recorded, console.needs.codec, console.trail)
    arrivals = console.reader.arrivals({(event.cause_source, event.cause_id) for event in recorded})
    for _, events in told:
        for event in events:
            cause = event["cause"]
            event["fact"] = None if cause == "clock" else arrivals.get((cause["source"], cause["id"]))
    return told
