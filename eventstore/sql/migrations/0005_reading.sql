-- What a decision reads. Functions, because their plans are cached while the tables are still empty and must stay on
-- the indexes whatever the statistics say.

CREATE FUNCTION pairway.load_streams(p_streams text[])
RETURNS TABLE (stream text, programme text, version integer, revision bigint, barred boolean, wrapped bytea,
               destroyed boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
    SELECT u.stream, s.programme, coalesce(s.version, 0), coalesce(s.revision, 0), coalesce(s.barred, false), k.wrapped,
           k.destroyed_at IS NOT NULL
    FROM unnest(p_streams) AS u (stream)
    LEFT JOIN pairway.stream s ON s.stream = u.stream
    LEFT JOIN pairway.subject_key k ON k.stream = u.stream;
END
$$;

CREATE FUNCTION pairway.load_events(p_streams text[], p_after integer[])
RETURNS TABLE ("position" bigint, seq bigint, programme text, stream text, version integer, type text, at timestamptz,
               recorded_at timestamptz, actor text, cause_source text, cause_id text, correlation text, data bytea)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
BEGIN
    RETURN QUERY
    SELECT NULL::bigint, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor,
           e.cause_source, e.cause_id, e.correlation, e.data
    FROM unnest(p_streams, p_after) WITH ORDINALITY AS u (stream, after, ord)
    JOIN pairway.event e ON e.stream = u.stream AND e.version > u.after
    ORDER BY u.ord, e.version;
END
$$;

CREATE FUNCTION pairway.load_waiting(p_streams text[])
RETURNS TABLE (arrival bigint, source text, id text, stream text, waits_for text, received_at timestamptz,
               import_id bigint, body bytea)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
BEGIN
    RETURN QUERY
    SELECT b.arrival, b.source, b.id, b.stream, b.waits_for, b.received_at, b.import_id, b.body
    FROM unnest(p_streams) AS u (stream)
    JOIN pairway.inbox b ON b.waits_for = u.stream AND b.disposition = 'parked'
    ORDER BY b.arrival;
END
$$;

CREATE FUNCTION pairway.seen(p_sources text[], p_ids text[])
RETURNS TABLE (source text, id text, arrival bigint, disposition text, reason text, body bytea, stream text,
               subject text, type text)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
BEGIN
    RETURN QUERY
    SELECT b.source, b.id, b.arrival, b.disposition, b.reason, b.body, b.stream, b.subject, b.type
    FROM unnest(p_sources, p_ids) AS u (source, id)
    JOIN pairway.inbox b ON b.source = u.source AND b.id = u.id AND b.disposition <> 'invalid';
END
$$;
