"""The report as a page of the service, and as one file that can be sent to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from api.report.charts import charts
from api.report.sections import SUPPRESSION, for_management, moment_of, tables
from api.report.tables import side_by_side
from api.report.written import WITHHELD, is_number, written
from api.web.render import document, page
from api.web.words import grouped

MOST_ROWS = 400
MOST_SAID = 200


def as_page(report: Mapping[str, Any], *, on: date | None = None, files: Iterable[str] = ()) -> str:
    """The report as a page of the service; `on` is the day that was asked for, `files` how it can be kept."""
    asked = {"audience": audience_of(report), **({"on": on.isoformat()} if on else {})}
    return page(
        "report.html",
        on=on,
        compared=urlencode(_a_month_before(report, on)),
        files=[(ending.upper(), urlencode({"format": ending, **asked})) for ending in files],
        **_shown(report),
    )


def as_document(report: Mapping[str, Any]) -> str:
    """The same as one file: it needs no service, and nothing in it leads elsewhere."""
    return document("report.html", on=None, compared="", files=[], **_shown(report))


def _a_month_before(report: Mapping[str, Any], on: date | None) -> dict[str, str]:
    """What the report is held beside at first: itself a month before, where there was a programme then."""
    before = moment_of(report).date() - timedelta(days=30)
    there = before >= date.fromisoformat(report["programme"]["starts_on"])
    return {
        "audience": audience_of(report),
        **({"on": before.isoformat()} if there else {}),
        **({"with_on": on.isoformat()} if on else {}),
    }


def audience_of(report: Mapping[str, Any]) -> str:
    return "management" if for_management(report) else "mpm"


def _shown(report: Mapping[str, Any]) -> dict[str, Any]:
    found = tables(report)
    by_code = {table.section.code: table for table in found}
    said = by_code.get("learned")
    return {
        "report": report,
        "as_of": moment_of(report),
        "audience": audience_of(report),
        "tiles": by_code["pairings"].rows,
        "rows": list(side_by_side(found)),
        # what people wrote is escaped where it is drawn
        "drawn": {code: Markup(drawing.svg) for code, drawing in charts(found).items()},  # noqa: S704 - drawn by us, their texts escaped
        "learned": None if said is None else said.section,
        "answers": [] if said is None else _answers(said.rows),
        "written": written,
        "is_number": is_number,
        "suppression": SUPPRESSION,
        "WITHHELD": WITHHELD,
        "MOST_ROWS": MOST_ROWS,
        "MOST_SAID": MOST_SAID,
    }


def _answers(rows: Iterable[Any]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Each question, how many answered it, and what they said, the same words once."""
    texts: dict[str, list[str]] = {"What worked": [], "What did not": [], "Why": []}
    for row in rows:
        texts[row.cells[0].value].append(row.cells[1].value)
    return [(question, len(said), list(grouped(said))) for question, said in texts.items()]
