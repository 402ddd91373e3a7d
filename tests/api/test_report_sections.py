"""The sections of the report hold every figure of it, withheld ones as withheld, and are drawn from their own cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from api.report.charts import CHARTS, charts
from api.report.comparing import beside, difference
from api.report.page import as_document
from api.report.sections import AFTER_DAYS, SECTIONS, tables
from api.report.tables import Cell, at
from api.report.written import WITHHELD, written
from tests.api.reported import HOSTILE, reported
from tests.domain.told import day, told

AUDIENCES = pytest.mark.parametrize("audience", ["mpm", "management"])
SVG = "{http://www.w3.org/2000/svg}"


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from leaves(inner, f"{path}[{place}]")
    else:
        yield path, node


# What is said at the head of every format, what a row is called by, and what is withheld as a whole
ELSEWHERE = re.compile(
    r"programme\.|as_of$|suppressed|.*\.(step|quarter|name|month)$|survival\.by_month\[\d+\]\.steps$"
)


@AUDIENCES
def test_every_figure_of_the_report_stands_in_a_section_with_its_value(audience: Any) -> None:
    report = reported(audience)
    cells = {cell.path: cell for table in tables(report) for row in table.rows for cell in row.cells if cell.path}
    figures = {path: value for path, value in leaves(report) if not ELSEWHERE.match(path)}
    assert len(figures) > 200
    assert {path: cells[path].value if path in cells else "missing" for path in figures} == figures


def test_what_is_withheld_is_told_so_and_told_from_what_is_not_there() -> None:
    report = reported("management")
    found = [cell for table in tables(report) for row in table.rows for cell in row.cells]
    withheld = {cell.path for cell in found if cell.withheld}
    gone = re.compile(r"survival\.by_month\[\d+\]\.steps$")
    assert {path for path in report["suppressed"] if not gone.match(path)} <= withheld
    assert all(cell.value is None and written(cell) == WITHHELD for cell in found if cell.withheld)
    nothing = Cell(None, "mean")
    assert written(nothing) == "–"


def test_a_share_is_withheld_with_the_figure_that_it_is_a_share_of() -> None:
    table = next(table for table in tables(reported("management")) if table.section.code == "health")
    shares = {row.code: row.cells[-1] for row in table.rows}
    numbers = {row.code: row.cells[-2] for row in table.rows}
    assert any(cell.withheld for cell in numbers.values())
    assert {code: cell.withheld for code, cell in shares.items()} == {
        code: cell.withheld for code, cell in numbers.items()
    }


def test_management_has_no_section_of_what_the_pairs_said() -> None:
    codes = [[table.section.code for table in tables(reported(audience))] for audience in ("mpm", "management")]
    assert codes[0] == [section.code for section in SECTIONS]
    assert set(codes[0]) - set(codes[1]) == {"learned"}


@AUDIENCES
def test_every_drawing_is_well_formed_and_says_what_it_shows(audience: Any) -> None:
    drawn = charts(tables(reported(audience)))
    assert audience == "management" or set(drawn) == set(CHARTS)
    for drawing in drawn.values():
        root = ElementTree.fromstring(drawing.svg)
        title, describes = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert describes is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {describes.get('id')}"
        assert len(describes.text or "") > 10
        assert not [each for each in root.iter() if "style" in each.attrib]


def test_a_bar_is_as_long_as_its_figure() -> None:
    report = reported()
    root = ElementTree.fromstring(charts(tables(report))["health"].svg)
    widths = {
        str(each.get("class")).removeprefix("ch-"): float(str(each.get("width")))
        for each in root.iter(f"{SVG}rect")
        if each.find(f"{SVG}title") is not None
    }
    assert widths == {
        name: pytest.approx(720 * number / report["pairings"]["proposed"], abs=0.1)
        for name, number in report["health"].items()
        if number
    }


def test_the_curve_falls_where_the_report_says() -> None:
    report = reported()
    root = ElementTree.fromstring(charts(tables(report))["survival"].svg)
    whole = next(each for each in root.iter(f"{SVG}polyline") if each.get("class") == "ch-line ch-all")
    heights = sorted({float(point.split(",")[1]) for point in str(whole.get("points")).split()})
    falls = [1.0, *(step["survival"] for step in report["survival"]["overall"]["steps"])]
    assert heights == pytest.approx([10 + 160 * (1 - share) for share in falls], abs=0.1)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_stay_text_in_drawings_and_on_the_page(kind: str) -> None:
    report = reported(name=HOSTILE[kind], said=HOSTILE[kind])
    for drawing in charts(tables(report)).values():
        root = ElementTree.fromstring(drawing.svg)
        assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
            "svg", "title", "desc", "rect", "text", "polyline", "circle",
        }  # fmt: skip
    page = as_document(report)
    assert "<script" not in page
    assert "<b>&amp;amp;" not in page


def test_a_programme_of_nothing_has_a_report_all_the_same() -> None:
    empty = told()
    assert charts(tables(empty)) == {}
    assert "No quarter has opened yet." in as_document(empty)


# Two beside each other


def test_two_days_are_set_beside_each_other_with_their_difference() -> None:
    earlier, later = reported(on=day("2025-03-15")), reported()
    parts = {part.code: part for part in beside(earlier, later)}
    [row] = [row for row in parts["pairings"].rows if (row.row, row.figure) == ("Closed early", "Number")]
    assert (row.first.value, row.second.value) == (12, 12)
    assert (row.difference, row.direction) == ("0", "")
    goals = {row.row: row for row in parts["goals"].rows}
    assert goals["Agreed"].difference == "0"
    assert not {"learned", "survival_steps"} & set(parts)


@pytest.mark.parametrize(
    ("first", "second", "told_as"),
    [
        (Cell(3, "count"), Cell(1_234, "count"), ("+1,231", "more")),
        (Cell(3, "count"), Cell(1, "count"), ("−2", "less")),
        (Cell(0.25, "share"), Cell(0.5, "share"), ("+25.0 pp", "more")),
        (Cell(0.5, "share"), Cell(0.50001, "share"), ("0", "")),
        (Cell(3.5, "mean"), Cell(3.25, "mean"), ("−0.25", "less")),
        (Cell(10.5, "days"), Cell(12, "days"), ("+1.5", "more")),
        (Cell(None, "count", withheld=True), Cell(12, "count"), ("–", "")),
        (Cell(None, "mean"), Cell(1.0, "mean"), ("–", "")),
    ],
)
def test_a_difference_is_told_in_the_unit_of_its_figures(first: Cell, second: Cell, told_as: tuple[str, str]) -> None:
    assert difference(first, second) == told_as


def test_a_row_that_only_one_of_them_has_stands_beside_a_dash() -> None:
    one, other = reported(), reported()
    other["feedback"] = []
    part = next(part for part in beside(one, other) if part.code == "feedback")
    assert {row.difference for row in part.rows} == {"–"}
    assert {row.second.value for row in part.rows} == {None}


def test_for_management_what_is_withheld_has_no_difference() -> None:
    one, other = reported("management"), reported("management")
    rows = [row for part in beside(one, other) for row in part.rows]
    assert any(row.first.withheld for row in rows)
    assert {row.difference for row in rows if row.first.withheld} == {"–"}


def test_a_path_finds_what_stands_there() -> None:
    assert at({"a": [{"b": 1}]}, "a[0].b") == 1
    assert at({"a": [{"b": 1}]}, "a[1].b") is None
    assert at({"a": 1}, "a.b") is None


def test_management_may_see_how_many_last_so_long_where_the_curve_is_shown() -> None:
    report = reported("management")
    shown = {step["day"]: step["survival"] for step in report["survival"]["overall"]["steps"]}
    table = next(table for table in tables(report) if table.section.code == "survival")
    whole = {column.title: cell.value for column, cell in zip(table.columns, table.rows[0].cells, strict=True)}
    assert {f"After {days} days": shown[days] for days in AFTER_DAYS} == {
        title: share for title, share in whole.items() if title.startswith("After")
    }
    assert any(shown.values())
