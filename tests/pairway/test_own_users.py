"""A database of one's own with a user for the service alone: it starts with what it needs, or says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eventstore.pool import open_pool
from eventstore.roles import APP, acting_as
from pairway.faults import Fault
from pairway.settings import Settings
from pairway.wiring import bring_up, put_together
from tests.parts import MASTER, NOW, log

SERVICE = "pairway_test_service"


@pytest.fixture
def service(postgres: str, database_url: str) -> Iterator[str]:
    """The address by which a user comes who is no owner of anything, and member of nothing yet."""
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"DROP ROLE IF EXISTS {SERVICE}".encode())
        conn.execute(f"CREATE ROLE {SERVICE} LOGIN".encode())
        yield make_conninfo(database_url, user=SERVICE)
        conn.execute(f"DROP ROLE {SERVICE}".encode())


def test_a_user_with_the_services_role_and_no_other_right_runs_the_service(
    service: str, owner: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    owner.execute(f"GRANT {APP} TO {SERVICE}".encode())
    bring_up(service)
    with open_pool(acting_as(service), name="pairway test") as pool:
        parts = put_together(Settings(data=tmp_path), acting_as(service), None, MASTER, pool, lambda: NOW)
        parts.recorder.take(log(2))
        parts.store.seal(wait=True)
        assert parts.projector.catch_up() == parts.store.head() > 0
        assert parts.projector.rebuild("all") == parts.store.head()
        made = parts.proofs.make(parts.now)
        assert made is not None
        assert made.size == parts.store.head()


def test_a_user_without_the_role_is_told_what_to_have_run(service: str) -> None:
    with pytest.raises(Fault) as told:
        bring_up(service)
    assert f"have an administrator run GRANT {APP} TO {SERVICE};" in told.value.sentence
    assert told.value.exit_code == 2


def test_a_user_who_may_not_bring_the_tables_up_is_sent_to_their_owner(
    service: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    owner.execute(f"GRANT {APP} TO {SERVICE}".encode())
    with owner.transaction():
        owner.execute("DELETE FROM pairway.migration WHERE number > 7")
    with pytest.raises(Fault, match=r"Run pairway migrate with the address of their owner\.") as told:
        bring_up(service)
    assert told.value.exit_code == 2
