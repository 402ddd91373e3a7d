-- The common case, quicker: one event on a stream that is there; several appends in one transaction; a load in one answer.
--
-- These say no more than pairway.append does, of appends that hold nothing but events. A stream that somebody else has
-- locked is not waited for here for long, since others wait for this call: whoever asked goes on alone, with pairway.append.

-- One event on a stream at this revision: its seq, or nothing where the stream is at another.
CREATE FUNCTION pairway.append_event(
    p_stream text, p_revision bigint, p_type text, p_at timestamptz, p_recorded_at timestamptz, p_actor text,
    p_cause_source text, p_cause_id text, p_correlation text, p_data bytea
) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
DECLARE
    written record;
    recorded bigint;
BEGIN
    UPDATE pairway.stream s
    SET version = s.version + 1, revision = s.revision + 1, last_at = greatest(s.last_at, p_at)
    WHERE s.stream = p_stream AND s.revision = p_revision
    RETURNING s.programme, s.version INTO written;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO pairway.event
        (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data)
    VALUES (written.programme, p_stream, written.version, p_type, p_at, p_recorded_at, p_actor, p_cause_source,
            p_cause_id, p_correlation, p_data)
    RETURNING seq INTO recorded;
    RETURN recorded;
END
$$;

-- Several appends, each of some events on one stream, no two on the same; each holds or does not hold by itself.
--
-- They come sorted by stream, as for pairway.append, and the events in the order of their appends, `p_events` of each.
-- A loop, since what it does is small: arrays taken apart in one statement cost more than they save up to some dozens.
-- What comes back are the seqs of the events, in their order, and in their place one NULL where the stream of an append
-- is at another revision.
CREATE FUNCTION pairway.append_each(
    p_streams text[], p_revisions bigint[], p_programmes text[], p_last_at timestamptz[], p_recorded_at timestamptz[],
    p_events integer[],
    p_type text[], p_at timestamptz[], p_actor text[], p_cause_source text[], p_cause_id text[], p_correlation text[],
    p_data bytea[]
) RETURNS bigint[] LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '50ms'
AS $$
DECLARE
    imports boolean := p_programmes IS NOT NULL
        AND EXISTS (SELECT FROM pairway.import i WHERE i.finished_at IS NULL AND i.abandoned_at IS NULL);
    written record;
    first integer := 1;
    last integer;
    recorded bigint[];
    seqs bigint[] := '{}';
BEGIN
    FOR i IN 1 .. cardinality(p_streams) LOOP
        last := first + p_events[i] - 1;
        UPDATE pairway.stream s
        SET version = s.version + p_events[i], revision = s.revision + 1, last_at = greatest(s.last_at, p_last_at[i]),
            programme = CASE WHEN s.version > 0 THEN s.programme ELSE coalesce(p_programmes[i], s.programme) END
        WHERE s.stream = p_streams[i] AND s.revision = p_revisions[i]
        RETURNING s.programme, s.version INTO written;
        IF NOT FOUND AND p_revisions[i] = 0 THEN
            INSERT INTO pairway.stream AS s (stream, programme, version, revision, last_at)
            VALUES (p_streams[i], p_programmes[i], p_events[i], 1, p_last_at[i])
            ON CONFLICT DO NOTHING
            RETURNING s.programme, s.version INTO written;
        END IF;
        IF NOT FOUND THEN
            recorded := ARRAY[NULL::bigint];
        ELSIF first = last THEN
            INSERT INTO pairway.event
                (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data)
            VALUES (written.programme, p_streams[i], written.version, p_type[first], p_at[first], p_recorded_at[i],
                    p_actor[first], p_cause_source[first], p_cause_id[first], p_correlation[first], p_data[first])
            RETURNING ARRAY[seq] INTO recorded;
        ELSE
            WITH inserted AS (
                INSERT INTO pairway.event
                    (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data)
                SELECT written.programme, p_streams[i], written.version - p_events[i] + u.number, u.type, u.at,
                       p_recorded_at[i], u.actor, u.cause_source, u.cause_id, u.correlation, u.data
                FROM unnest(p_type[first:last], p_at[first:last], p_actor[first:last], p_cause_source[first:last],
                            p_cause_id[first:last], p_correlation[first:last], p_data[first:last])
                     WITH ORDINALITY AS u (type, at, actor, cause_source, cause_id, correlation, data, number)
                ORDER BY u.number
                RETURNING seq
            )
            SELECT array_agg(n.seq ORDER BY n.seq) INTO recorded FROM inserted n;
        END IF;
        IF imports AND recorded[1] IS NOT NULL AND p_programmes[i] IS NOT NULL THEN
            INSERT INTO pairway.import_programme (import_id, programme)
            SELECT DISTINCT o.id, p_programmes[i]
            FROM (SELECT b.import_id FROM pairway.inbox b WHERE b.stream = p_streams[i] OFFSET 0) b
            JOIN pairway.import o ON o.id = b.import_id
            WHERE o.finished_at IS NULL AND o.abandoned_at IS NULL
            ON CONFLICT DO NOTHING;
        END IF;
        seqs := seqs || recorded;
        first := last + 1;
    END LOOP;
    RETURN seqs;
END
$$;

-- What a decision reads of these streams, in one answer: each stream with what came after the version known before, as
-- arrays (a row an event takes three times as long to send and to read; types are names, one a line), and whether facts
-- wait for it.
CREATE FUNCTION pairway.load(p_streams text[], p_after integer[])
RETURNS TABLE (stream text, programme text, version integer, revision bigint, barred boolean, wrapped bytea,
               destroyed boolean, types text, ats timestamptz[], datas bytea[], waits boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
SET enable_material = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT u.stream, s.programme, coalesce(s.version, 0), coalesce(s.revision, 0), coalesce(s.barred, false), k.wrapped,
           k.destroyed_at IS NOT NULL, e.types, e.ats, e.datas,
           coalesce(s.revision, 0) > 0 AND EXISTS (
               SELECT FROM pairway.inbox b WHERE b.waits_for = u.stream AND b.disposition = 'parked')
    FROM unnest(p_streams, p_after) AS u (stream, after)
    LEFT JOIN pairway.stream s ON s.stream = u.stream
    LEFT JOIN pairway.subject_key k ON k.stream = u.stream
    LEFT JOIN LATERAL (
        SELECT string_agg(o.type, E'\n') AS types, array_agg(o.at) AS ats, array_agg(o.data) AS datas
        FROM (SELECT e.type, e.at, e.data FROM pairway.event e
              WHERE e.stream = u.stream AND e.version > u.after ORDER BY e.version) o
    ) e ON s.version > u.after;
END
$$;
