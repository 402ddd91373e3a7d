-- pages --
SELECT max(p.position), min(p.position - p.seq), max(p.position - p.seq)
FROM pairway.position p
WHERE p.position > %(after)s::bigint AND p.position <= %(after)s::bigint + %(limit)s::bigint
GROUP BY (p.position - %(after)s::bigint - 1) / %(page)s::bigint
ORDER BY 1

-- as_written --
SELECT e.seq + %(apart)s::bigint, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor,
       e.cause_source, e.cause_id, e.correlation, e.data
FROM pairway.event e
WHERE e.seq > %(after)s::bigint - %(apart)s::bigint AND e.seq <= %(last)s::bigint - %(apart)s::bigint
ORDER BY e.seq

-- read --
SELECT p.position, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor, e.cause_source,
       e.cause_id, e.correlation, e.data
FROM pairway.position p JOIN pairway.event e ON e.seq = p.seq
WHERE p.position > %(after)s::bigint AND p.position <= %(after)s::bigint + %(limit)s::bigint
ORDER BY p.position

-- read_stream --
SELECT p.position, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor, e.cause_source,
       e.cause_id, e.correlation, e.data
FROM pairway.event e LEFT JOIN pairway.position p ON p.seq = e.seq
WHERE e.stream = %(stream)s AND e.version > %(after)s
ORDER BY e.version
LIMIT %(limit)s

-- by_position --
SELECT p.position, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor, e.cause_source,
       e.cause_id, e.correlation, e.data
FROM pairway.event e JOIN pairway.position p ON p.seq = e.seq
WHERE (%(programme)s::text IS NULL OR e.programme = %(programme)s::text)
  AND (%(until)s::bigint IS NULL OR p.position <= %(until)s::bigint)
  AND (%(as_of)s::timestamptz IS NULL OR e.at <= %(as_of)s::timestamptz)
ORDER BY p.position

-- by_stream --
SELECT p.position, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor, e.cause_source,
       e.cause_id, e.correlation, e.data
FROM pairway.event e JOIN pairway.position p ON p.seq = e.seq
WHERE (%(programme)s::text IS NULL OR e.programme = %(programme)s::text)
  AND (%(until)s::bigint IS NULL OR p.position <= %(until)s::bigint)
  AND (%(as_of)s::timestamptz IS NULL OR e.at <= %(as_of)s::timestamptz)
  AND (%(first)s::text IS NULL OR e.stream >= %(first)s::text)
  AND (%(before)s::text IS NULL OR e.stream < %(before)s::text)
ORDER BY e.stream, e.version

-- slices --
SELECT min(s.stream)
FROM (SELECT stream, (sum(version) OVER (ORDER BY stream) - version) / %(each)s::bigint AS slice
      FROM pairway.stream WHERE version > 0) s
GROUP BY s.slice
ORDER BY s.slice

-- caused_by --
SELECT p.position, e.seq, e.programme, e.stream, e.version, e.type, e.at, e.recorded_at, e.actor, e.cause_source,
       e.cause_id, e.correlation, e.data
FROM pairway.event e LEFT JOIN pairway.position p ON p.seq = e.seq
WHERE e.cause_source = %(source)s AND e.cause_id = %(id)s
ORDER BY e.seq

-- caused --
SELECT e.cause_source, e.cause_id, e.seq
FROM unnest(%s::text[], %s::text[]) AS u (source, id)
JOIN pairway.event e ON e.cause_source = u.source AND e.cause_id = u.id
ORDER BY e.seq
