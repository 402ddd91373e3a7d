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

-- durable --
SET LOCAL synchronous_commit TO on

-- forget --
SELECT conflicts, seq, destroyed FROM pairway.forget(
    %(streams)s::text[], %(revisions)s::bigint[], %(participant)s::text, %(keys)s::text[],
    %(type)s::text, %(at)s::timestamptz, %(recorded_at)s::timestamptz, %(actor)s::text, %(source)s::text, %(id)s::text,
    %(data)s::bytea,
    %(rest)s::bigint[], %(rest_bodies)s::bytea[], %(refused)s::bigint[], %(why)s::text, %(emptied)s::bigint[])

-- wrapped_keys --
SELECT stream, wrapped FROM pairway.subject_key WHERE stream > %s AND wrapped IS NOT NULL ORDER BY stream LIMIT %s

-- rewrap_keys --
SELECT pairway.rewrap_keys(%s::text[], %s::bytea[], %s::bytea[])

-- tell_keys --
SELECT pg_notify('pairway_keys', 'rotated')
