"""The SQL of this package; only the name of a table is ever put into a statement."""

from __future__ import annotations

from psycopg import sql

from eventstore import queries


def load(file: str) -> dict[str, bytes]:
    """The statements of one file in `sql/`, by name."""
    return queries.load(file, "projections")


def on_table(statement: bytes, table: str) -> sql.Composed:
    """The statement with `{table}` as this table of the schema `projection`."""
    return sql.SQL(statement.decode()).format(table=sql.Identifier("projection", table))
