-- append --
SELECT conflicts, held, seqs, arrivals FROM pairway.append(
    %s::text[], %s::bigint[], %s::boolean[], %s::integer[], %s::timestamptz[], %s::text[], %s::boolean[],
    %s::text[], %s::integer[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::bytea[], %s::timestamptz,
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[],
    %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::bytea[],
    %s::boolean, %s::bigint, %s::text[], %s::bigint)

-- load_streams --
SELECT stream, programme, version, revision, barred, wrapped, destroyed FROM pairway.load_streams(%s::text[])

-- load_events --
SELECT position, seq, programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data
FROM pairway.load_events(%s::text[], %s::integer[])

-- load_waiting --
SELECT arrival, source, id, stream, waits_for, received_at, import_id, body FROM pairway.load_waiting(%s::text[])

-- holders --
SELECT claim, stream FROM pairway.claim WHERE claim = ANY (%s::text[])

-- seen --
SELECT source, id, arrival, disposition, reason, body, stream, subject, type FROM pairway.seen(%s::text[], %s::text[])

-- seal --
SELECT pairway.seal(%s::boolean)

-- positions --
SELECT seq, position FROM pairway.position WHERE seq = ANY (%s::bigint[])

-- head --
SELECT coalesce(max(position), 0) FROM pairway.position

-- keep_key --
INSERT INTO pairway.subject_key (stream, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING

-- key --
SELECT wrapped FROM pairway.subject_key WHERE stream = %s

-- destroy_keys --
UPDATE pairway.subject_key SET wrapped = NULL, destroyed_at = %s WHERE stream = ANY (%s::text[]) AND wrapped IS NOT NULL
RETURNING stream
