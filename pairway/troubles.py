"""Turns what database, queue and disk complain of in the middle of the work into one sentence for a person."""

from __future__ import annotations

import errno

import psycopg
from psycopg import errors

from eventstore.keys import WrongMasterKey
from eventstore.migrate import NewerDatabase
from eventstore.roles import NoRole
from eventstore.rows import Conflict
from pairway.settings import Settings


def told(error: BaseException, settings: Settings) -> str | None:
    """The sentence for this error, or None where it is a fault of the program and is to be seen whole."""
    match error:
        case WrongMasterKey() | NewerDatabase() | NoRole() | Conflict():
            return str(error)
        case errors.DiskFull():
            return _full("PostgreSQL cannot write any more")
        case OSError() if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return _full(f"{error.filename or 'a file'} cannot be written")
        case errors.InsufficientPrivilege():
            return f"The database user may not do what Pairway needs: {_reason(error)}."
        case errors.ReadOnlySqlTransaction():
            return "The database is read-only: PAIRWAY_DATABASE_URL is to name the primary server."
        case _ if _is_of_redis(error):
            return f"{_where('Redis', settings.redis_url, settings)} does not answer any more: {_reason(error)}."
        case psycopg.OperationalError() | psycopg.InterfaceError():
            where = _where("PostgreSQL", settings.database_url, settings)
            return f"{where} does not answer any more: {_reason(error)}. What was recorded is safe; run it again."
    return None


def _is_of_redis(error: BaseException) -> bool:
    """Asked by name, as most commands never load Redis."""
    return any(f"{kind.__module__}.{kind.__name__}" == "redis.exceptions.RedisError" for kind in type(error).__mro__)


def _full(what: str) -> str:
    return f"The disk is full: {what}. Make room and run it again; what was recorded is safe."


def _where(what: str, url: str | None, settings: Settings) -> str:
    # the address is not shown: it may hold a password
    if url is None:
        return f"The embedded {what} under {settings.data}"
    return f"The {what} of PAIRWAY_{'REDIS' if what == 'Redis' else 'DATABASE'}_URL"


def _reason(error: BaseException) -> str:
    """The first thing the library said, without the dressing."""
    said = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return said[0].rsplit("FATAL:", 1)[-1].strip().rstrip(".:")
