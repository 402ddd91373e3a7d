"""The report as JSON, CSV, XLSX and PDF: the same figures, as their readers expect them, whatever people wrote."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pypdf
import pytest
from openpyxl.workbook import Workbook

from api.report.page import as_document
from api.report.sections import tables
from api.report.tables import at
from pairway.reports import csv as as_csv
from pairway.reports import json as as_json
from pairway.reports import pdf, xlsx
from tests.api.reported import HOSTILE, reported

AUDIENCES = pytest.mark.parametrize("audience", ["mpm", "management"])
HOSTILES = pytest.mark.parametrize("kind", HOSTILE)


def hostile(kind: str) -> dict[str, Any]:
    return reported(name=HOSTILE[kind], said=HOSTILE[kind])


def shown(report: dict[str, Any]) -> dict[str, Any]:
    """Every figure that the sections show, by where it stands."""
    return {cell.path: cell for table in tables(report) for row in table.rows for cell in row.cells if cell.path}


# JSON


def test_the_json_is_the_report() -> None:
    report = hostile("other scripts")
    rendered = as_json.render(report)
    assert json.loads(rendered) == report
    assert "山田" in rendered.decode()
    assert rendered.endswith(b"}\n")


@HOSTILES
def test_the_json_is_spelled_as_the_standard_library_does(kind: str) -> None:
    report = hostile(kind)
    assert as_json.render(report) == (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()


# CSV


def rows_of(rendered: bytes) -> list[dict[str, str]]:
    assert rendered.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(rendered.decode("utf-8-sig"), newline="")))


@AUDIENCES
def test_the_csv_has_a_line_a_figure_by_its_path(audience: Any) -> None:
    report = reported(audience)
    lines = {row["figure"]: row for row in rows_of(as_csv.render(report))}
    assert lines["programme.name"]["value"] == "Leaders 2025"
    assert lines["as_of"]["value"] == report["as_of"]
    for path, cell in shown(report).items():
        value = lines[path]["value"]
        assert lines[path]["withheld"] == ("yes" if cell.withheld else "")
        if isinstance(cell.value, int | float):
            assert float(value.removeprefix("'")) == cell.value
        elif cell.value is None:
            assert value == ""
    assert lines["steps[3].median_days"]["row"] == "Goals"
    assert lines["steps[3].median_days"]["column"] == "Median days"


@HOSTILES
def test_nothing_in_the_csv_is_what_a_spreadsheet_would_run(kind: str) -> None:
    cells = [cell for row in rows_of(as_csv.render(hostile(kind))) for cell in row.values()]
    dangerous = [cell for cell in cells if re.match(r"[\s]*[=+\-@＝＋－＠]", cell)]
    assert [cell for cell in dangerous if not re.fullmatch(r"-?\d+(\.\d+)?", cell)] == []
    if kind == "formula":
        assert "'" + HOSTILE[kind] in cells


# XLSX


def book(report: dict[str, Any]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))


@AUDIENCES
def test_the_workbook_has_a_sheet_a_section_with_real_numbers(audience: Any) -> None:
    report = reported(audience)
    found, sections = book(report), tables(report)
    assert found.sheetnames == ["Report", *(table.section.title for table in sections)]
    for table in sections:
        sheet = found[table.section.title]
        assert sheet.freeze_panes is not None
        for line, row in enumerate(table.rows, 2):
            for place, cell in enumerate(row.cells, 1):
                there = sheet.cell(line, place)
                if cell.withheld:
                    assert there.value == "•"
                elif cell.value is None:
                    assert there.value is None
                elif isinstance(cell.value, int | float):
                    assert (there.data_type, there.value) == ("n", cell.value)
                elif isinstance(cell.value, date):
                    assert isinstance(there.value, datetime)
                    assert (there.number_format, there.value.date()) == ("mmm yyyy", cell.value)
                else:
                    assert (there.data_type, there.value) == ("s", cell.value)


def test_a_share_is_shown_as_percent_and_a_date_is_a_date() -> None:
    found = book(reported())
    health = {row[0].value: row for row in found["Health"].iter_rows(min_row=2, max_row=7)}
    assert health["On track"][2].number_format == "0.0%"
    cover = {row[0].value: row[1] for row in found["Report"].iter_rows(min_row=5, max_row=8)}
    assert cover["Since"].number_format == "d mmm yyyy"
    assert [str(cover[name].value) for name in ("Since", "As of")] == ["2025-01-06 00:00:00", "2026-03-01 12:00:00"]
    assert found.properties.title == "Leaders 2025"


@HOSTILES
def test_the_workbook_holds_texts_as_texts_and_no_formula_nor_link(kind: str) -> None:
    rendered = xlsx.render(hostile(kind))
    found = openpyxl.load_workbook(io.BytesIO(rendered))
    assert {cell.data_type for sheet in found for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert [cell for sheet in found for row in sheet.iter_rows() for cell in row if cell.hyperlink] == []
    parts = zipfile.ZipFile(io.BytesIO(rendered))
    assert not [name for name in parts.namelist() if b"<f>" in parts.read(name) or "external" in name.lower()]
    if kind != "controls":
        assert found["Report"]["B2"].value == HOSTILE[kind]
        assert found["Competencies"]["A2"].value == HOSTILE[kind]


def test_a_text_longer_than_a_cell_is_cut() -> None:
    report = reported()
    report["learned"]["why"] = ["x" * 40_000]
    sheet = book(report).worksheets[-1]
    longest = max(len(str(row[1].value)) for row in sheet.iter_rows(min_row=2) if row[1].value)
    assert longest == 32_767


# PDF


def text_of(rendered: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(rendered)).pages)


@AUDIENCES
def test_the_pdf_is_a_titled_tagged_archivable_document_in_a_language(audience: Any) -> None:
    rendered = pdf.render(reported(audience))
    read = pypdf.PdfReader(io.BytesIO(rendered))
    assert read.metadata is not None
    assert read.metadata.title == "Leaders 2025"
    catalog: Any = read.trailer["/Root"]
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert b"<pdfaid:part>2</pdfaid:part>" in rendered
    assert b"<pdfuaid:part>1</pdfuaid:part>" in rendered
    for page in read.pages:
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_the_pdf_shows_every_section_its_figures_and_its_pages() -> None:
    report = reported()
    text = text_of(pdf.render(report))
    for table in tables(report):
        if not table.section.long and table.section.place != "tiles":
            assert table.section.title in text, table.section.title
    assert "Mentoring report for the MPM".upper() in text
    assert "As of 1 Mar 2026, 12:00" in text
    assert re.search(r"Page 1 of [2-9]", text)
    assert "honest words" in text
    assert re.search(r"Signed by both\s+14", text)
    assert "Jan 2025" in text


def test_the_pdf_for_management_says_what_is_withheld_and_shows_none_of_it() -> None:
    report = reported("management")
    text = text_of(pdf.render(report))
    assert "Mentoring report for management".upper() in text
    assert "withheld from management" in text
    assert f"they are {len(report['suppressed'])}" in text
    assert "honest words" not in text
    assert "What they learned" not in text
    mpm = reported()
    assert re.search(r"Misconduct\s+1\b", text_of(pdf.render(mpm)))
    assert re.search(r"Misconduct\s+•", text)


def test_the_instant_is_told_in_the_time_zone_that_is_named_beside_it() -> None:
    report = reported()
    report["programme"]["timezone"] = "Asia/Kolkata"
    assert "1 Mar 2026, 17:30 (Asia/Kolkata)" in re.sub(r"\s+", " ", text_of(pdf.render(report)))
    assert "1 Mar 2026, 17:30</time> (Asia/Kolkata)" in as_document(report)
    assert str(book(report)["Report"]["B7"].value) == "2026-03-01 17:30:00"


@HOSTILES
def test_the_pdf_takes_nothing_that_people_wrote_for_its_own_language(kind: str) -> None:
    rendered = pdf.render(hostile(kind))
    text = re.sub(r"[\s\u200b]", "", text_of(rendered))
    if kind in ("typst", "markup", "formula", "link"):
        assert re.sub(r"\s", "", HOSTILE[kind]) in text
    assert "root:x:" not in text
    read = pypdf.PdfReader(io.BytesIO(rendered))
    assert not [page for page in read.pages if page.get("/Annots")]
    assert len(read.pages) < 12


def test_a_long_name_stays_on_the_page() -> None:
    report = hostile("long")
    found = pypdf.PdfReader(io.BytesIO(pdf.render(report)))
    edges: list[float] = []

    def look(_text: str, _page: list[float], placed: list[float], *_: Any) -> None:
        edges.append(float(placed[4]))

    for page in found.pages:
        page.extract_text(visitor_text=look)
    assert 300 < max(edges) < 595


def test_the_same_report_is_the_same_pdf() -> None:
    assert pdf.render(reported()) == pdf.render(reported())


def test_of_very_many_answers_the_pdf_prints_some_and_says_so() -> None:
    report = reported()
    report["learned"]["worked"] = [f"answer {number}" for number in range(100)]
    text = text_of(pdf.render(report))
    assert "answer 59" in text
    assert "answer 60" not in text
    assert "40 more are in the other formats." in text


# The same in all


def test_no_format_tells_management_a_figure_that_the_document_withholds() -> None:
    report, full = reported("management"), shown(reported())
    withheld = [path for path, cell in shown(report).items() if cell.withheld and path in full]
    assert len([path for path in withheld if full[path].value is not None]) > 20
    lines = {row["figure"]: row["value"] for row in rows_of(as_csv.render(report))}
    assert [path for path in withheld if lines[path]] == []
    assert {at(report, path) for path in withheld if "/" not in path and ":" not in path} == {None}
