"""The act of forgetting somebody, over HTTP: whoever asks for it and why are recorded, and it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import answer
from api.asks import NOTHING, ParticipantId
from api.problems import Problem
from api.shapes import At, Shape, problems
from api.trail import Trail
from domain.forgetting import LONGEST, Forgotten, Nobody
from domain.refusals import Refused

Said = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]


class AskToForget(BaseModel):
    """Both stay in the record for ever: neither is to name the person."""

    model_config = ConfigDict(extra="forbid")
    by: Said = Field(description="Who asks for it", examples=["mpm"])
    reason: Said = Field(description="Why", examples=["They asked for it."])


class ForgottenParticipant(Shape):
    participant: str = Field(examples=["t0001"])
    at: str = At
    position: int | None = Field(description="Of the event; none where they were never registered")
    before: bool = Field(description="They were forgotten before, and nothing was done now")
    keys: list[str] = Field(description="The streams whose keys were destroyed", examples=[["participant-t0001"]])
    pairings: list[str] = Field(description="Their pairings, of which nothing can be read that the pair wrote")
    elsewhere: list[str] = Field(description="The same person under other ids: each is forgotten by itself")
    open_texts: list[int] = Field(
        description="Positions of events whose texts are not sealed (a reason, a title) and hold a word of their name"
    )


def router(forget: Callable[[str, str, str], Forgotten], trail: Trail) -> APIRouter:
    """The one act that destroys something."""
    routes = APIRouter(tags=["participants"])

    @routes.post(
        "/api/v1/participants/{participant}/forget",
        summary="Forget a participant: make what names them, and what their pairs wrote, unreadable for good",
        responses={
            200: {"model": ForgottenParticipant, "description": "They are forgotten, now or since before"},
            **problems(403, 404, 409, 422, 503),
        },
        dependencies=NOTHING,
    )
    def forget_one(participant: ParticipantId, ask: AskToForget) -> Response:
        try:
            done = forget(participant, ask.by, ask.reason)
        except Nobody as error:
            raise Problem("not-found", str(error)) from None
        except Refused as error:
            raise Problem("act-refused", f"Nothing was done: {error.reason}.") from None
        return answer(
            {
                "participant": done.participant,
                "at": trail.local(done.at, done.programme),
                "position": done.position,
                "before": done.before,
                "keys": list(done.keys),
                "pairings": list(done.pairings),
                "elsewhere": list(done.elsewhere),
                "open_texts": list(done.open_texts),
            }
        )

    return routes
