"""What the documents name is there: files, commands, options."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest

from pairway.cli import parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = "api|domain|eventstore|pairway|projections|workers|tests|docs|benchmarks"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    named += re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [name for name in named if not ((ROOT / name).exists() or (page.parent / name).exists())]
    assert missing == []


NO_COMMANDS = {"checkpoint signing key 1"}  # a text that a key is derived with


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there_with_its_options(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = re.findall(r"(?m)(?:`|^)(?:\.venv/bin/)?pairway ((?:[a-z]|--)[^`\n]*)", page.read_text(encoding="utf-8"))
    for line in set(named) - NO_COMMANDS:
        words = line.replace("[", "").replace("]", "").split()
        command = list(takewhile(str.islower, (word for word in words if not word.startswith("-"))))
        with pytest.raises(SystemExit) as ended:
            parser(command).parse_args([*command, "--help"])
        assert ended.value.code == 0, line
        shown = capsys.readouterr().out
        assert [word for word in words if word.startswith("-") and word not in shown] == [], line


def test_one_fact_makes_nine_stops() -> None:
    text = (ROOT / "docs" / "one-fact.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| (\d+) \|", text) == [str(stop) for stop in range(1, 10)]
