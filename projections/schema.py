"""The tables of the read models: made when first needed, and known to be stale when their shape changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from eventstore.pool import Pool
from projections import queries
from projections.model import ReadModel
from projections.queries import on_table

SQL = queries.load("schema.sql")
REPORTING = queries.load("reporting.sql")
VIEWS = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a read model is: the number of its table, its position, the shape of its rows."""

    name: str
    number: int
    position: int
    shape: str


def prepare(pool: Pool, models: Sequence[ReadModel]) -> None:
    """Makes what is missing, empty and at position 0; safe to call at any time, by any number at once."""
    with pool.connection() as conn:
        if conn.execute(SQL["prepared"]).fetchone() == (True,):
            known = standings(conn)
            if all(model.name in known for model in models):
                return
        with conn.transaction():
            conn.execute(SQL["lock"])
            conn.execute(SQL["prepare"], prepare=False)
            known = standings(conn)
            for model in models:
                if model.name not in known:
                    create(conn, model, 1)
                    index(conn, model, 1)
                    conn.execute(SQL["add"], (model.name, 1, model.shape))
                    show(conn, model, 1, replace=False)


def standings(conn: psycopg.Connection[Any]) -> dict[str, Standing]:
    """Every read model, by name."""
    return {row[0]: Standing(*row) for row in conn.execute(SQL["models"]).fetchall()}


def create(conn: psycopg.Connection[Any], model: ReadModel, number: int) -> None:
    """An empty table of this number; what a rebuild that was killed left there goes first."""
    table = sql.Identifier("projection", model.table(number))
    conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    conn.execute(on_table(model.sql["create"], model.table(number)))


def index(conn: psycopg.Connection[Any], model: ReadModel, number: int) -> None:
    """Its keys, after the rows are in."""
    conn.execute(on_table(model.sql["index"], model.table(number)))


def show(conn: psycopg.Connection[Any], model: ReadModel, number: int, *, replace: bool) -> None:
    """Points the view that readers ask at the table of this number; in place where its columns are as before."""
    view = sql.Identifier("projection", model.name)
    table = sql.Identifier("projection", model.table(number))
    if not replace:
        # and those of the schema `reporting` that stand on it: they are made again when all is in its place
        conn.execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(view))
    conn.execute(sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT * FROM {}").format(view, table))


def show_reporting(conn: psycopg.Connection[Any], models: Sequence[ReadModel]) -> None:
    """Makes the views for reporting tools, where they are not there as this version has them."""
    version = sha256(REPORTING["views"]).hexdigest()[:16]
    if conn.execute(REPORTING["standing"]).fetchone() == (version, VIEWS):
        return
    with conn.transaction():
        conn.execute(SQL["lock"])
        known = standings(conn)
        if any(name.shape != known[name.name].shape for name in models):
            return  # another is at it, or a newer version has been
        conn.execute(REPORTING["away"])
        conn.execute(REPORTING["views"], prepare=False)
        conn.execute(sql.SQL("COMMENT ON SCHEMA reporting IS {}").format(sql.Literal(version)))
