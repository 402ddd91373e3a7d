"""Tells an open page that the read models have moved, so that it can look again: a word at a time, however much was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.asks import LARGEST, AskStream
from api.feed import HEARTBEAT, Listening
from api.pages.console import Console
from api.problems import Problem
from api.tail import Tail

LOOK = 0.25  # seconds after which it is asked again whether the read models have come to what was sealed


def router(console: Console, tail: Tail, heartbeat: float = HEARTBEAT) -> APIRouter:
    """A stream of positions for the pages."""
    routes = APIRouter()
    reached, head = console.needs.reached, console.needs.store.head

    async def told(known: int) -> AsyncIterator[bytes]:
        yield b"retry: 1500\n\n"
        while not tail.closing:
            with tail.bell() as bell:
                position = await run_in_threadpool(reached)
                if position != known:
                    # also a lower one: the record may have been restored from an older copy
                    known = position
                    yield b"id: %d\nevent: moved\ndata: %d\n\n" % (known, known)
                    await asyncio.sleep(LOOK)
                    continue
                behind = await run_in_threadpool(head) > known
                try:
                    await asyncio.wait_for(bell.wait(), LOOK if behind else heartbeat)
                except TimeoutError:
                    if not behind:
                        yield b": nothing new\n\n"

    @routes.get("/live", response_class=StreamingResponse)
    def live(request: Request, ask: Annotated[AskStream, Query()]) -> Response:
        last = request.headers.get("last-event-id", "").strip()
        known = int(last) if last.isascii() and last.isdigit() and len(last) < len(str(LARGEST)) else ask.after
        if request.scope.get("head"):
            return Response(media_type="text/event-stream")
        if tail.closing or not tail.join():
            raise Problem("stopping", "No more pages can be kept up to date just now.", headers={"Retry-After": "2"})
        return Listening(told(known), tail)

    return routes
