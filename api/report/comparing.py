"""Two reports beside each other: the same sections, both figures, and the difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.report.sections import tables
from api.report.tables import Cell, Table
from api.report.written import is_number, written
from api.web.words import NOTHING


class Beside(NamedTuple):
    """One figure of both; `direction`: whether the second is `more`, `less` or neither."""

    row: str
    figure: str
    first: Cell
    second: Cell
    difference: str
    direction: str


class Part(NamedTuple):
    """A section with the figures of both."""

    code: str
    title: str
    says: str
    rows: list[Beside]


_ABSENT = Cell(None, "count")


def beside(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Part]:
    """Every figure of the sections that have numbers; a row that only one of them has is shown with a dash."""
    ones, others = ({table.section.code: table for table in tables(report)} for report in (first, second))
    return [
        Part(table.section.code, table.section.title, table.section.says, _rows(table, others[code]))
        for code, table in ones.items()
        if code in others and not table.section.long and table.section.place != "said"
    ]


def _rows(one: Table, other: Table) -> list[Beside]:
    places = [place for place, column in enumerate(one.columns) if place >= one.heads and is_number(column.kind)]
    rows = {row.code: row for row in one.rows}
    others = {row.code: row for row in other.rows}
    found = []
    for code in [*rows, *(code for code in others if code not in rows)]:
        known = rows.get(code) or others[code]
        name = ", ".join(written(cell) for cell in known.cells[: one.heads])
        for place in places:
            column = one.columns[place]
            title = f"{column.group}: {column.title.lower()}" if column.group else column.title
            a, b = (side[code].cells[place] if code in side else _ABSENT for side in (rows, others))
            if a.path or b.path:
                found.append(Beside(name, title, a, b, *difference(a, b)))
    return found


def difference(a: Cell, b: Cell) -> tuple[str, str]:
    """In the figures' own unit, shares in percentage points; nothing where one of them is not shown."""
    if a.value is None or b.value is None:
        return NOTHING, ""
    change = b.value - a.value
    kind = a.kind or b.kind
    if kind == "share":
        shown, unit = f"{change * 100:+.1f}", " pp"
    elif kind in ("mean", "change"):
        shown, unit = f"{change:+.2f}", ""
    else:
        shown, unit = f"{'+' if change >= 0 else '-'}{written(Cell(abs(change), 'days'))}", ""
    if not float(shown.replace(",", "")):
        return "0", ""
    return shown.replace("-", "−") + unit, "more" if change > 0 else "less"
