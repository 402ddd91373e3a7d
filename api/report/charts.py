"""Drawings of the report's sections as SVG, from the very cells of their tables; the page and the PDF share them.

They hold no colour of their own: a style sheet gives each class its colour, for light, for dark and for paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from api.report.tables import Cell, Table
from api.report.written import WITHHELD, written

WIDE, NARROW = 720, 460
ROW = 24
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Drawing(NamedTuple):
    """`svg` is safe to put into a page: whatever people wrote is escaped in it."""

    svg: str
    title: str
    describes: str
    width: int


def _text(shown: str, longest: int = 10_000) -> str:
    """People's words for XML: nothing that it cannot hold, not longer than there is room for."""
    plain = _NOT_IN_XML.sub("", shown)
    return escape(plain if len(plain) <= longest else plain[: longest - 1] + "…")


def _put(x: float, y: float, shown: str, kind: str = "", anchor: str = "", longest: int = 10_000) -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="ch-text {kind}"{more}>{_text(shown, longest)}</text>'


def _rect(x: float, y: float, width: float, height: float, kind: str, says: str = "") -> str:
    title = f"<title>{_text(says)}</title>" if says else ""
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">{title}</rect>'


def _drawn(code: str, title: str, describes: str, width: int, height: float, parts: Sequence[str]) -> Drawing:
    ids = f"{code}-drawn", f"{code}-says"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height:.0f}" '
        f'role="img" aria-labelledby={quoteattr(" ".join(ids))}>'
        f'<title id="{ids[0]}">{_text(title)}</title><desc id="{ids[1]}">{_text(describes)}</desc>'
        f"{''.join(parts)}</svg>"
    )
    return Drawing(svg, title, describes, width)


def _cells(table: Table, at: str) -> list[Cell]:
    place = next(place for place, column in enumerate(table.columns) if place >= table.heads and column.at == at)
    return [row.cells[place] for row in table.rows]


def _head(table: Table, place: int = 0) -> list[str]:
    return [written(row.cells[place]) for row in table.rows]


def _numbers(cells: Sequence[Cell]) -> list[float]:
    return [cell.value for cell in cells if cell.value is not None]


# One function a drawing; each takes all tables, by the codes of their sections


def _health(tables: Mapping[str, Table]) -> Drawing | None:
    table = tables["health"]
    cells, names = _cells(table, ""), _head(table)
    whole: float = _proposed(tables) or sum(_numbers(cells))
    if not whole:
        return None
    parts, x = [_rect(0, 0, WIDE, 20, "ch-track")], 0.0
    for row, cell, name in zip(table.rows, cells, names, strict=True):
        if cell.value:
            width = WIDE * cell.value / whole
            parts.append(_rect(x, 0, width, 20, f"ch-{row.code}", f"{name}: {written(cell)}"))
            x += width
    for place, (row, cell, name) in enumerate(zip(table.rows, cells, names, strict=True)):
        left = place * WIDE / len(names)
        parts.append(_rect(left, 33, 10, 10, f"ch-{row.code}"))
        parts.append(_put(left + 16, 42, f"{name} {written(cell)}"))
    return _drawn("health", "Pairings by health", _said(names, cells), WIDE, 50, parts)


def _proposed(tables: Mapping[str, Table]) -> int:
    """How many pairings there are in all; 0 where that is withheld."""
    return next((row.cells[1].value or 0 for row in tables["pairings"].rows if row.code == "pairings.proposed"), 0)


def _said(names: Sequence[str], cells: Sequence[Cell]) -> str:
    return ", ".join(
        f"{name}: {'withheld' if cell.withheld else written(cell)}" for name, cell in zip(names, cells, strict=True)
    )


def _steps(tables: Mapping[str, Table]) -> Drawing | None:
    table, left, room = tables["steps"], 120.0, 430.0
    completed, current, names = _cells(table, "completed"), _cells(table, "current"), _head(table)
    rounds = [row.code == "feedback" for row in table.rows]
    most = _proposed(tables) or max(
        (
            sum(_numbers([done, now]))
            for done, now, is_rounds in zip(completed, current, rounds, strict=True)
            if not is_rounds
        ),
        default=0,
    )
    if not most:
        return None
    parts = []
    for place, (done, now, name) in enumerate(zip(completed, current, names, strict=True)):
        y = place * ROW
        parts.append(_put(0, y + 15, f"{place + 1}  {name}"))
        parts.append(_rect(left, y + 4, room, 14, "ch-track"))
        width = 0.0 if rounds[place] else room * (done.value or 0) / most
        if width:
            parts.append(_rect(left, y + 4, width, 14, "ch-fill", f"{name}: {written(done)} completed"))
        if now.value:
            parts.append(_rect(left + width, y + 4, room * now.value / most, 14, "ch-now", f"{name}: {now.value} now"))
        unit = " rounds" if rounds[place] else ""
        says = f"{written(done)}{unit}" + (f" · {written(now)} now" if now.value or now.withheld else "")
        parts.append(_put(left + room + 10, y + 15, says))
    y = len(names) * ROW + 4
    parts += [_rect(left, y + 4, 10, 10, "ch-fill"), _put(left + 16, y + 13, "completed", "ch-soft")]
    parts += [_rect(left + 110, y + 4, 10, 10, "ch-now"), _put(left + 126, y + 13, "there now", "ch-soft")]
    says = f"Completed: {_said(names, completed)}. There now: {_said(names, current)}."
    return _drawn("steps", "How far the pairings have come", says, WIDE, y + 20, parts)


