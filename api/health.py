"""Alive, ready and measured: for those who run the service."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from fastapi import APIRouter
from psycopg_pool import PoolTimeout
from starlette.responses import PlainTextResponse, Response

from api.answers import answer
from api.asks import NOTHING
from api.metrics import CONTENT_TYPE, Requests, counter, gauge
from api.needs import Needs
from api.shapes import Check, Readiness, in_text, problems
from api.tail import Tail
from eventstore import inbox, migrate

FAR_BEHIND = 5000
DISPOSITIONS = ("parked", "refused", "invalid")


def router(needs: Needs, requests: Requests, tail: Tail) -> APIRouter:
    """What a load balancer, an operator and Prometheus ask."""
    routes = APIRouter(tags=["running it"])

    @routes.get(
        "/healthz",
        summary="Whether the process is alive",
        dependencies=NOTHING,
        response_class=PlainTextResponse,
        responses={200: in_text("It is"), **problems(422)},
    )
    def alive() -> Response:
        return PlainTextResponse("alive\n")

    @routes.get(
        "/readyz",
        summary="Whether it can do its work, and if not, why",
        dependencies=NOTHING,
        responses={
            200: {"model": Readiness, "description": "Ready"},
            **problems(422),
            503: {"model": Readiness, "description": "Not ready"},
        },
    )
    def ready() -> Response:
        found = checks(needs)
        whole = all(check.ok for check in found)
        return answer({"ready": whole, "checks": [check.model_dump() for check in found]}, status=200 if whole else 503)

    @routes.get(
        "/metrics",
        summary="Figures for Prometheus",
        dependencies=NOTHING,
        response_class=PlainTextResponse,
        responses={200: in_text("Prometheus' text format"), **problems(422, 503)},
    )
    def metrics() -> Response:
        by_disposition = dict.fromkeys(DISPOSITIONS, 0.0)
        for count in inbox.counts(needs.pool, DISPOSITIONS):
            by_disposition[count.disposition] += count.facts
        head, reached = needs.store.head(), needs.reached()
        lines = [
            *gauge("pairway_inbox", "Facts that were not accepted, as they stand now.", by_disposition, "disposition"),
            *counter("pairway_head_position", "The last position of the record.", head),
            *counter("pairway_reached_position", "What every read model holds.", reached),
            *gauge("pairway_projection_lag", "Events that a read model lacks.", {"": max(head - reached, 0)}),
            *gauge("pairway_listeners", "Streams of events that are open.", {"": tail.listeners}),
            *requests.lines(),
        ]
        return Response("\n".join(lines) + "\n", media_type=CONTENT_TYPE)

    return routes


def checks(needs: Needs) -> list[Check]:
    """What has to be there for the service to work, each with a sentence."""
    found = [_check("database", lambda: _database(needs))]
    if found[0].ok:
        found.append(_check("migrations", lambda: _migrations(needs)))
        if found[1].ok:
            found.append(_check("projections", lambda: _projections(needs)))
    trouble = needs.queue_trouble()
    found.append(Check(name="redis", ok=trouble is None, says=trouble or "Redis answers."))
    return found


def _check(name: str, ask: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, says = ask()
    except (psycopg.Error, PoolTimeout) as error:
        ok, says = False, f"The database does not answer ({type(error).__name__})."
    return Check(name=name, ok=ok, says=says)


def _database(needs: Needs) -> tuple[bool, str]:
    with needs.pool.connection(timeout=2) as conn:
        conn.execute("SELECT 1")
    return True, "The database answers."


def _migrations(needs: Needs) -> tuple[bool, str]:
    with needs.pool.connection(timeout=2) as conn:
        lacking = len(migrate.pending(conn))
    return not lacking, f"{lacking} migrations are to be applied: run `pairway migrate`." if lacking else (
        "The tables are up to date."
    )


def _projections(needs: Needs) -> tuple[bool, str]:
    lag = max(needs.store.head() - needs.reached(), 0)
    if lag == 0:
        return True, "The read models hold every event."
    return lag <= FAR_BEHIND, f"The read models lack {lag:,} events." + (
        "" if lag <= FAR_BEHIND else " Is `pairway project` running?"
    )
