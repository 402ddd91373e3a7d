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
from api.report.page import as_document, as_page
from api.report.sections import moment_of
from domain.calendar import start_of, zone_named


class AskReportPage(Form):
    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    audience: Literal["mpm", "management"] = "mpm"
    format: str | None = None


def router(console: Console) -> APIRouter:
    """The report of a programme."""
    routes = APIRouter()
    writers = console.needs.report_formats
    files = reports.by_ending(writers)

    @routes.get("/programmes/{programme}/report")
    def report(programme: ProgrammeId, ask: Annotated[AskReportPage, Query()]) -> Response:
        if ask.format is not None and ask.format not in files:
            raise Problem("wrong-question", f"`format` is one of {', '.join(files)}.")
        found = report_on(console, programme, ask.on, ask.audience)
        if ask.format is None:
            return HTMLResponse(as_page(found, on=ask.on, files=files))
        body = (
            as_document(found).encode() if ask.format == "html" else reports.rendered(found, files[ask.format], writers)
        )
        return Response(body, media_type=files[ask.format], headers=_kept_as(programme, found, ask))

    return routes


def report_on(console: Console, programme: str, on: date | None, audience: str) -> dict[str, Any]:
    """The report now, or as of the end of a day in the programme's time zone."""
    zone = known(console.reader, programme).programme.timezone
    as_of = None if on is None else end_of(on, zone)
    return report_of(console.reports, programme, as_of, console.needs.now(), audience)


def _kept_as(programme: str, found: dict[str, Any], ask: AskReportPage) -> dict[str, str]:
    """A name that still tells the files apart in a folder: whose, of which day, for whom."""
    whom = "-management" if ask.audience == "management" else ""
    name = f"report-{programme}-{moment_of(found):%Y-%m-%d}{whom}.{ask.format}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a date there."""
    try:
        last = start_of(day + timedelta(days=1), zone).astimezone(UTC) - timedelta(microseconds=1)
    except OverflowError:
        raise Problem("wrong-question", "`on` lies too far from our time.") from None
    return last.astimezone(zone_named(zone))
