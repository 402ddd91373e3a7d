-- One transaction of the record in one call.
--
-- All arrays on streams are parallel and come sorted by stream name, so that no two writers wait for each other
-- crosswise: rows not seen before are inserted in that order, then every row is locked in that order, shared where it
-- was only read. A stale revision is an answer, not an exception; nothing has been written by then but empty rows.
-- Plans are pinned to the indexes: they are cached while the tables are still empty, and must not turn out to be scans.

CREATE FUNCTION pairway.append(
    p_streams text[], p_revisions bigint[], p_written boolean[],
    p_added integer[], p_last_at timestamptz[], p_programmes text[], p_barred boolean[],
    p_event_stream text[], p_event_back integer[], p_event_type text[], p_event_at timestamptz[],
    p_event_actor text[], p_event_cause_source text[], p_event_cause_id text[], p_event_correlation text[],
    p_event_data bytea[],
    p_recorded_at timestamptz,
    p_in_source text[], p_in_id text[], p_in_type text[], p_in_subject text[], p_in_stream text[],
    p_in_programme text[], p_in_received_at timestamptz[], p_in_time timestamptz[], p_in_body bytea[],
    p_in_disposition text[], p_in_reason text[], p_in_errors text[], p_in_waits_for text[],
    p_in_line bigint[], p_in_arrived_as text[],
    p_settled bigint[], p_settled_disposition text[], p_settled_reason text[], p_settled_waits_for text[],
    p_settled_programme text[],
    p_claims text[], p_claim_streams text[], p_key_streams text[], p_keys bytea[],
    p_by_time boolean, p_import bigint, p_named_programmes text[], p_lines bigint,
    OUT conflicts text[], OUT held text[], OUT seqs bigint[], OUT arrivals bigint[]
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
AS $$
DECLARE
    n integer := cardinality(p_streams);
    first integer := 1;
    last integer;
    stale text[];
    found_rows bigint;
BEGIN
    IF 0 = ANY (p_revisions) THEN
        INSERT INTO pairway.stream (stream)
        SELECT u.stream FROM unnest(p_streams, p_revisions) WITH ORDINALITY AS u (stream, revision, ord)
        WHERE u.revision = 0 ORDER BY u.ord
        ON CONFLICT DO NOTHING;
    END IF;

    -- one statement for each run of neighbours that are locked in the same strength
    conflicts := '{}';
    WHILE first <= n LOOP
        last := first;
        WHILE last < n AND p_written[last + 1] = p_written[first] LOOP
            last := last + 1;
        END LOOP;
        IF p_written[first] THEN
            SELECT count(*), array_agg(l.stream) FILTER (WHERE l.revision <> l.expected) INTO found_rows, stale
            FROM (SELECT s.stream, s.revision, u.expected
                  FROM unnest(p_streams[first:last], p_revisions[first:last])
                       WITH ORDINALITY AS u (stream, expected, ord)
                  JOIN pairway.stream s ON s.stream = u.stream
                  ORDER BY u.ord FOR NO KEY UPDATE OF s) l;
        ELSE
            SELECT count(*), array_agg(l.stream) FILTER (WHERE l.revision <> l.expected) INTO found_rows, stale
            FROM (SELECT s.stream, s.revision, u.expected
                  FROM unnest(p_streams[first:last], p_revisions[first:last])
                       WITH ORDINALITY AS u (stream, expected, ord)
                  JOIN pairway.stream s ON s.stream = u.stream
                  ORDER BY u.ord FOR SHARE OF s) l;
        END IF;
        conflicts := conflicts || coalesce(stale, '{}');
        IF found_rows < last - first + 1 THEN
            conflicts := conflicts || ARRAY(
                SELECT u.stream FROM unnest(p_streams[first:last]) AS u (stream)
                WHERE NOT EXISTS (SELECT FROM pairway.stream s WHERE s.stream = u.stream));
        END IF;
        first := last + 1;
    END LOOP;
    IF conflicts <> '{}' THEN
        RETURN;
    END IF;

    IF p_by_time THEN
        held := ARRAY(
            SELECT DISTINCT s.programme
            FROM unnest(p_streams) AS u (stream)
            JOIN pairway.stream s ON s.stream = u.stream
            JOIN pairway.import_programme h ON h.programme = s.programme
            JOIN pairway.import i ON i.id = h.import_id
            WHERE i.finished_at IS NULL AND i.abandoned_at IS NULL);
        IF held <> '{}' THEN
            RETURN;
        END IF;
    END IF;

    IF p_programmes IS NOT NULL THEN
        IF EXISTS (SELECT FROM pairway.import i WHERE i.finished_at IS NULL AND i.abandoned_at IS NULL) THEN
            INSERT INTO pairway.import_programme (import_id, programme)
            SELECT DISTINCT i.id, u.programme
            FROM unnest(p_streams, p_programmes) AS u (stream, programme)
            -- stream by stream: never all that an import has brought, which grows with every batch
            CROSS JOIN LATERAL (SELECT b.import_id FROM pairway.inbox b WHERE b.stream = u.stream OFFSET 0) b
            JOIN pairway.import i ON i.id = b.import_id
            WHERE u.programme IS NOT NULL AND i.finished_at IS NULL AND i.abandoned_at IS NULL
            ON CONFLICT DO NOTHING;
        END IF;
    END IF;

    UPDATE pairway.stream s
    SET version = s.version + u.added,
        revision = s.revision + 1,
        last_at = greatest(s.last_at, u.last_at),
        programme = CASE WHEN s.version > 0 THEN s.programme ELSE coalesce(u.programme, s.programme) END,
        barred = coalesce(u.barred, s.barred)
    FROM unnest(p_streams, p_written, p_added, p_last_at, p_programmes, p_barred)
         AS u (stream, written, added, last_at, programme, barred)
    WHERE s.stream = u.stream AND u.written;

    IF p_claims <> '{}' THEN
        INSERT INTO pairway.claim (claim, stream)
        SELECT u.claim, u.stream FROM unnest(p_claims, p_claim_streams) AS u (claim, stream) ORDER BY u.claim
        ON CONFLICT DO NOTHING;
        stale := ARRAY(
            SELECT u.stream FROM unnest(p_claims, p_claim_streams) AS u (claim, stream)
            LEFT JOIN pairway.claim c ON c.claim = u.claim AND c.stream = u.stream WHERE c.claim IS NULL);
        IF stale <> '{}' THEN
            RAISE EXCEPTION 'claimed by another stream' USING ERRCODE = 'PW001', DETAIL = array_to_string(stale, E'\n');
        END IF;
    END IF;

    IF p_key_streams <> '{}' THEN
        INSERT INTO pairway.subject_key (stream, wrapped)
        SELECT u.stream, u.wrapped FROM unnest(p_key_streams, p_keys) AS u (stream, wrapped) ORDER BY u.stream
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        IF found_rows < cardinality(p_key_streams) THEN
            RAISE EXCEPTION 'a key is there already' USING ERRCODE = 'PW001',
                DETAIL = array_to_string(ARRAY(
                    SELECT k.stream FROM pairway.subject_key k
                    JOIN unnest(p_key_streams, p_keys) AS u (stream, wrapped) ON k.stream = u.stream
                    WHERE k.wrapped IS DISTINCT FROM u.wrapped), E'\n');
        END IF;
    END IF;

    IF p_event_stream <> '{}' THEN
        WITH inserted AS (
            INSERT INTO pairway.event
                (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data)
            SELECT s.programme, s.stream, s.version - u.back, u.type, u.at, p_recorded_at, u.actor,
                   u.cause_source, u.cause_id, u.correlation, u.data
            FROM unnest(p_event_stream, p_event_back, p_event_type, p_event_at, p_event_actor,
                        p_event_cause_source, p_event_cause_id, p_event_correlation, p_event_data)
                 WITH ORDINALITY
                 AS u (stream, back, type, at, actor, cause_source, cause_id, correlation, data, ord)
            JOIN pairway.stream s ON s.stream = u.stream
            ORDER BY u.ord
            RETURNING seq
        )
        SELECT array_agg(i.seq ORDER BY i.seq) INTO seqs FROM inserted i;
    END IF;

    IF p_in_body <> '{}' THEN
        WITH inserted AS (
            INSERT INTO pairway.inbox
                (source, id, type, subject, stream, programme, received_at, time, body, disposition, reason,
                 errors, waits_for, import_id, line, arrived_as)
            SELECT u.source, u.id, u.type, u.subject, u.stream, u.programme, u.received_at, u.time, u.body,
                   u.disposition, u.reason, u.errors::json, u.waits_for, p_import, u.line,
                   u.arrived_as
            FROM unnest(p_in_source, p_in_id, p_in_type, p_in_subject, p_in_stream, p_in_programme, p_in_received_at,
                        p_in_time, p_in_body, p_in_disposition, p_in_reason, p_in_errors, p_in_waits_for,
                        p_in_line, p_in_arrived_as)
                 WITH ORDINALITY
                 AS u (source, id, type, subject, stream, programme, received_at, time, body, disposition,
                       reason, errors, waits_for, line, arrived_as, ord)
            ORDER BY u.ord
            RETURNING arrival
        )
        SELECT array_agg(i.arrival ORDER BY i.arrival) INTO arrivals FROM inserted i;
    END IF;

    IF p_settled <> '{}' THEN
        UPDATE pairway.inbox b
        SET disposition = u.disposition, reason = u.reason, waits_for = u.waits_for,
            programme = coalesce(u.programme, b.programme)
        FROM unnest(p_settled, p_settled_disposition, p_settled_reason, p_settled_waits_for, p_settled_programme)
             AS u (arrival, disposition, reason, waits_for, programme)
        WHERE b.arrival = u.arrival AND b.disposition = 'parked';
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        IF found_rows < cardinality(p_settled) THEN
            RAISE EXCEPTION 'a fact that waited was settled by another' USING ERRCODE = 'PW001',
                DETAIL = array_to_string(ARRAY(
                    SELECT DISTINCT b.stream FROM pairway.inbox b JOIN unnest(p_settled) AS u (arrival)
                    ON b.arrival = u.arrival WHERE b.stream IS NOT NULL), E'\n');
        END IF;
    END IF;

    IF p_import IS NOT NULL THEN
        INSERT INTO pairway.import_programme (import_id, programme)
        SELECT p_import, t.programme FROM (
            SELECT s.programme FROM unnest(p_streams) AS u (stream) JOIN pairway.stream s ON s.stream = u.stream
            UNION SELECT u.programme FROM unnest(p_in_programme) AS u (programme)
            UNION SELECT u.programme FROM unnest(p_named_programmes) AS u (programme)
        ) t
        WHERE t.programme IS NOT NULL ORDER BY t.programme
        ON CONFLICT DO NOTHING;
        UPDATE pairway.import i SET lines_done = i.lines_done + p_lines WHERE i.id = p_import AND p_lines > 0;
    END IF;
END
$$;
