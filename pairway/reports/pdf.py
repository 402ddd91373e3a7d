"""The report as PDF on A4, set by typst: archivable and accessible (PDF/A-2a, PDF/UA-1) wherever fonts allow it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from api.report.charts import WIDE, Drawing, charts
from api.report.sections import SUPPRESSION, for_management, moment_of, tables
from api.report.tables import Table, side_by_side
from api.report.written import WITHHELD, is_number, written
from api.web.words import day, grouped, moment

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATE = Path(__file__).parent / "report.typ"
LONGEST_NAME = 200
MOST_SAID = 60
"""So many answers to a question are printed; all of them are in the other formats."""
_STANDARDS: tuple[list[PDFStandard], ...] = (["a-2a", "ua-1"], [])
_NOT_FOR_PAPER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WITHOUT_A_BREAK = re.compile(r"\S{40}")
# The colours of the drawings on paper; on the page they are those of the style sheet.
_ON_PAPER = """<style>
.ch-text{font-family:"Libertinus Serif";font-size:13px;fill:#1d2526}.ch-soft{fill:#5b6668}.ch-strong{font-weight:600}
.ch-track{fill:#ebe9e3}.ch-fill{fill:#4d8ca1}.ch-now{fill:#d9a441}.ch-bad{fill:#b8655a}
.ch-grid{stroke:#e3e1db;stroke-width:1;fill:none}.ch-line{fill:none;stroke-width:2;stroke:#4d8ca1}
.ch-month{stroke:#c3bfb4;stroke-width:1}.ch-all{stroke:#1f5c70;stroke-width:2.5}
.ch-mentor{stroke:#1f5c70}.ch-protege{stroke:#b97613}.ch-of-mentor{fill:#1f5c70}.ch-of-protege{fill:#8a5607}
.ch-dot{fill:#fff;stroke-width:2}.ch-first{fill:#fff;stroke:#4d8ca1;stroke-width:1.5}.ch-last{fill:#1f5c70}
.ch-on_track{fill:#2f8a5f}.ch-attention{fill:#d19a3c}.ch-at_risk{fill:#b8452f}.ch-paused{fill:#8fa4b3}
.ch-completed{fill:#3b6fb0}.ch-closed_early{fill:#86639a}
</style>"""


def render(report: Mapping[str, Any]) -> bytes:
    """The report on paper. A character that no font has leaves it a plain, tagged PDF, and shows as a box."""
    data = json.dumps(_data(report), ensure_ascii=False)
    made_at = moment_of(report).astimezone(UTC).replace(microsecond=0)
    for standards in _STANDARDS:
        try:
            made = typst.compile(
                TEMPLATE,
                font_paths=_fonts(),
                sys_inputs={"data": data},
                format="pdf",
                pdf_standards=standards,
                timestamp=made_at,
            )
        except typst.TypstError:
            if not standards:
                raise
        else:
            return made
    raise AssertionError


@cache
def _fonts() -> typst.Fonts:
    """Those in the wheel, and behind them the machine's, for scripts that the former lack."""
    return typst.Fonts(include_system_fonts=True)


def _data(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the template places: strings, and drawings."""
    found, programme = tables(report), report["programme"]
    drawn = charts(found)
    management = for_management(report)
    name = plain(programme["name"], LONGEST_NAME)
    return {
        "title": name,
        "short": plain(programme["name"], 70),
        "kind": f"Mentoring report for {'management' if management else 'the MPM'}",
        "purpose": plain(programme["purpose"], 600),
        "as_of": f"As of {moment(moment_of(report))}",
        "since": f"Since {day(programme['starts_on'])} · as of {moment(moment_of(report))} ({programme['timezone']}) "
        f"· programme {programme['id']}",
        "withheld": f"{SUPPRESSION} {WITHHELD}; they are {len(report['suppressed'])}." if management else "",
        "tiles": [tile for table in found if table.section.place == "tiles" for tile in _tiles(table)],
        "rows": [
            [_section(table, drawn.get(table.section.code)) for table in row]
            for row in side_by_side(table for table in found if not table.section.long)
        ],
        **_learned(found),
    }


def plain(text: str, longest: int) -> str:
    """People's words as paper can hold them: no control characters, cut, with places to break a line in."""
    kept = _NOT_FOR_PAPER.sub(" ", text)
    kept = kept if len(kept) <= longest else kept[: longest - 1] + "…"
    return _WITHOUT_A_BREAK.sub(lambda found: found[0] + "\u200b", kept)


def _tiles(table: Table) -> Iterator[dict[str, str]]:
    for row in table.rows:
        head, value, share = (written(cell) for cell in row.cells)
        yield {"title": head, "value": value, "share": "" if row.cells[2].value is None else share}


def _section(table: Table, drawing: Drawing | None) -> dict[str, Any]:
    shown = [place for place, column in enumerate(table.columns) if column.kind != "code"]
    return {
        "title": table.section.title,
        "says": table.section.says,
        "empty": table.section.empty,
        "wide": table.section.place == "wide",
        "columns": [
            {
                "title": table.columns[place].title,
                "group": table.columns[place].group,
                "right": is_number(table.columns[place].kind) and place >= table.heads,
            }
            for place in shown
        ],
        "rows": [[plain(written(row.cells[place]), LONGEST_NAME) for place in shown] for row in table.rows],
        "chart": None
        if drawing is None
        else {
            "svg": drawing.svg.replace("<title", _ON_PAPER + "<title", 1),
            "alt": f"{drawing.title}. {drawing.describes}",
            "width": 100 if drawing.width == WIDE or table.section.place == "half" else 70,
        },
    }


def _learned(found: Sequence[Table]) -> dict[str, Any]:
    said = next((table for table in found if table.section.place == "said"), None)
    if said is None:
        return {"learned": [], "learned_title": "", "learned_says": ""}
    answers: dict[str, list[str]] = {"What worked": [], "What did not": [], "Why": []}
    for row in said.rows:
        answers[row.cells[0].value].append(plain(row.cells[1].value, 2_000))
    return {
        "learned_title": said.section.title,
        "learned_says": said.section.says,
        "learned": [_question(title, grouped(texts)) for title, texts in answers.items()],
    }


def _question(title: str, texts: Sequence[tuple[str, int]]) -> dict[str, Any]:
    more = len(texts) - MOST_SAID
    return {
        "title": title,
        "said": [{"text": text, "times": f"  × {times}" if times > 1 else ""} for text, times in texts[:MOST_SAID]],
        "more": f"{more} more are in the other formats." if more > 0 else "",
    }
