"""The report as CSV: a line a figure, named by its path, for spreadsheets and scripts alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from api.report.sections import tables
from api.report.written import written

# A spreadsheet takes a cell that begins so for a formula, and what people wrote must not become one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEADS = ("figure", "value", "withheld", "section", "row", "column")


def render(report: Mapping[str, Any]) -> bytes:
    """UTF-8 with a byte order mark; what is withheld or has nothing to divide by has no value."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADS)
    lines.writerows(map(_cell, line) for line in _lines(report))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _lines(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name, value in report["programme"].items():
        yield f"programme.{name}", value, "", "Report", "", name.replace("_", " ").capitalize()
    yield "as_of", report["as_of"], "", "Report", "", "As of"
    for table in tables(report):
        for row in table.rows:
            head = " / ".join(written(cell) for cell in row.cells[: table.heads])
            for column, cell in zip(table.columns[table.heads :], row.cells[table.heads :], strict=True):
                if cell.path:
                    title = f"{column.group}: {column.title}" if column.group else column.title
                    withheld = "yes" if cell.withheld else ""
                    yield cell.path, cell.value, withheld, table.section.title, head, title


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
