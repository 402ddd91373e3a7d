"""The report as XLSX: a sheet a section, with real numbers and dates, for who wants to go on calculating."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from api.report.sections import SUPPRESSION, for_management, moment_of, tables
from api.report.tables import Cell, Table
from api.report.written import WITHHELD, is_number, written

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767
"""More characters a cell does not hold."""
_NUMBERS = {
    "count": "#,##0",
    "days": "#,##0.0",
    "mean": "0.00",
    "share": "0.0%",
    "change": "+0.00;-0.00;0.00",
    "percent": '0.0" %"',
    "number": "0",
    "month": "mmm yyyy",
    "date": "d mmm yyyy",
    "moment": "d mmm yyyy hh:mm",
}
_ALIGNED = {"month": {"align": "left"}, "date": {"align": "left"}, "moment": {"align": "left"}}
_WIDTHS = {"text": 26, "said": 90, "code": 14}


def render(report: Mapping[str, Any]) -> bytes:
    """A workbook whose texts are texts: nothing that begins like a formula or a link is taken for one."""
    import xlsxwriter  # it takes half a second to load, which no other command should wait for

    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    ) as book:
        programme, as_of = report["programme"], moment_of(report)
        book.set_properties(
            {"title": _text(programme["name"], 200), "subject": _kind(report), "created": as_of.replace(tzinfo=None)}
        )
        styles = _styles(book)
        _cover(book.add_worksheet("Report"), report, as_of, styles)
        for table in tables(report):
            _sheet(book.add_worksheet(table.section.title), table, styles)
    return out.getvalue()


def _kind(report: Mapping[str, Any]) -> str:
    return f"Mentoring report for {'management' if for_management(report) else 'the MPM'}"


def _styles(book: Workbook) -> dict[str, Format]:
    return {
        **{kind: book.add_format({"num_format": shape, **_ALIGNED.get(kind, {})}) for kind, shape in _NUMBERS.items()},
        "title": book.add_format({"bold": True, "font_size": 18, "text_wrap": True, "valign": "top"}),
        "soft": book.add_format({"font_color": "#5B6668", "text_wrap": True, "valign": "top"}),
        "head": book.add_format({"bold": True, "bottom": 1, "bottom_color": "#9AA5A8", "valign": "bottom"}),
        "head_right": book.add_format({"bold": True, "bottom": 1, "bottom_color": "#9AA5A8", "align": "right"}),
        "text": book.add_format({"valign": "top"}),
        "said": book.add_format({"text_wrap": True, "valign": "top"}),
        "withheld": book.add_format({"align": "right", "font_color": "#5B6668"}),
    }


def _cover(sheet: Worksheet, report: Mapping[str, Any], as_of: datetime, styles: dict[str, Format]) -> None:
    programme = report["programme"]
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80, styles["said"])
    sheet.write_string(0, 0, _kind(report), styles["text"])
    sheet.write_string(1, 1, _text(programme["name"]), styles["title"])
    sheet.write_string(2, 1, _text(programme["purpose"]), styles["soft"])
    rows: list[tuple[str, Any, str]] = [
        ("Programme", programme["id"], "text"),
        ("Since", date.fromisoformat(programme["starts_on"]), "date"),
        ("As of", as_of.replace(tzinfo=None), "moment"),
        ("Time zone", programme["timezone"], "text"),
    ]
    sheet.set_row(1, 30)
    for place, (name, value, kind) in enumerate(rows, 4):
        sheet.write_string(place, 0, name, styles["soft"])
        if isinstance(value, str):
            sheet.write_string(place, 1, _text(value), styles["text"])
        else:
            sheet.write_datetime(place, 1, value, styles[kind])
    if for_management(report):
        says = f"{SUPPRESSION} {WITHHELD}; they are {len(report['suppressed'])}."
        sheet.write_string(4 + len(rows) + 1, 1, says, styles["said"])


def _sheet(sheet: Worksheet, table: Table, styles: dict[str, Format]) -> None:
    """The titles, which stay in view, then a line a row; below them what the section says."""
    for place, column in enumerate(table.columns):
        right = place >= table.heads and is_number(column.kind)
        name = f"{column.group}: {column.title.lower()}" if column.group else column.title
        sheet.write_string(0, place, name, styles["head_right" if right else "head"])
        texts = [written(row.cells[place]) for row in table.rows] if place < table.heads else []
        longest = max([len(name) + 3, _WIDTHS.get(column.kind, 11), *map(len, texts)])
        sheet.set_column(place, place, min(longest, 90))
    sheet.freeze_panes(1, table.heads)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for line, row in enumerate(table.rows, 1):
        for place, cell in enumerate(row.cells):
            _write(sheet, line, place, cell, styles)
    sheet.write_string(len(table.rows) + 2, 0, table.section.says, styles["text"])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Worksheet, line: int, place: int, cell: Cell, styles: dict[str, Format]) -> None:
    if cell.withheld:
        sheet.write_string(line, place, WITHHELD, styles["withheld"])
    elif isinstance(cell.value, int | float):
        sheet.write_number(line, place, cell.value, styles.get(cell.kind, styles["count"]))
    elif cell.kind == "month":
        sheet.write_datetime(line, place, cell.value, styles[cell.kind])
    elif cell.value is not None:
        sheet.write_string(line, place, _text(str(cell.value)), styles["said" if cell.kind == "said" else "text"])


def _text(shown: str, longest: int = LONGEST) -> str:
    """People's words as a cell holds them."""
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
