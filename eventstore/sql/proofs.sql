-- pinned --
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off

-- rows --
COPY (
    SELECT p.position, e.seq, e.xid, e.version, e.at, e.recorded_at,
           e.data,
           e.stream, e.programme, e.type, e.actor, e.cause_source, e.cause_id, e.correlation
    FROM pairway.position p LEFT JOIN pairway.event e ON e.seq = p.seq
    WHERE p.position > %(after)s AND p.position <= %(until)s
    ORDER BY p.position
) TO STDOUT (FORMAT binary)

-- rows_of_programme --
COPY (
    SELECT p.position, e.seq, e.xid, e.version, e.at, e.recorded_at,
           e.data,
           e.stream, e.programme, e.type, e.actor, e.cause_source, e.cause_id, e.correlation
    FROM pairway.position p JOIN pairway.event e ON e.seq = p.seq
    WHERE e.programme = %(programme)s AND p.position <= %(until)s
    ORDER BY p.position
) TO STDOUT (FORMAT binary)

-- database --
SELECT s.system_identifier, d.oid::bigint FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()

-- head --
SELECT coalesce(max(position), 0) FROM pairway.position

-- lock --
SELECT pg_advisory_lock(7234915, 2)

-- try_lock --
SELECT pg_try_advisory_lock(7234915, 2)

-- unlock --
SELECT pg_advisory_unlock(7234915, 2)

-- last_tile --
SELECT index, octet_length(hashes) FROM pairway.tile WHERE level = 0 ORDER BY index DESC LIMIT 1

-- tiles --
SELECT t.level, t.index, t.hashes
FROM unnest(%s::smallint[], %s::bigint[]) AS u (level, index)
JOIN pairway.tile t ON t.level = u.level AND t.index = u.index

-- tiles_between --
SELECT index, hashes FROM pairway.tile WHERE level = 0 AND index >= %s AND index < %s ORDER BY index

-- keep_tiles --
SELECT pairway.keep_tiles(%s::smallint[], %s::bigint[], %s::bytea[])

-- last --
SELECT size, note, made_at FROM pairway.signed_checkpoint ORDER BY size DESC, id DESC LIMIT 1

-- checkpoint --
SELECT size, note, made_at FROM pairway.signed_checkpoint WHERE size = %s ORDER BY id DESC LIMIT 1

-- checkpoints --
SELECT size, note FROM pairway.signed_checkpoint ORDER BY size, id

-- handovers --
SELECT note FROM pairway.key_handover ORDER BY id DESC

-- keep_handover --
SELECT pairway.keep_handover(%s, %s)

-- keep_checkpoint --
SELECT pairway.keep_checkpoint(%s, %s, %s)

-- torn_seals --
SELECT s.first_position, s.before FROM (
    SELECT first_position, last_position, coalesce(lag(last_position) OVER (ORDER BY id), 0) AS before
    FROM pairway.seal
) s
WHERE s.first_position <> s.before + 1 OR s.last_position < s.before
ORDER BY s.first_position
LIMIT 1

-- last_sealed --
SELECT coalesce(max(last_position), 0) FROM pairway.seal

-- unsealed --
SELECT e.stream, e.version FROM pairway.event e
WHERE NOT EXISTS (SELECT FROM pairway.position p WHERE p.seq = e.seq)
ORDER BY e.seq

-- versions --
SELECT stream, version FROM pairway.stream WHERE version <> 0 ORDER BY stream

-- named --
SELECT e.stream, e.version, e.type FROM pairway.position p JOIN pairway.event e ON e.seq = p.seq WHERE p.position = %s
