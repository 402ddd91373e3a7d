"""Brings the tables of the record up to this code, whoever calls and however often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg

from eventstore import queries, roles

SQL = queries.load("migrate.sql")
_NAME = re.compile(r"(\d{4})_([a-z_]+)\.sql")


class NewerDatabase(Exception):
    """The database was brought up by a later version of this program."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: bytes


def migrations() -> list[Migration]:
    """All that this code knows, in order, numbered from 1 without holes."""
    found = []
    for file in (resources.files("eventstore") / "sql" / "migrations").iterdir():
        matched = _NAME.fullmatch(file.name)
        if matched:
            found.append(Migration(int(matched[1]), matched[2].replace("_", " "), file.read_bytes()))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("The migrations are not numbered from 1 without holes.")
    return found


def migrate(url: str) -> list[str]:
    """Applies what is missing and names it, with the roles and their rights; safe to run by several at once, and again.

    Raises roles.NoRole before anything is changed where roles are missing and this user may not make them.
    """
    with psycopg.connect(url, autocommit=True, application_name="pairway migrate") as conn:
        conn.execute(SQL["lock"])
        conn.execute(SQL["prepare"])
        applied = _applied(conn)
        known = migrations()
        _refuse_newer(applied, known)
        roles.make(conn)
        for migration in known[applied:]:
            with conn.transaction():
                conn.execute(migration.sql)
                conn.execute(SQL["record"], (migration.number, migration.name))
                if migration is known[-1]:
                    # with it, so that no version is ever there without its rights
                    roles.grant(conn)
        if applied == len(known):
            with conn.transaction():
                roles.grant(conn)
        return [migration.name for migration in known[applied:]]


def pending(conn: psycopg.Connection[Any]) -> list[str]:
    """What `migrate` would apply here; NewerDatabase where this code is too old."""
    row = conn.execute(SQL["prepared"]).fetchone()
    applied = _applied(conn) if row and row[0] else 0
    known = migrations()
    _refuse_newer(applied, known)
    return [migration.name for migration in known[applied:]]


def _applied(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute(SQL["applied"]).fetchone()
    return int(row[0]) if row else 0


def _refuse_newer(applied: int, known: list[Migration]) -> None:
    if applied > len(known):
        raise NewerDatabase(
            f"The database has had migration {applied}, but this version of Pairway knows only {len(known)}. "
            "Use the version that brought the database up, or a later one; nothing was changed."
        )
