"""Append only by construction: what each role may do to the record, and all that it may not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from eventstore.migrate import migrate
from eventstore.pool import Pool, open_pool
from eventstore.roles import APP, REPORTING, NoRole, acting_as, may_act, ready
from eventstore.store import Store
from tests.eventstore.proving import noon, proofs_of
from tests.eventstore.writing import NOON, batch, destroy_keys, event, note

LOG = ("event", "position", "seal", "tile", "signed_checkpoint", "key_handover")
TABLES = (*LOG, "stream", "inbox", "claim", "subject_key", "import", "import_programme", "migration")
OWNER = "roles_owner"
# A statement and what it needs, for any table: no row need be there for a right to be missing.
CHANGES = {
    "INSERT": "INSERT INTO pairway.{} DEFAULT VALUES",
    "UPDATE": "UPDATE pairway.{} SET {} = {}",
    "DELETE": "DELETE FROM pairway.{}",
    "TRUNCATE": "TRUNCATE pairway.{}",
}
COLUMN = {"event": "actor", "position": "position", "seal": "first_position", "tile": "hashes"}


def change(kind: str, table: str) -> sql.Composed:
    name = sql.Identifier(table)
    column = sql.Identifier(COLUMN.get(table, "note"))
    return sql.SQL(CHANGES[kind]).format(name, column, column)


@pytest.fixture
def app(database_url: str) -> Iterator[Pool]:
    """The service's connections, on a record with something in it."""
    with open_pool(acting_as(database_url), name="pairway test") as opened:
        store = Store(opened)
        note(store, "pairing-1", "pairing-2")
        store.seal()
        proofs_of(opened).make(noon)
        store.keep_key("pairing-1", b"wrapped")
        yield opened


