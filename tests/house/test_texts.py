"""What is committed says nothing of the machine it was written on, and decisions are short."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each in two pieces, so that this file itself passes.
FORBIDDEN = {
    "a package registry's host": "py" + r"pi\.org|files\.python" + r"hosted\.org",
    "a path of somebody's machine": r"(?<![\w.])/(?:ro" + r"ot|wo" + r"rk|ho" + r"me/(?!ada\b)\w+|Us" + r"ers/\w+)/\w",
    "a key": r"-----BEGIN [A-Z ]*PRIVATE" + " KEY-----",
    "what a merge left": r"(?m)^(?:<{7}|>{7}) ",
}
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in committed():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in [pattern.search(text)] if hit]
    assert found == []


def test_what_is_forbidden_would_be_found() -> None:
    samples = ["https://py" + "pi.org/x", "/ro" + "ot/x", "-----BEGIN PRIVATE" + " KEY-----", "<" * 7 + " HEAD"]
    for pattern, sample in zip(FORBIDDEN.values(), samples, strict=True):
        assert re.search(pattern, sample), sample


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_has_its_three_parts(adr: Path) -> None:
    text = adr.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    assert re.findall(r"(?m)^## (.+)$", text) == ["Context", "Decision", "Consequences"]
    assert re.search(r"(?m)^## Decision\n\n\*\*[^*]+\*\*$", text), "the decision is one sentence in bold"


def test_decisions_are_numbered_each_once() -> None:
    numbers = [adr.name[:4] for adr in ADRS]
    assert len(numbers) == len(set(numbers))


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"(?m)^### (.+)$", text)) <= kinds
