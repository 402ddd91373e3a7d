"""Who may do what: the service acts as `pairway_app`, reporting tools as `pairway_reporting`; neither is the owner."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from eventstore import queries

SQL = queries.load("roles.sql")
APP = "pairway_app"
REPORTING = "pairway_reporting"

Connection = psycopg.Connection[Any]


class NoRole(Exception):
    """A role is missing, or the user may not act as it, and this user may not put that right."""


def acting_as(url: str, role: str = APP) -> str:
    """The address of the same database, on which every connection acts as this role, and cannot lay it down."""
    given = conninfo_to_dict(url).get("options") or _options_of_the_environment()
    return make_conninfo(url, options=f"{given} -c role={role}".lstrip())


def make(conn: Connection) -> None:
    """The roles, where they are not there, and the right to act as the service; NoRole where this user may not."""
    try:
        conn.execute(SQL["make"])
        if not _may_act(conn):
            conn.execute(SQL["join"])
    except errors.InsufficientPrivilege as error:
        raise NoRole(
            f"The database user {acting(conn)} may not make Pairway's roles, or not act as one. Have an administrator "
            f"of the server run, once, what is not there yet of: CREATE ROLE {APP} NOLOGIN; "
            f"CREATE ROLE {REPORTING} NOLOGIN; GRANT {APP} TO {_quoted(conn)}; then run this again. "
            "Nothing was changed."
        ) from error


def grant(conn: Connection) -> None:
    """Gives each role what it may do, and takes away the rest; needs the owner of the tables."""
    conn.execute(SQL["grant"])


def ready(conn: Connection) -> bool:
    """Whether roles and rights are there: a database restored without them needs them anew."""
    row = conn.execute(SQL["ready"]).fetchone()
    return row is not None and bool(row[0])


def may_act(conn: Connection) -> None:
    """NoRole where this user may not act as the service."""
    if not _may_act(conn):
        raise NoRole(
            f"The database user {acting(conn)} may not act as {APP}: have an administrator run "
            f"GRANT {APP} TO {_quoted(conn)}; or let PAIRWAY_DATABASE_URL name a user who may."
        )


def acting(conn: Connection) -> str:
    """As whom this connection acts."""
    row = conn.execute(SQL["user"]).fetchone()
    assert row is not None
    return str(row[0])


def _may_act(conn: Connection) -> bool:
    try:
        with conn.transaction():
            conn.execute(SQL["act"])
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue):  # it may not, or there is no such role
        return False
    return True


def _quoted(conn: Connection) -> str:
    row = conn.execute(SQL["user"]).fetchone()
    assert row is not None
    return str(row[1])


def _options_of_the_environment() -> str:
    """What PGOPTIONS says, which an address with options of its own would else put aside."""
    found = (option.val for option in pq.Conninfo.get_defaults() if option.keyword == b"options")
    return (next(found, None) or b"").decode()