@pytest.fixture
def plain_owner(postgres: str, database_url: str) -> Iterator[str]:
    """The address of a database whose owner is no superuser, made and brought up by that owner."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(postgres, autocommit=True) as conn:
        if not conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone():
            conn.execute(f"CREATE ROLE {OWNER} LOGIN".encode())
        conn.execute(f"GRANT {APP} TO {OWNER}".encode())
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER {OWNER}'.encode())
    url = make_conninfo(database_url, user=OWNER)
    migrate(url)
    yield url
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"REVOKE {APP} FROM {OWNER}".encode())


def refused(conn: psycopg.Connection[Any], statement: str | sql.Composed, says: str) -> None:
    query = statement.encode() if isinstance(statement, str) else statement
    with pytest.raises(InsufficientPrivilege, match=says), conn.transaction():
        conn.execute(query)


def test_the_service_does_all_its_work_with_the_rights_of_its_role(app: Pool) -> None:
    store = Store(app)
    with app.connection() as conn:
        assert conn.execute("SELECT current_user").fetchone() == (APP,)
    note(store, "pairing-1")
    assert store.seal() == 1
    assert [each.version for each in store.load(["pairing-1"])["pairing-1"].events] == [1, 2]
    assert destroy_keys(store, "pairing-1") == ["pairing-1"]
    made = proofs_of(app).make(noon)
    assert made is not None
    assert made.size == store.head() == 3


@pytest.mark.parametrize("table", LOG)
@pytest.mark.parametrize("kind", CHANGES)
def test_the_service_may_only_read_the_log(app: Pool, table: str, kind: str) -> None:
    with app.connection() as conn:
        assert conn.execute(sql.SQL("SELECT count(*) >= 0 FROM pairway.{}").format(sql.Identifier(table))).fetchone()
        refused(conn, change(kind, table), f"permission denied for table {table}")


def test_the_service_cannot_put_the_guards_out_of_the_way(app: Pool) -> None:
    with app.connection() as conn:
        for table in LOG:
            refused(conn, f"ALTER TABLE pairway.{table} DISABLE TRIGGER ALL", f"must be owner of table {table}")
            refused(conn, f"DROP TRIGGER append_only ON pairway.{table}", f"must be owner of relation {table}")
            refused(conn, f"DROP TABLE pairway.{table}", f"must be owner of table {table}")
            conn.execute(f"GRANT UPDATE ON pairway.{table} TO {APP}".encode())  # a warning, and no effect
            refused(conn, change("UPDATE", table), f"permission denied for table {table}")
        refused(conn, "SET session_replication_role = replica", "permission denied to set parameter")
        refused(conn, "ALTER FUNCTION pairway.refuse_change() RENAME TO allow_change", "must be owner of function")
        refused(conn, "DROP SCHEMA pairway CASCADE", "must be owner of schema pairway")
        refused(conn, "CREATE TABLE pairway.another (id int)", "permission denied for schema pairway")
        refused(conn, "CREATE FUNCTION pairway.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "permission denied")
        for lay_down in ("RESET ROLE", "RESET ALL", "DISCARD ALL"):
            conn.execute(lay_down.encode())
            assert conn.execute("SELECT current_user").fetchone() == (APP,)


def test_the_service_writes_nothing_else_by_itself_but_keys_and_imports(app: Pool) -> None:
    with app.connection() as conn:
        found = conn.execute(
            "SELECT table_name, privilege_type, array_agg(column_name::text ORDER BY column_name)"
            " FROM information_schema.column_privileges WHERE table_schema = 'pairway' AND grantee = %s"
            " AND privilege_type <> 'SELECT' GROUP BY 1, 2 ORDER BY 1, 2",
            (APP,),
        ).fetchall()
        assert found == [
            ("import", "INSERT", ["digest", "name", "opened_at"]),
            ("import", "UPDATE", ["abandoned_at", "finished_at"]),
            ("subject_key", "INSERT", ["stream", "wrapped"]),
        ]
        tables = conn.execute(
            "SELECT DISTINCT privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'pairway' AND grantee = %s",
            (APP,),
        ).fetchall()
        assert tables == [("SELECT",)]
        for table in ("stream", "inbox", "claim", "import_programme", "migration"):
            refused(conn, f"DELETE FROM pairway.{table}", f"permission denied for table {table}")


def test_a_key_that_was_destroyed_stays_so_whoever_asks(app: Pool, owner: psycopg.Connection[Any]) -> None:
    destroy_keys(Store(app), "pairing-1")
    again = "UPDATE pairway.subject_key SET wrapped = 'x', destroyed_at = NULL WHERE stream = 'pairing-1'"
    with app.connection() as conn:
        refused(conn, again, "permission denied for table subject_key")
        refused(conn, "DELETE FROM pairway.subject_key", "permission denied for table subject_key")
    refused(owner, again, "one that was destroyed stays so")
    refused(owner, "DELETE FROM pairway.subject_key", "a destroyed key keeps its row")
    refused(owner, "TRUNCATE pairway.subject_key", "a destroyed key keeps its row")


@pytest.mark.parametrize("table", TABLES)
def test_reporting_tools_see_nothing_of_the_record(app: Pool, database_url: str, table: str) -> None:
    with psycopg.connect(acting_as(database_url, REPORTING), autocommit=True) as conn:
        refused(conn, f"SELECT FROM pairway.{table}", "permission denied for schema pairway")


def test_reporting_tools_can_call_nothing_and_make_nothing(app: Pool, database_url: str) -> None:
    with psycopg.connect(acting_as(database_url, REPORTING), autocommit=True) as conn:
        refused(conn, "SELECT pairway.seal(false)", "permission denied for schema pairway")
        refused(conn, "SELECT FROM projection.board", "permission denied for schema projection")
        for schema in ("pairway", "projection", "reporting", "public"):
            refused(conn, f"CREATE TABLE {schema}.mine (id int)", f"permission denied for schema {schema}")


def test_nobody_else_may_call_what_writes(app: Pool, owner: psycopg.Connection[Any]) -> None:
    may = owner.execute(
        "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'pairway'::regnamespace"
        " AND (has_function_privilege('public', p.oid, 'EXECUTE')"
        f" OR has_function_privilege('{REPORTING}', p.oid, 'EXECUTE'))".encode()
    ).fetchall()
    assert may == []


def test_functions_that_write_are_the_owners_and_look_nowhere_else(owner: psycopg.Connection[Any]) -> None:
    found = owner.execute(
        "SELECT p.proname::text, p.proowner = n.nspowner, p.prosqlbody IS NOT NULL, coalesce(p.proconfig, '{}')"
        " FROM pg_proc p JOIN pg_namespace n"
        " ON n.oid = p.pronamespace WHERE n.nspname = 'pairway' AND p.prosecdef"
    ).fetchall()
    assert {"append", "seal", "keep_tiles", "keep_checkpoint", "keep_handover"} <= {row[0] for row in found}
    for name, owned, bound_when_made, settings in found:
        assert owned, name
        assert bound_when_made or "search_path=pg_catalog, pg_temp" in settings, name


def test_nothing_else_runs_in_functions_that_are_bound_when_made(owner: psycopg.Connection[Any]) -> None:
    """A trigger on what they write would run with the owner's rights and the caller's search path."""
    insert, update = 4, 16
    assert (
        owner.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND"
            " (tgrelid = 'pairway.event'::regclass AND tgtype & %s > 0"
            " OR tgrelid = 'pairway.stream'::regclass AND tgtype & %s > 0)",
            (insert, insert + update),
        ).fetchall()
        == []
    )


def test_what_a_caller_puts_in_the_way_of_a_writing_function_is_not_used(app: Pool) -> None:
    """A function that runs with the owner's rights must find its tables, whatever the caller calls by that name."""
    with app.connection() as conn:
        conn.execute("CREATE TEMP TABLE position (position bigint, seq bigint)")
        conn.execute("CREATE FUNCTION pg_temp.cardinality(anyarray) RETURNS int LANGUAGE sql AS 'SELECT 1 / 0'")
        conn.execute("SET search_path = pg_temp, pg_catalog")
        store = Store(app)
        note(store, "pairing-1")
        assert conn.execute("SELECT pairway.seal(true)").fetchone() == (1,)
        assert conn.execute("SELECT count(*) FROM pg_temp.position").fetchone() == (0,)


