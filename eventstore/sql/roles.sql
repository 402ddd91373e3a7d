-- make --
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['pairway_app', 'pairway_reporting'] LOOP
        IF to_regrole(wanted) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- roles are the server's: another database of it was quicker
            END;
        END IF;
    END LOOP;
END
$$

-- act --
SET LOCAL ROLE pairway_app

-- join --
GRANT pairway_app TO CURRENT_USER

-- ready --
SELECT coalesce(
    has_schema_privilege(to_regrole('pairway_app'), to_regnamespace('pairway'), 'USAGE')
    AND has_schema_privilege(to_regrole('pairway_reporting'), to_regnamespace('reporting'), 'USAGE')
    AND (SELECT count(*) = 2 FROM pg_namespace n
         WHERE n.nspname IN ('projection', 'reporting') AND n.nspowner = to_regrole('pairway_app')),
    false)

-- user --
SELECT current_user, quote_ident(current_user)

-- grant --
REVOKE ALL ON SCHEMA pairway FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA pairway FROM PUBLIC, pairway_app, pairway_reporting;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pairway FROM PUBLIC, pairway_app, pairway_reporting;

-- It reads all of the record and writes through its functions.
GRANT USAGE ON SCHEMA pairway TO pairway_app;
GRANT SELECT ON ALL TABLES IN SCHEMA pairway TO pairway_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pairway TO pairway_app;

-- What it may write by itself. It makes keys, and destroys them or wraps them anew through functions only.
GRANT INSERT (stream, wrapped) ON pairway.subject_key TO pairway_app;
GRANT INSERT (name, digest, opened_at), UPDATE (finished_at, abandoned_at) ON pairway.import TO pairway_app;

-- What is made and made anew while the service runs is its own.
CREATE SCHEMA IF NOT EXISTS projection;
CREATE SCHEMA IF NOT EXISTS reporting;
ALTER SCHEMA projection OWNER TO pairway_app;
ALTER SCHEMA reporting OWNER TO pairway_app;
REVOKE ALL ON SCHEMA projection FROM PUBLIC, pairway_reporting;
GRANT USAGE ON SCHEMA reporting TO pairway_reporting;

DO $$
DECLARE
    thing record;
BEGIN
    FOR thing IN
        SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
        WHERE c.relnamespace IN ('projection'::regnamespace, 'reporting'::regnamespace)
          AND c.relkind IN ('r', 'v') AND c.relowner <> 'pairway_app'::regrole
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO pairway_app',
                       CASE thing.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, thing.name);
    END LOOP;
    -- Not even to its owner: a right that nobody has cannot be used by mistake.
    FOR thing IN
        SELECT c.oid::regclass AS name, pg_get_userbyid(c.relowner) AS owner,
               CASE c.relname WHEN 'tile' THEN 'DELETE, TRUNCATE' ELSE 'UPDATE, DELETE, TRUNCATE' END AS rights
        FROM pg_class c
        WHERE c.relnamespace = 'pairway'::regnamespace
          AND c.relname IN ('event', 'position', 'seal', 'tile', 'signed_checkpoint', 'key_handover')
    LOOP
        EXECUTE format('REVOKE %s ON %s FROM %I', thing.rights, thing.name, thing.owner);
    END LOOP;
END
$$
