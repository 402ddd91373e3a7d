"""The MPM report as a page, and as files to keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from starlette.responses import HTMLResponse, Response

from api import reports
from api.asks import ProgrammeId
from api.pages.console import Console, Form
from api.problems import Problem
from api.programmes import known, report_of
from domain.calendar import start_of, zone_named


class AskReportPage(Form):
    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    audience: Literal["mpm", "management"] = "mpm"


def router(console: Console) -> APIRouter:
    """The report of a programme."""
    routes = APIRouter()
    needs, reader, made = console.needs, console.reader, console.reports

    def report_for(programme: str, ask: AskReportPage) -> dict[str, Any]:
        zone = known(reader, programme).programme.timezone
        as_of = None if ask.on is None else end_of(ask.on, zone)
        return report_of(made, programme, as_of, needs.now(), ask.audience)

    @routes.get("/programmes/{programme}/report")
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

    return routes


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a date there."""
    try:
        last = start_of(day + timedelta(days=1), zone).astimezone(UTC) - timedelta(microseconds=1)
    except OverflowError:
        raise Problem("wrong-question", "`on` lies too far from our time.") from None
    return last.astimezone(zone_named(zone))
