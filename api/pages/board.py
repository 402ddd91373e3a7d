"""The board: every pairing of a programme, a row each."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from api.asks import AskBoard, ProgrammeId, Sort
from api.pages.console import Console, Form
from api.programmes import board_query, board_row, known, pages_of, row_of
from api.web.render import page
from domain.calendar import date_of
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.steps import STATES

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


class AskBoardPage(AskBoard, Form):
    """A person looks first at what needs somebody."""

    sort: Sort = "health"


def router(console: Console) -> APIRouter:
    """The board of a programme."""
    routes = APIRouter()
    reader, needs = console.reader, console.needs

    @routes.get("/programmes/{programme}/board")
    def board(programme: ProgrammeId, ask: Annotated[AskBoardPage, Query()]) -> Response:
        found = known(reader, programme)
        today = date_of(needs.now(), found.programme.timezone)
        seen = reader.board(board_query(programme, ask), names=console.looking.names)
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

    return routes
