"""Reads the SQL of this package from its files, so that no statement is ever put together from strings."""

from __future__ import annotations

import re
from importlib import resources

_HEADING = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def load(file: str) -> dict[str, bytes]:
    """The statements of one file in `sql/`, by the name in the `-- name --` line above each."""
    text = (resources.files("eventstore") / "sql" / file).read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    blocks = dict(zip(parts[::2], parts[1::2], strict=True))
    if len(blocks) * 2 != len(parts):
        raise ValueError(f"{file} has two statements of one name.")
    return {name: sql.strip().encode() for name, sql in blocks.items()}
