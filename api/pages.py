"""The pages for a person: the programmes, one programme's report and board, and one pairing's history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, model_validator
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import history, reports
from api.asks import AskBoard, PairingId, ProgrammeId, Sort
from api.may_see import LOCAL_MPM
from api.needs import Needs
from api.problems import Problem
from api.programmes import board_query, board_row, known, pages_of, report_of, row_of
from api.standing import Standing
from api.trail import Trail
from api.web.render import page
from domain.calendar import date_of, start_of, zone_named
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.steps import STATES
from projections.read import Reader
from projections.reporting import Reports

SORTS = (
    ("health", "Health"),
    ("next_due", "Next due"),
    ("step", "Step"),
    ("flags", "Flags"),
    ("mentor", "Mentor"),
    ("protege", "Protégé"),
    ("department", "Department"),
    ("ends_on", "End"),
    ("proposed_on", "Newest"),
    ("pairing", "Id"),
)


class Form(BaseModel):
    """A form sends every field, also those left empty: they are not asked."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_asked(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}


class AskReportPage(Form):
    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    audience: Literal["mpm", "management"] = "mpm"


class AskBoardPage(AskBoard, Form):
    """A person looks first at what needs somebody."""

    sort: Sort = "health"


def problem_page(problem: Problem) -> Response:
    """A problem for a person in a browser."""
    return HTMLResponse(page("problem.html", problem=problem.body()), problem.status, problem.headers)


def router(needs: Needs, standing: Standing, trail: Trail) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    reader = Reader(needs.pool, needs.codec, needs.keyring)
    made = Reports(needs.pool, needs.store, needs.codec, needs.keyring)

    @routes.get("/")
    def first() -> Response:
        found = reader.programmes()
        only = len(found) == 1
        return RedirectResponse(f"/programmes/{found[0].programme.id}" if only else "/programmes", 303)

    @routes.get("/programmes")
    def programmes() -> Response:
        return HTMLResponse(page("programmes.html", programmes=[row_of(found) for found in reader.programmes()]))

    def report_for(programme: str, ask: AskReportPage) -> dict[str, Any]:
        zone = known(reader, programme).programme.timezone
        as_of = None if ask.on is None else _end_of(ask.on, zone)
        return report_of(made, programme, as_of, needs.now(), ask.audience)

    @routes.get("/programmes/{programme}")
    def report(programme: ProgrammeId, ask: Annotated[AskReportPage, Query()]) -> Response:
        return HTMLResponse(reports.as_page(report_for(programme, ask), ask.audience, ask.on, needs.report_formats))

    @routes.get("/programmes/{programme}/report.{ending}")
    def report_file(programme: ProgrammeId, ending: str, ask: Annotated[AskReportPage, Query()]) -> Response:
        media = reports.by_ending(needs.report_formats).get(ending)
        if media is None:
            raise Problem("not-found", f"The report is not to be had as {ending!r}.")
        body = reports.rendered(report_for(programme, ask), media, ask.audience, needs.report_formats)
        name = f'attachment; filename="report-{programme}.{ending}"'
        return Response(body, media_type=media, headers={"Content-Disposition": name})

    @routes.get("/programmes/{programme}/board")
    def board(programme: ProgrammeId, ask: Annotated[AskBoardPage, Query()]) -> Response:
        found = known(reader, programme)
        today = date_of(needs.now(), found.programme.timezone)
        seen = reader.board(board_query(programme, ask), names=LOCAL_MPM.names)
        count = pages_of(seen.total, ask.size)
        given = ask.model_dump(exclude_defaults=True, exclude_none=True)

        def at(number: int) -> str | None:
            there = 1 <= number <= count and number != ask.page
            return f"/programmes/{programme}/board?{urlencode({**given, 'page': number})}" if there else None

        return HTMLResponse(
            page(
                "board.html",
                programme=row_of(found),
                rows=[
                    {**board_row(row), "late": row.next_due_on is not None and row.next_due_on < today}
                    for row in seen.rows
                ],
                total=seen.total,
                pages=count,
                ask=ask.model_dump(),
                filtered=bool(given.keys() - {"page", "size", "sort", "order"}),
                filters=(
                    ("health", "Health", [(code, None) for code in HEALTHS]),
                    ("step", "Step", [(code, None) for code in STATES]),
                    ("flag", "Flag", [(code, None) for code in SIGNALS]),
                    ("department", "Department", [(name, name) for name in reader.departments(programme)]),
                ),
                sorts=SORTS,
                previous_href=at(ask.page - 1),
                next_href=at(ask.page + 1),
            )
        )

    @routes.get("/pairings/{pairing}")
    def one_pairing(pairing: PairingId) -> Response:
        recorded = standing.events(f"pairing-{pairing}")
        found = standing.pairing(pairing, recorded)
        if found is None:
            raise Problem("not-found", f"There is no pairing {pairing}.")
        return HTMLResponse(
            page(
                "pairing.html",
                pairing=found,
                mentor_name=standing.name(found["mentor"], LOCAL_MPM),
                protege_name=standing.name(found["protege"], LOCAL_MPM),
                steps=history.steps(found),
                days=history.days(recorded, needs.codec, trail),
            )
        )

    return routes


def _end_of(day: date, zone: str) -> datetime:
    """The last moment of a date there."""
    try:
        last = start_of(day + timedelta(days=1), zone).astimezone(UTC) - timedelta(microseconds=1)
    except OverflowError:
        raise Problem("wrong-question", "`on` lies too far from our time.") from None
    return last.astimezone(zone_named(zone))