def test_what_a_caller_puts_before_the_catalog_is_not_used_by_an_append(app: Pool) -> None:
    store = Store(app)
    store.append(batch({"pairing-9": 0}, event("pairing-9")), NOON)
    values = "'A', now(), now(), 'a', 'a', '1', NULL, '{}'::bytea"
    with app.connection() as conn:
        conn.execute(
            "CREATE FUNCTION projection.wrong(text, text) RETURNS boolean LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'somebody else''s'; END $$;"
            "CREATE OPERATOR projection.= (FUNCTION = projection.wrong, LEFTARG = text, RIGHTARG = text);"
            "SET search_path = projection, pg_catalog"
        )
        with pytest.raises(psycopg.errors.RaiseException, match="somebody else's"):
            conn.execute("SELECT 'a'::text = 'a'::text")
        one = conn.execute(f"SELECT pairway.append_event('pairing-9', 1, {values})".encode()).fetchone()
        assert one is not None
        assert one[0] is not None
        several = (f"ARRAY[{value}]" for value in ("'pairing-9'", "2", *values.split(", ")))
        each = conn.execute(f"SELECT stream FROM pairway.append_one_each({', '.join(several)})".encode()).fetchall()
        assert each == [("pairing-9",)]
        conn.execute("RESET search_path")
    assert [event.version for event in store.read_stream("pairing-9")] == [1, 2, 3]


@pytest.mark.parametrize("table", LOG)
@pytest.mark.parametrize("kind", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_owner_has_no_right_to_change_the_log_and_who_takes_it_is_told_why_not(
    plain_owner: str, table: str, kind: str
) -> None:
    with psycopg.connect(plain_owner, autocommit=True) as conn:
        if (kind, table) != ("UPDATE", "tile"):
            refused(conn, change(kind, table), f"permission denied for table {table}")
        conn.execute(sql.SQL("GRANT ALL ON pairway.{} TO CURRENT_USER").format(sql.Identifier(table)))
        if (kind, table) == ("UPDATE", "tile"):
            conn.execute("INSERT INTO pairway.tile VALUES (0, 0, decode(repeat('00', 32), 'hex'))")
            other = "UPDATE pairway.tile SET hashes = decode(repeat('11', 32), 'hex')"
            refused(conn, other, "UPDATE on pairway.tile is refused: a tile only grows")
            return
        refused(conn, change(kind, table), f"{kind} on pairway.{table} is refused: the record is append-only")
    migrate(plain_owner)
    with psycopg.connect(plain_owner, autocommit=True) as conn:
        refused(conn, change(kind, table), f"permission denied for table {table}")


def test_an_owner_who_is_no_superuser_runs_the_whole_record(plain_owner: str) -> None:
    with psycopg.connect(plain_owner) as conn:
        assert ready(conn)
        may_act(conn)
    with open_pool(acting_as(plain_owner), name="pairway test") as pool:
        store = Store(pool)
        note(store, "pairing-1")
        assert store.seal() == 1
        proofs = proofs_of(pool)
        made = proofs.make(noon)
        assert made is not None
        assert made.size == 1


def test_who_may_not_make_roles_is_told_what_to_have_run_and_nothing_is_changed(
    postgres: str, database_url: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute('DROP ROLE IF EXISTS "May\'s"')
        conn.execute('CREATE ROLE "May\'s" LOGIN')
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER "May\'s"'.encode())
    url = make_conninfo(database_url, user="May's")
    with pytest.raises(NoRole) as told:
        migrate(url)
    said = str(told.value)
    assert 'GRANT pairway_app TO "May\'s"; then run this again' in said
    assert "CREATE ROLE pairway_app NOLOGIN; CREATE ROLE pairway_reporting NOLOGIN" in said
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT to_regclass('pairway.event')").fetchone() == (None,)
        with pytest.raises(NoRole, match='GRANT pairway_app TO "May\'s"'):
            may_act(conn)
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute('GRANT pairway_app TO "May\'s"')
    assert migrate(url)
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        conn.execute(f'CREATE DATABASE "{name}"'.encode())
        conn.execute('DROP ROLE "May\'s"')


def test_many_databases_of_one_server_are_brought_up_at_once(postgres: str, template: str) -> None:
    names = [f"{template}_{number}" for number in range(4)]
    with psycopg.connect(postgres, autocommit=True) as conn:
        for name in names:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        try:
            with ThreadPoolExecutor(4) as threads:
                done = list(threads.map(migrate, [make_conninfo(postgres, dbname=name) for name in names]))
        finally:
            for name in names:
                conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert all(done)


def test_rights_that_went_missing_are_given_anew(database_url: str) -> None:
    """As a dump restored without its rights leaves a database."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        assert ready(conn)
        conn.execute(f"REVOKE ALL ON SCHEMA pairway FROM {APP}".encode())
        conn.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA pairway FROM {APP}".encode())
        conn.execute("ALTER SCHEMA projection OWNER TO CURRENT_USER")
        assert not ready(conn)
        assert migrate(database_url) == []
        assert ready(conn)


def test_options_of_ones_own_are_kept(database_url: str) -> None:
    url = acting_as(make_conninfo(database_url, options="-c lock_timeout=1234"))
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT current_user, current_setting('lock_timeout')").fetchone() == (APP, "1234ms")
