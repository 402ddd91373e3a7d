"""Two reports side by side: two days of a programme, or two programmes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from api.asks import ID, ProgrammeId
from api.pages.console import Console, Form
from api.pages.report import report_on
from api.report.comparing import beside
from api.report.sections import SUPPRESSION, moment_of
from api.report.written import WITHHELD, written
from api.web.render import page


class AskCompare(Form):
    """`with`: the other programme, else the same; `on` and `with_on`: the days, else now."""

    model_config = ConfigDict(extra="forbid")
    other: str | None = Field(None, alias="with", pattern=ID)
    on: date | None = None
    with_on: date | None = None
    audience: Literal["mpm", "management"] = "mpm"


def router(console: Console) -> APIRouter:
    """The comparison, which begins at the report of a programme."""
    routes = APIRouter()

    @routes.get("/programmes/{programme}/report/compare")
    def compare(programme: ProgrammeId, ask: Annotated[AskCompare, Query()]) -> Response:
        other = ask.other or programme
        first = report_on(console, programme, ask.on, ask.audience)
        second = report_on(console, other, ask.with_on, ask.audience)
        sides = [
            {
                "report": report,
                "as_of": moment_of(report),
                "on": on,
                "asked": urlencode({"audience": ask.audience, **({"on": on.isoformat()} if on else {})}),
            }
            for report, on in ((first, ask.on), (second, ask.with_on))
        ]
        return HTMLResponse(
            page(
                "compare.html",
                sides=sides,
                audience=ask.audience,
                parts=beside(first, second),
                programmes=[(found.programme.id, found.programme.name) for found in console.reader.programmes()],
                written=written,
                suppression=SUPPRESSION,
                WITHHELD=WITHHELD,
            )
        )

    return routes
