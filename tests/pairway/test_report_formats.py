"""The report as JSON and CSV holds the same figures."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from pairway.reports import csv as as_csv
from pairway.reports import json as as_json

REPORT: dict[str, Any] = {
    "programme": {"id": "p", "name": "=Führung, einmal", "starts_on": "2025-01-06"},
    "meetings": {"held": 3, "mean_per_pairing": 0.3333, "monthly_cadence": None},
    "steps": [{"step": "goals", "current": 0}],
    "learned": {"worked": ["talking\nopenly", "-5 points"], "did_not": []},
}


def test_the_json_is_the_report() -> None:
    rendered = as_json.render(REPORT)
    assert json.loads(rendered) == REPORT
    assert "Führung" in rendered.decode()
    assert rendered.endswith(b"}\n")


def test_the_csv_has_a_line_a_figure_by_its_path_and_nothing_that_a_spreadsheet_would_run() -> None:
    rendered = as_csv.render(REPORT)
    assert rendered.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(rendered.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["figure", "value"],
        ["programme.id", "p"],
        ["programme.name", "'=Führung, einmal"],
        ["programme.starts_on", "2025-01-06"],
        ["meetings.held", "3"],
        ["meetings.mean_per_pairing", "0.3333"],
        ["meetings.monthly_cadence", ""],
        ["steps[0].step", "goals"],
        ["steps[0].current", "0"],
        ["learned.worked[0]", "talking\nopenly"],
        ["learned.worked[1]", "'-5 points"],
    ]
