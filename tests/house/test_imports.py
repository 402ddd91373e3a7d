"""The rules of who may import whom, beyond the layers that import-linter holds."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def imported(path: Path) -> Iterator[str]:
    """The top names of all that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def test_the_domain_imports_the_standard_library_and_transitions_and_nothing_else() -> None:
    allowed = sys.stdlib_module_names | {"domain", "transitions"}
    files = sorted((ROOT / "domain").rglob("*.py"))
    assert files
    others = {f"{file.relative_to(ROOT)}: {name}" for file in files for name in imported(file) if name not in allowed}
    assert others == set()


def test_imports_point_down() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_says_in_its_first_line_why_it_exists() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for package in ("pairway", "domain", "eventstore", "projections", "workers", "api")
        for file in sorted((ROOT / package).rglob("*.py"))
        if not (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert silent == []
