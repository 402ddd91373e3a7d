"""Reads the SQL of this package from its files; only the name of a table is ever put into a statement."""

from __future__ import annotations

import re
from importlib import resources

from psycopg import sql

_HEADING = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def load(file: str) -> dict[str, bytes]:
    """The statements of one file in `sql/`, by the name in the `-- name --` line above each."""
    text = (resources.files("projections") / "sql" / file).read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    blocks = dict(zip(parts[::2], parts[1::2], strict=True))
    if len(blocks) * 2 != len(parts):
        raise ValueError(f"{file} has two statements of one name.")
    return {name: statement.strip().encode() for name, statement in blocks.items()}


def on_table(statement: bytes, table: str) -> sql.Composed:
    """The statement with `{table}` as this table of the schema `projection`."""
    return sql.SQL(statement.decode()).format(table=sql.Identifier("projection", table))
