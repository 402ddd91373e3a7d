"""The page that shows how a pairing moves says what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

from domain.flow import MARKS, page
from domain.steps import ENDS, FACTS, STATES, STEPS, WAYS

PAGE = Path(__file__).parents[2] / "docs" / "flow.md"


def test_the_page_is_what_the_tables_make_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m domain.flow > docs/flow.md"


def test_the_diagram_shows_every_way_and_no_other() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+): ", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert drawn == {(way.source, way.dest) for way in WAYS}


def test_the_diagram_begins_with_the_first_step_and_stops_at_the_ends() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"\[\*\] --> (\w+)", text) == [STEPS[0]]
    assert tuple(re.findall(r"(\w+) --> \[\*\]", text)) == ENDS


def test_the_table_shows_what_every_fact_finds_in_every_state() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "| `" in line]
    assert {name.strip("`"): cells for name, *cells in rows} == {
        fact: [MARKS[verdicts[state]] for state in STATES] for fact, verdicts in FACTS.items()
    }
