-- Gives every event that is visible now and was not at the last seal the next dense position, ordered by seq.
--
-- Not visible in a snapshot are the transactions from its xmax on and those it lists as in progress; asking the index for
-- just these keeps a seal cheap while an unrelated transaction stays open for hours. The lock is taken in one
-- statement and the sealing is the next, whose snapshot then surely sees what the previous holder sealed.
-- On another server (restored from a dump) transaction numbers mean nothing: then what has no position yet is looked
-- for itself, once.

CREATE FUNCTION pairway.seal(p_wait boolean) RETURNS bigint LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    previous pairway.seal;
    here bigint := (SELECT system_identifier FROM pg_control_system());
    sealed bigint;
    head bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'seal() needs a READ COMMITTED transaction: an older snapshot would hide what others sealed.';
    END IF;
    IF p_wait THEN
        PERFORM pg_advisory_xact_lock(7234915, 1);
    ELSIF NOT pg_try_advisory_xact_lock(7234915, 1) THEN
        RETURN 0;
    END IF;

    SELECT * INTO previous FROM pairway.seal s ORDER BY s.id DESC LIMIT 1;

    IF previous.id IS NULL OR previous.cluster <> here
       OR pg_snapshot_xmax(previous.snapshot) > pg_snapshot_xmax(pg_current_snapshot()) THEN
        WITH fresh AS (
            SELECT e.seq FROM pairway.event e
            WHERE NOT EXISTS (SELECT FROM pairway.position p WHERE p.seq = e.seq)
        ), placed AS (
            INSERT INTO pairway.position (position, seq)
            SELECT coalesce(previous.last_position, 0) + row_number() OVER (ORDER BY f.seq), f.seq
            FROM fresh f ORDER BY f.seq
            RETURNING position
        ), counted AS (
            SELECT count(*) AS n, min(p.position) AS first, max(p.position) AS last FROM placed p
        ), noted AS (
            INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position)
            SELECT pg_current_snapshot(), here, c.first, c.last FROM counted c WHERE c.n > 0
        )
        SELECT c.n, c.last INTO sealed, head FROM counted c;
    ELSE
        WITH fresh AS (
            SELECT e.seq FROM pairway.event e WHERE e.xid >= pg_snapshot_xmax(previous.snapshot)
            UNION ALL
            SELECT e.seq FROM pg_snapshot_xip(previous.snapshot) AS open (xid)
            JOIN pairway.event e ON e.xid = open.xid
        ), placed AS (
            INSERT INTO pairway.position (position, seq)
            SELECT previous.last_position + row_number() OVER (ORDER BY f.seq), f.seq
            FROM fresh f ORDER BY f.seq
            RETURNING position
        ), counted AS (
            SELECT count(*) AS n, min(p.position) AS first, max(p.position) AS last FROM placed p
        ), noted AS (
            INSERT INTO pairway.seal (snapshot, cluster, first_position, last_position)
            SELECT pg_current_snapshot(), here, c.first, c.last FROM counted c WHERE c.n > 0
        )
        SELECT c.n, c.last INTO sealed, head FROM counted c;
    END IF;

    IF sealed > 0 THEN
        PERFORM pg_notify('pairway_sealed', head::text);
    END IF;
    RETURN sealed;
END
$$;