def _feedback(tables: Mapping[str, Table]) -> Drawing | None:
    table = tables["feedback"]
    roles = [
        (role, name, _cells(table, f"{role}.mean_satisfaction"))
        for role, name in (("mentor", "Mentors"), ("protege", "Protégés"))
    ]
    quarters = _head(table)
    if not any(_numbers(cells) for _, _, cells in roles):
        return None
    left, top, width, height = 34.0, 10.0, 560.0, 150.0

    def x(place: int) -> float:
        return left + width * (place + 0.5) / len(quarters)

    def y(rating: float) -> float:
        return top + height * (5 - rating) / 4

    parts = []
    for rating in range(1, 6):
        parts.append(_line([(left, y(rating)), (left + width, y(rating))], "ch-grid"))
        parts.append(_put(left - 10, y(rating) + 4, str(rating), "ch-soft", "end"))
    for place, quarter in enumerate(quarters):
        parts.append(_put(x(place), top + height + 18, quarter, "ch-soft", "middle"))
    labels: list[float] = []
    for role, name, cells in roles:
        points = [(x(place), y(cell.value)) for place, cell in enumerate(cells) if cell.value is not None]
        parts.append(_line(points, f"ch-line ch-{role}"))
        for (across, down), cell in zip(points, [cell for cell in cells if cell.value is not None], strict=True):
            says = f"{name}: {written(cell)}"
            parts.append(
                f'<circle class="ch-dot ch-{role}" cx="{across:.1f}" cy="{down:.1f}" r="4">'
                f"<title>{_text(says)}</title></circle>"
            )
        if points:
            down = points[-1][1]
            while any(abs(down - other) < 15 for other in labels):
                down += 15
            labels.append(down)
            last = [cell for cell in cells if cell.value is not None][-1]
            parts.append(_put(left + width + 12, down + 4, f"{name} {written(last)}", f"ch-of-{role}"))
    says = " ".join(f"{name}: {_said(quarters, cells)}." for _, name, cells in roles)
    return _drawn("feedback", "Mean satisfaction by quarter, 1 to 5", says, WIDE, top + height + 28, parts)


def _line(points: Sequence[tuple[float, float]], kind: str, says: str = "") -> str:
    found = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    title = f"<title>{_text(says)}</title>" if says else ""
    return f'<polyline class="{kind}" points="{found}">{title}</polyline>'


def _competencies(tables: Mapping[str, Table]) -> Drawing | None:
    table, left, room = tables["competencies"], 250.0, 380.0
    before, latest, names = _cells(table, "baseline_mean"), _cells(table, "latest_mean"), _head(table)
    if not _numbers(before):
        return None

    def x(rating: float) -> float:
        return left + room * (rating - 1) / 4

    bottom = len(names) * ROW
    parts = [_line([(x(rating), 0), (x(rating), bottom)], "ch-grid") for rating in range(1, 6)]
    parts += [_put(x(rating), bottom + 16, str(rating), "ch-soft", "middle") for rating in range(1, 6)]
    for place, (first, last, name) in enumerate(zip(before, latest, names, strict=True)):
        y = place * ROW + 12
        parts.append(_put(0, y + 4, name, longest=34))
        if first.value is None or last.value is None:
            parts.append(_put(left, y + 4, WITHHELD if first.withheld or last.withheld else "–", "ch-soft"))
            continue
        parts.append(_line([(x(first.value), y), (x(last.value), y)], "ch-line ch-way"))
        parts.append(f'<circle class="ch-first" cx="{x(first.value):.1f}" cy="{y}" r="4"/>')
        parts.append(f'<circle class="ch-last" cx="{x(last.value):.1f}" cy="{y}" r="5"/>')
        parts.append(_put(left + room + 14, y + 4, f"{written(first)} → {written(last)}"))
    says = f"Before: {_said(names, before)}. Latest: {_said(names, latest)}."
    return _drawn("competencies", "Competencies before and now, 1 to 5", says, WIDE, bottom + 22, parts)


