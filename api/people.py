"""One pairing, its audit trail, and one participant."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.answers import tagged_json
from api.asks import Ask, AskTrail, PairingId, ParticipantId
from api.fresh import Fresh
from api.may_see import LOCAL_MPM
from api.problems import Problem
from api.shapes import PairingEvents, PairingState, ParticipantState
from api.standing import Standing
from api.trail import Trail


def router(standing: Standing, trail: Trail, fresh: Fresh) -> APIRouter:
    """What is known of one pairing or one participant."""
    routes = APIRouter()

    @routes.get(
        "/api/v1/pairings/{pairing}",
        tags=["pairings"],
        summary="Where a pairing stands",
        responses=PairingState.said(),
    )
    def one_pairing(request: Request, pairing: PairingId, ask: Annotated[Ask, Query()]) -> Response:
        fresh.wait(ask.after)
        found = standing.pairing(pairing)
        if found is None:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        return tagged_json(request, {**found, "events": f"/api/v1/pairings/{pairing}/events"})

    @routes.get(
        "/api/v1/pairings/{pairing}/events",
        tags=["pairings"],
        summary="The audit trail of a pairing",
        responses=PairingEvents.said(),
    )
    def events(request: Request, pairing: PairingId, ask: Annotated[AskTrail, Query()]) -> Response:
        fresh.wait(ask.after)
        found = standing.events(f"pairing-{pairing}")
        if not found:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        programme = found[0].programme
        if ask.as_of is not None:
            found = [event for event in found if event.at <= ask.as_of.astimezone(UTC)]
        return tagged_json(request, {"pairing": pairing, "programme": programme, "events": trail.all(found)})

    @routes.get(
        "/api/v1/participants/{participant}",
        tags=["participants"],
        summary="Who a participant is, and where they stand",
        responses=ParticipantState.said(),
    )
    def one_participant(request: Request, participant: ParticipantId, ask: Annotated[Ask, Query()]) -> Response:
        fresh.wait(ask.after)
        found = standing.participant(participant, LOCAL_MPM)
        if found is None:
            raise Problem("not-found", f"There is no participant {participant}.")
        return tagged_json(request, found)

    return routes
