"""Every event in global order: page by page, and as a stream that goes on where a listener left off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.answers import answer, json_bytes
from api.asks import LARGEST, AskFeed, AskStream
from api.problems import Problem
from api.shapes import Feed, problems
from api.tail import Tail
from api.trail import Trail
from eventstore.store import Store

HEARTBEAT = 15.0
AT_ONCE = 500


class Listening(StreamingResponse):
    """A stream of events whose listener is counted out however it ends."""

    def __init__(self, sent: AsyncIterator[bytes], tail: Tail) -> None:
        super().__init__(
            sent,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self._tail = tail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._tail.leave()


def router(store: Store, trail: Trail, tail: Tail, heartbeat: float = HEARTBEAT) -> APIRouter:
    """The feed of the whole record."""
    routes = APIRouter(tags=["events"])

    @routes.get("/api/v1/events", summary="Every event after a position", responses=Feed.said())
    def events(ask: Annotated[AskFeed, Query()]) -> Response:
        found = store.read(ask.after, ask.limit)
        last = found[-1].position if found else ask.after
        return answer({"events": trail.all(found), "next": last, "head": store.head()})

    def lines(after: int) -> tuple[list[bytes], int]:
        """The next events as they go over the wire, and the position they lead to."""
        sent = []
        for event in store.read(after, AT_ONCE):
            after = event.position or after
            sent.append(b"id: %d\ndata: %b\n\n" % (after, json_bytes(trail.shown(event))))
        return sent, after

    async def told(after: int) -> AsyncIterator[bytes]:
        yield b"retry: 2000\n: events after position %d\n\n" % after
        while not tail.closing:
            with tail.bell() as bell:
                sent, after = await run_in_threadpool(lines, after)
                if sent:
                    yield b"".join(sent)
                    continue
                try:
                    await asyncio.wait_for(bell.wait(), heartbeat)
                except TimeoutError:
                    yield b": nothing new\n\n"

    @routes.get(
        "/api/v1/events/stream",
        summary="Every event as it is sealed",
        description="Server-Sent Events: `id` is the position, `data` the event. `Last-Event-ID` goes on after "
        "that position; without it and without `after`, all events from the first one on.",
        response_class=StreamingResponse,
        responses={
            200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "A stream",
            },
            **problems(422, 503),
        },
    )
    def stream(request: Request, ask: Annotated[AskStream, Query()]) -> Response:
        last = request.headers.get("last-event-id", "").strip()
        if last and not (last.isascii() and last.isdigit() and int(last) <= LARGEST):
            raise Problem("wrong-question", f"Last-Event-ID is the number of a position, not {last[:40]!r}.")
        after = int(last) if last else ask.after
        if after and after > (head := store.head()):
            raise Problem(
                "wrong-question",
                f"Position {after} is not there: the record ends at {head}. If it was restored from a backup, what you "
                f"have from after {head} is not in it; go on after a position that is.",
            )
        if request.scope.get("head"):
            return Response(media_type="text/event-stream")
        if tail.closing:
            raise Problem("stopping", "The service is stopping; try again in a moment.", headers={"Retry-After": "2"})
        if not tail.join():
            raise Problem(
                "too-many-listeners",
                "As many listen already as this service takes. Ask for pages of events instead.",
                headers={"Retry-After": "30"},
            )
        return Listening(told(after), tail)

    return routes