def _reasons(tables: Mapping[str, Table]) -> Drawing | None:
    table, left, room = tables["closed_by"], 150.0, 240.0
    rows = [
        (name, cell)
        for row, cell, name in zip(table.rows, _cells(table, ""), _head(table, 1), strict=True)
        if row.code.startswith("early_closures.by_reason")
    ]
    most = max(_numbers([cell for _, cell in rows]), default=0)
    if not most:
        return None
    rows.sort(key=lambda row: -(row[1].value or 0))
    parts = []
    for place, (name, cell) in enumerate(rows):
        y = place * ROW
        parts.append(_put(0, y + 15, name))
        parts.append(_rect(left, y + 4, room, 14, "ch-track"))
        if cell.value:
            parts.append(_rect(left, y + 4, room * cell.value / most, 14, "ch-bad", f"{name}: {written(cell)}"))
        parts.append(_put(left + room + 10, y + 15, written(cell)))
    says = _said([name for name, _ in rows], [cell for _, cell in rows])
    return _drawn("reasons", "Early closings by reason", says, NARROW, len(rows) * ROW + 4, parts)


def _survival(tables: Mapping[str, Table]) -> Drawing | None:
    groups, steps = tables["survival"], tables["survival_steps"]
    days, shares = _cells(steps, "day"), _cells(steps, "survival")
    followed = {row.code: cell.value for row, cell in zip(groups.rows, _cells(groups, "followed_days"), strict=True)}
    curves: dict[str, list[tuple[int, float]]] = {}
    for row, day, share in zip(steps.rows, days, shares, strict=True):
        if share.value is not None:
            curves.setdefault(row.code.split("/")[0], []).append((day.value, share.value))
    coarse = any(share.withheld for share in shares)
    longest = max([*(end for end in followed.values() if end), *(day.value for day in days)], default=0)
    if not longest or (coarse and not curves):
        return None
    left, top, width, height = 54.0, 10.0, 592.0, 160.0

    def point(day: float, share: float) -> tuple[float, float]:
        return left + width * day / longest, top + height * (1 - share)

    parts = []
    for percent in (0, 25, 50, 75, 100):
        down = point(0, percent / 100)[1]
        parts.append(_line([(left, down), (left + width, down)], "ch-grid"))
        parts.append(_put(left - 8, down + 4, f"{percent} %", "ch-soft", "end"))
    every = next((each for each in (30, 60, 90, 180, 365, 730) if longest / each <= 9), 3650)
    parts += [
        _put(point(day, 0)[0], top + height + 18, str(day), "ch-soft", "middle") for day in range(0, longest + 1, every)
    ]
    parts.append(_put(left + width, top + height + 36, "days since the proposal", "ch-soft", "end"))
    for code in [*(row.code for row in groups.rows if row.code != "all"), "all"]:
        curve = curves.get(code, [])
        if coarse:
            points = [point(day, share) for day, share in ([(0, 1.0), *curve] if curve else [])]
        else:
            points = [point(0, 1.0)]
            for at_day, left_over in curve:
                points += [(point(at_day, 0)[0], points[-1][1]), point(at_day, left_over)]
            points.append((point(followed.get(code) or 0, 0)[0], points[-1][1]))
        kind = "ch-line ch-all" if code == "all" else "ch-line ch-month"
        if points:
            parts.append(_line(points, kind, "All pairings" if code == "all" else f"Started {code}"))
        if coarse:
            parts += [f'<circle class="ch-dot ch-all" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points[1:]]
        elif code == "all":
            x, y = points[-1]
            last = curve[-1][1] if curve else 1.0
            parts.append(_put(x + 8, y + 4, f"{last * 100:.0f} %", "ch-strong"))
    says = "All pairings: " + (
        ", ".join(f"{share * 100:.0f} % after {day} days" for day, share in curves.get("all", [])[-6:])
        or "none has closed early"
    )
    return _drawn("survival", "Share of pairings not closed early", says, WIDE, top + height + 42, parts)


CHARTS: dict[str, Callable[[Mapping[str, Table]], Drawing | None]] = {
    "health": _health,
    "steps": _steps,
    "feedback": _feedback,
    "competencies": _competencies,
    "early_closures": _reasons,
    "survival": _survival,
}


def charts(tables: Sequence[Table]) -> dict[str, Drawing]:
    """The drawings of a report, by the codes of their sections; none where there is nothing to draw."""
    by_code = {table.section.code: table for table in tables}
    found: dict[str, Any] = {code: draw(by_code) for code, draw in CHARTS.items()}
    return {code: drawing for code, drawing in found.items() if drawing is not None}
