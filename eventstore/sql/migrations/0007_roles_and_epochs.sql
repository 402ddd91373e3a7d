-- Who writes, writes through functions of the owner; and a record that was restored goes on being sealed.

-- Nobody needs a right on the log but to read it: these write for whoever may call them. What each role may do is in
-- roles.sql, which is applied after the migrations, as roles belong to the server and not to the database.
ALTER FUNCTION pairway.append SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION pairway.keep_tiles SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION pairway.keep_checkpoint SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION pairway.keep_handover SECURITY DEFINER SET search_path = pg_catalog, pg_temp;

CREATE FUNCTION pairway.refuse_other_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '% on %.% is refused: a destroyed key keeps its row, so that it is never made again.',
            TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.stream <> OLD.stream OR (OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL) THEN
        RAISE EXCEPTION 'UPDATE on %.% is refused: a key stays with its stream, and one that was destroyed stays so.',
            TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER destroyed_for_good BEFORE UPDATE ON pairway.subject_key
    FOR EACH ROW EXECUTE FUNCTION pairway.refuse_other_key();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON pairway.subject_key
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_other_key();

-- Readers keep their own place (projection.model); nothing ever used this.
DROP TABLE pairway.checkpoint;

-- Epochs. An event's xid was counted by the server that recorded it, and a dump restored elsewhere brings such numbers
-- to a server that counts its own. A seal therefore says who counted for it, in three ways: the server (cluster), and
-- its own transaction (xid), which is also in the header of its row (xmin) unless that row was written by a restore;
-- and the numbers may not run backwards. Where one does not fit, a new epoch begins: all that has no position is looked
-- for, once, and what is there by then (seq up to `floor`) is never looked for by its xid again.

ALTER TABLE pairway.seal
    ADD COLUMN floor bigint NOT NULL DEFAULT 0,
    ADD COLUMN xid xid8;
ALTER TABLE pairway.seal ALTER COLUMN xid SET DEFAULT pg_current_xact_id();

COMMENT ON COLUMN pairway.seal.floor IS
    'The xid of events up to this seq may be another server''s: they were all sealed when the epoch began.';
COMMENT ON COLUMN pairway.seal.xid IS
    'The transaction of this seal. It equals xmin where the row was written here, and differs where it was restored.';
COMMENT ON COLUMN pairway.seal.last_position IS
    'One less than the first where a seal found nothing: an epoch began with it.';

CREATE OR REPLACE FUNCTION pairway.seal(p_wait boolean) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    previous record;
    here bigint := (SELECT system_identifier FROM pg_control_system());
    sealed bigint;
    head bigint;
    reached bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'seal() needs a READ COMMITTED transaction: an older snapshot would hide what others sealed.';
    END IF;
    IF p_wait THEN
        PERFORM pg_advisory_xact_lock(7234915, 1);
    ELSIF NOT pg_try_advisory_xact_lock(7234915, 1) THEN
        RETURN 0;
    END IF;

    SELECT s.last_position, s.snapshot, s.floor,
           s.cluster = here AND s.xid::xid = s.xmin
               AND pg_snapshot_xmax(s.snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) AS counted_here
    INTO previous
    FROM pairway.seal s ORDER BY s.id DESC LIMIT 1;

    IF previous.counted_here THEN
        -- Not visible in a snapshot are the transactions from its xmax on and those it lists as in progress. The upper
        -- bound keeps the search as narrow where an older server's higher numbers are in the index, too; and + 0 keeps
        -- the planner from going along seq instead.
        WITH fresh AS (
            SELECT e.seq FROM pairway.event e
            WHERE e.xid >= pg_snapshot_xmax(previous.snapshot) AND e.xid < pg_snapshot_xmax(pg_current_snapshot())
              AND e.seq + 0 > previous.floor
            UNION ALL
            SELECT e.seq FROM pg_snapshot_xip(previous.snapshot) AS open (xid)
            JOIN pairway.event e ON e.xid = open.xid
            WHERE e.seq + 0 > previous.floor
        ), placed AS (
            INSERT INTO pairway.position (position, seq)
            SELECT previous.last_position + row_number() OVER (ORDER BY f.seq), f.seq
            FROM fresh f ORDER BY f.seq
            RETURNING position
        ), counted AS (
            SELECT count(*) AS n, min(p.position) AS first, max(p.position) AS last FROM placed p
        ), noted AS (
            INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position, floor)
            SELECT pg_current_snapshot(), here, c.first, c.last, previous.floor FROM counted c WHERE c.n > 0
        )
        SELECT c.n, c.last INTO sealed, head FROM counted c;
    ELSE
        -- Whoever writes holds this table until the end of the transaction: with the lock, none is half-way, and each
        -- event is either there now or will have a higher seq.
        LOCK TABLE pairway.stream IN SHARE MODE;
        PERFORM set_config('enable_hashjoin', 'on', true);
        reached := (SELECT coalesce(max(e.seq), 0) FROM pairway.event e);
        WITH fresh AS (
            SELECT e.seq FROM pairway.event e
            WHERE NOT EXISTS (SELECT FROM pairway.position p WHERE p.seq = e.seq)
        ), placed AS (
            INSERT INTO pairway.position (position, seq)
            SELECT coalesce(previous.last_position, 0) + row_number() OVER (ORDER BY f.seq), f.seq
            FROM fresh f ORDER BY f.seq
            RETURNING position
        ), counted AS (
            SELECT count(*) AS n, coalesce(max(p.position), previous.last_position, 0) AS last FROM placed p
        ), noted AS (
            INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position, floor)
            SELECT pg_current_snapshot(), here, coalesce(previous.last_position, 0) + 1, c.last, reached FROM counted c
        )
        SELECT c.n, c.last INTO sealed, head FROM counted c;
    END IF;

    IF sealed > 0 THEN
        PERFORM pg_notify('pairway_sealed', head::text);
    END IF;
    RETURN sealed;
END
$$;

-- A record with nothing in it begins its first epoch now, where nobody writes yet.
INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position)
SELECT pg_current_snapshot(), c.system_identifier, 1, 0 FROM pg_control_system() c
WHERE NOT EXISTS (SELECT FROM pairway.event) AND NOT EXISTS (SELECT FROM pairway.seal);
