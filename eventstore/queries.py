"""Reads SQL from the files of a package, so that no statement is ever put together from strings."""

from __future__ import annotations

import re
from importlib import resources

_HEADING = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def load(file: str, package: str = "eventstore") -> dict[str, bytes]:
    """The statements of one file in the package's `sql/`, by the name in the `-- name --` line above each."""
    text = (resources.files(package) / "sql" / file).read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    blocks = dict(zip(parts[::2], parts[1::2], strict=True))
    if len(blocks) * 2 != len(parts):
        raise ValueError(f"{file} has two statements of one name.")
    return {name: sql.strip().encode() for name, sql in blocks.items()}
