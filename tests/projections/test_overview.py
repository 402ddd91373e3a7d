"""The overview's figures are the report's, and behind each are as many pairings as it says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.calendar import date_of
from domain.overview import Tally
from domain.questions import fitting, question
from projections.overview import Overviews
from tests.projections.record import SWEPT, Record


@pytest.fixture
def year(record: Record) -> tuple[str, Record]:
    """A programme with a year of pairings behind it."""
    record.take("year.ndjson")
    record.sweep()
    record.projector.catch_up()
    return record.reader.programmes()[0].programme.id, record


def test_the_overview_says_what_the_report_says(year: tuple[str, Record]) -> None:
    programme, record = year
    today = date_of(SWEPT, record.reader.programmes()[0].programme.timezone)
    seen = Tally(today, Overviews(record.pool).marks(programme)).figures()
    report: dict[str, Any] = record.reports.live(programme, SWEPT) or {}
    states = {name: report["pairings"][name] for name in ("active", "paused", "completed", "closed_early")}
    assert seen["pairings"] == {"all": report["pairings"]["proposed"], **states}
    assert seen["health"] == report["health"]
    for mine, theirs in zip(seen["steps"], report["steps"], strict=True):
        assert mine["current"] == theirs["current"], mine
        assert mine["median_days"] == theirs["median_days"], mine
        if mine["step"] != "feedback":
            assert mine["completed"] == theirs["completed"], mine
    counted = sum(month["counted"] for month in seen["cadence"])
    met = sum(month["met"] for month in seen["cadence"])
    assert counted > 100
    assert round(met / counted, 4) == report["meetings"]["monthly_cadence"]
    for mine, theirs in zip(seen["feedback"], report["feedback"], strict=True):
        assert (mine["quarter"], mine["opened"]) == (theirs["quarter"], theirs["opened"])
        for role in ("mentor", "protege"):
            assert mine[role] == {name: theirs[role][name] for name in ("given", "late", "mean_satisfaction")}
    assert seen["closings"]["count"] == report["early_closures"]["count"]
    assert sum(month["closed"] for month in seen["closings"]["months"]) == seen["closings"]["count"]
    survival = report["survival"]
    curves = [(seen["survival"], survival["overall"])]
    curves += zip(seen["survival"]["months"], survival["by_month"], strict=True)
    assert len(curves) > 3
    for mine, theirs in curves:
        assert mine.get("month") == theirs.get("month")
        assert (mine["n"], mine["closed"]) == (theirs["n"], theirs["events"])
        assert mine["followed_days"] == theirs["followed_days"]
        assert mine["curve"] == [(step["day"], step["survival"]) for step in theirs["steps"]]
    flags = {signal: row["open"] for signal, row in report["flags"].items() if row["open"]}
    reviews = {"closed_early": seen["today"]["reviews"]} if seen["today"]["reviews"] else {}
    assert {signal: row["open"] for signal, row in seen["today"]["flags"].items()} | reviews == flags


def test_behind_every_figure_are_as_many_pairings_as_it_says(year: tuple[str, Record]) -> None:
    programme, record = year
    today = date_of(SWEPT, record.reader.programmes()[0].programme.timezone)
    marks = Overviews(record.pool).marks(programme)
    seen = Tally(today, marks).figures()

    def behind(asked: str) -> int:
        found = question(asked)
        assert found is not None, asked
        assert str(found) == asked
        pairings = fitting(found, marks, today)
        assert len(set(pairings)) == len(pairings)
        return len(pairings)

    for step in seen["steps"]:
        assert behind(f"reached:{step['step']}") == step["reached"]
        assert behind(f"done:{step['step']}") == step["completed"]
    for month in seen["cadence"]:
        assert behind(f"met:{month['month']}") == month["met"]
        assert behind(f"unmet:{month['month']}") == month["counted"] - month["met"]
    for quarter in seen["feedback"]:
        assert behind(f"opened:{quarter['quarter']}") == quarter["opened"]
        for role in ("mentor", "protege"):
            given = behind(f"given:{quarter['quarter']}:{role}")
            assert given == quarter[role]["given"]
            assert behind(f"missing:{quarter['quarter']}:{role}") == quarter["opened"] - given
    for month in seen["closings"]["months"]:
        assert behind(f"closed:{month['month']}") == month["closed"]
    assert behind("closed") == seen["closings"]["count"]
    assert behind("late") == seen["today"]["late"]
    for kind, number in seen["today"]["late_by_kind"].items():
        assert behind(f"late:{kind}") == number
    assert behind("flagged") == seen["today"]["flagged"]
    assert behind("soon") == seen["today"]["soon"]


def test_what_is_kept_is_what_would_be_counted_anew(record: Record) -> None:
    kept, today = Overviews(record.pool), date(2026, 3, 1)
    figures, programme = [], ""
    for first, last in ((0, 1200), (1200, 1300), (1300, 1301), (1301, None)):
        record.take("year.ndjson", first, last)
        record.projector.catch_up()
        programme = record.reader.programmes()[0].programme.id
        figures.append(kept.figures(programme, today))
        assert figures[-1] == Overviews(record.pool).figures(programme, today)
    record.sweep()
    record.projector.catch_up()
    for day in (today, SWEPT.date()):
        assert kept.figures(programme, day) == Overviews(record.pool).figures(programme, day)
    assert figures[0] != figures[1]
    record.projector.rebuild("board")
    assert kept.figures(programme, day) == Overviews(record.pool).figures(programme, day)


NO_QUESTIONS = (
    "", "x", "met", "met:", "met:2025", "met:2025-13", "met:2025-1", "met:²025-01", "met:2025-01:mentor", "given:x",
    "given:1:hr", "given:99999", "reached:completed", "late:tea", "soon:1", "done:goals:mentor", "a:b:c:d",
)  # fmt: skip


@pytest.mark.parametrize("asked", NO_QUESTIONS)
def test_what_is_no_question_is_not_asked(asked: str) -> None:
    assert question(asked) is None
