"""The board: every pairing of a programme, a row each; what is asked is in the address, which can be kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.asks import AskBoard, ProgrammeId, Sort
from api.pages.console import Console, Form
from api.programmes import board_row, pages_of
from api.web.cells import as_csv
from api.web.render import page
from api.web.words import behind, words
from domain.calendar import date_of
from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.questions import question
from domain.report_parts import STATES
from domain.steps import STATES as STEPS
from projections.answers import BoardRow

SORTS = (
    ("health", "Health"),
    ("next_due", "Next due"),
    ("step", "Step"),
    ("flags", "Flags"),
    ("mentor", "Mentor"),
    ("protege", "Protégé"),
    ("department", "Department"),
    ("ends_on", "End"),
    ("proposed_on", "Proposed"),
    ("pairing", "Id"),
)
# The columns of the table, and what a click on their headings sorts by.
COLUMNS = (
    ("Health", "health"),
    ("Mentor and protégé", "mentor"),
    ("Step", "step"),
    ("Next due", "next_due"),
    ("Flags", "flags"),
    ("Ends", "ends_on"),
)
HEADING = (
    "pairing",
    "mentor id",
    "mentor",
    "protégé id",
    "protégé",
    "department",
    "state",
    "step",
    "health",
    "next due",
    "what is due",
    "flags",
    "proposed",
    "ends",
)
ALL = 1_000_000


class AskBoardPage(AskBoard, Form):
    """A person looks first at what needs somebody."""

    sort: Sort = "health"
    group: Literal["department", "mentor"] | None = None


def router(console: Console) -> APIRouter:
    """The board of a programme."""
    routes = APIRouter()
    reader, boards, needs = console.reader, console.boards, console.needs

    @routes.get("/programmes/{programme}/board")
    def board(request: Request, programme: ProgrammeId, ask: Annotated[AskBoardPage, Query()]) -> Response:
        given = ask.model_dump(exclude_defaults=True, exclude_none=True)
        if any(not value for value in request.query_params.values()):
            # a form sends also what was left empty; the address of the view says only what was asked
            return RedirectResponse(_address(programme, given), 303)
        position = needs.reached()
        found = console.known(programme)
        today = date_of(needs.now(), found.timezone)
        seen = reader.board(boards.query(programme, ask, today, ask.group), names=console.looking.names)
        count = pages_of(seen.total, ask.size)

        def at(**changes: Any) -> str:
            return _address(programme, {**given, "page": None, **changes})

        return HTMLResponse(
            page(
                "board.html",
                programme={"id": programme, "name": found.name},
                position=position,
                groups=_groups(seen.rows, ask.group, today),
                total=seen.total,
                pages=count,
                ask=ask.model_dump(),
                at=at,
                filtered=_filters(ask, seen.rows, at),
                filters=_choices(reader.departments(programme)),
                sorts=SORTS,
                columns=[_column(title, sort, ask, at) for title, sort in COLUMNS],
                file=f"/programmes/{programme}/board.csv{_tail({**given, 'page': None, 'size': None})}",
            )
        )

    @routes.get("/programmes/{programme}/board.csv", response_class=Response)
    def board_file(programme: ProgrammeId, ask: Annotated[AskBoardPage, Query()]) -> Response:
        found = console.known(programme)
        today = date_of(needs.now(), found.timezone)
        query = replace(boards.query(programme, ask, today, ask.group), limit=ALL, offset=0)
        rows = reader.board(query, names=console.looking.names).rows
        name = f'attachment; filename="board-{programme}.csv"'
        return Response(
            as_csv(HEADING, [_cells(row) for row in rows]),
            media_type="text/csv",
            headers={"Content-Disposition": name},
        )

    return routes


def _address(programme: str, given: dict[str, Any]) -> str:
    return f"/programmes/{programme}/board{_tail(given)}"


def _tail(given: dict[str, Any]) -> str:
    asked = urlencode({name: value for name, value in given.items() if value is not None})
    return f"?{asked}" if asked else ""


def _groups(rows: Sequence[BoardRow], by: str | None, today: date) -> list[dict[str, Any]]:
    """The rows of the page under their headings; one group without a heading where they are not grouped."""

    def key(row: BoardRow) -> str | None:
        return row.department if by == "department" else row.mentor if by == "mentor" else None

    return [
        {
            "name": found[0].mentor_name if by == "mentor" else name or "No department",
            "mentor": name if by == "mentor" else None,
            "number": found[0].in_group,
            "rows": [
                {**board_row(row), "late": row.next_due_on is not None and row.next_due_on < today} for row in found
            ],
        }
        for name, found in ((name, list(each)) for name, each in groupby(rows, key))
    ]


def _choices(departments: Sequence[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters that are chosen from a list."""

    def coded(codes: Sequence[str]) -> list[tuple[str, str]]:
        return [(code, words(code)) for code in codes]

    return [
        ("health", "Health", coded(HEALTHS)),
        ("step", "Step", coded(STEPS)),
        ("flag", "Flag", coded(SIGNALS)),
        ("state", "State", coded(STATES)),
        ("department", "Department", [(name, name) for name in departments]),
    ]


def _filters(ask: AskBoardPage, rows: Sequence[BoardRow], at: Callable[..., str]) -> list[tuple[str, str]]:
    """What narrows the board, in words, each with the address without it."""
    found = []
    for name in ("health", "step", "flag", "state"):
        value = getattr(ask, name)
        if value:
            found.append((f"{words(name)}: {words(value)}", at(**{name: None})))
    if ask.department:
        found.append((f"Department: {ask.department}", at(department=None)))
    if ask.mentor:
        who = rows[0].mentor_name if rows else ask.mentor
        found.append((f"Mentor: {who}", at(mentor=None)))
    if ask.q:
        found.append((f"Name or id: {ask.q}", at(q=None)))
    if ask.behind and (asked := question(ask.behind)):
        found.append((behind(*asked), at(behind=None)))
    return found


def _column(title: str, sort: str, ask: AskBoardPage, at: Callable[..., str]) -> dict[str, Any]:
    """A heading: a click sorts by it, another the other way round."""
    here = ask.sort == sort
    down = here and ask.order == "asc"
    return {
        "title": title,
        "href": at(sort=sort, order="desc" if down else None),
        "sorted": ("ascending" if ask.order == "asc" else "descending") if here else None,
    }


def _cells(row: BoardRow) -> tuple[object, ...]:
    return (
        row.pairing,
        row.mentor,
        row.mentor_name,
        row.protege,
        row.protege_name,
        row.department,
        row.state,
        row.step,
        row.health,
        row.next_due_on,
        row.next_due_kind,
        " ".join(row.flags),
        row.proposed_on,
        row.ends_on,
    )
