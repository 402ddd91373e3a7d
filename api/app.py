"""Puts the API together: every address, the guard before them and the table of problems behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from api import audit, facts, feed, forgetting, health, pages, people, problems, programmes, shapes
from api.boards import Boards
from api.fresh import Fresh
from api.guard import Guard
from api.metrics import Requests
from api.needs import Needs, Outcome
from api.pages.console import Console
from api.retrying import Retrying
from api.standing import Standing
from api.tail import Tail
from api.trail import Trail
from api.web.render import STATIC
from eventstore.follow import Follower
from eventstore.store import Held
from projections.overview import Overviews
from projections.read import Reader

SAYS = (
    "Facts in, pairings through the eight steps, the MPM report out. "
    "There are no accounts yet: whoever reaches this service acts as the one local MPM."
)


def app(needs: Needs) -> FastAPI:
    """The whole API over these parts; its `state.tail.close()` lets streams end before a server stops.

    `state.warm()` makes ready what the first who looks would wait for.
    """
    store, trail, requests = needs.store, Trail(needs.store, needs.codec), Requests()
    tail = Tail(Follower(needs.database_url))
    boards = Boards(Reader(needs.pool, needs.codec, needs.keyring), Overviews(needs.pool))
    standing = Standing(needs.pool, store, needs.codec, needs.keyring, trail)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tail.start()
        try:
            yield
        finally:
            await run_in_threadpool(tail.stop)

    def take(arrivals: Sequence[bytes]) -> Sequence[Outcome]:
        outcomes = needs.take(arrivals)
        requests.took(outcome.disposition for outcome in outcomes)
        return outcomes

    def bring_forward(pairing: str) -> None:
        try:
            needs.bring_forward([pairing], needs.now())
        except Held:
            return  # time stands still there until the import is done

    retrying = Retrying(needs.pool, store, needs.keyring, take, bring_forward)
    api = FastAPI(
        title="Pairway",
        version=needs.version,
        description=SAYS,
        lifespan=lifespan,
        # their pages load scripts from elsewhere, which nothing here may
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=shapes.problems(421),
    )
    api.state.tail = tail
    api.state.warm = partial(pages.overview.warm, Console.of(needs, standing, trail, boards))
    api.state.problem_page = pages.problem_page
    api.include_router(facts.router(needs.pool, store, take, retrying, trail))
    api.include_router(programmes.router(needs, Fresh(needs.reached), boards))
    api.include_router(people.router(standing, trail, Fresh(store.head)))
    api.include_router(forgetting.router(needs.forget, trail))
    api.include_router(feed.router(store, trail, tail))
    api.include_router(audit.router(needs.proofs, needs.now))
    api.include_router(health.router(needs, requests, tail))
    api.include_router(pages.router(needs, standing, trail, boards, tail, take, retrying))
    api.mount("/static", StaticFiles(directory=STATIC), name="static")
    for route in api.routes:
        # What is included is put together when it is first asked for: now, not by the first requests in their threads.
        route.matches({"type": "http", "method": "GET", "path": "", "headers": []})
    problems.put_up(api)
    api.add_middleware(Guard, any_host=needs.any_host, requests=requests)

    described = api.openapi

    def openapi() -> dict[str, Any]:
        return shapes.with_problem_schema(described())

    api.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of extending the document
    return api
