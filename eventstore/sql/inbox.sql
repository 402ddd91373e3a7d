-- page --
SELECT arrival, source, id, type, subject, stream, programme, received_at, time, disposition, arrived_as, reason, errors,
       waits_for, import_id, line, body
FROM pairway.inbox
WHERE (%(disposition)s::text IS NULL OR disposition = %(disposition)s::text)
  AND (NOT %(unsettled)s OR disposition <> 'accepted')
  AND (%(programme)s::text IS NULL OR programme = %(programme)s::text)
  AND (%(source)s::text IS NULL OR source = %(source)s::text)
  AND (%(stream)s::text IS NULL OR stream = %(stream)s::text)
  AND (%(before)s::bigint IS NULL OR arrival < %(before)s::bigint)
ORDER BY arrival DESC
LIMIT %(limit)s

-- one --
SELECT arrival, source, id, type, subject, stream, programme, received_at, time, disposition, arrived_as, reason, errors,
       waits_for, import_id, line, body
FROM pairway.inbox
WHERE arrival = %s

-- counts --
SELECT programme, disposition, count(*) FROM pairway.inbox
WHERE disposition = ANY (%s::text[]) AND disposition <> 'accepted'
GROUP BY programme, disposition
ORDER BY programme NULLS FIRST, disposition

-- by_source --
SELECT source, disposition, count(*) FROM pairway.inbox
WHERE disposition IN ('parked', 'refused', 'invalid')
  AND (%(programme)s::text IS NULL OR programme = %(programme)s::text)
GROUP BY source, disposition

-- waited_for --
SELECT waits_for FROM pairway.inbox
WHERE disposition = 'parked'
GROUP BY waits_for
ORDER BY min(arrival)
LIMIT %s

-- parked_of --
SELECT arrival, source, id, stream, waits_for, received_at, import_id, body FROM pairway.inbox
WHERE stream = ANY (%s::text[]) AND disposition = 'parked'
ORDER BY arrival

-- arrived_about --
SELECT EXISTS (SELECT FROM pairway.inbox WHERE stream = %s)

-- not_recorded --
SELECT b.arrival, b.stream, k.wrapped, b.body
FROM pairway.inbox b
JOIN pairway.subject_key k ON k.stream = coalesce(b.stream, 'inbox') AND k.wrapped IS NOT NULL
WHERE b.disposition IN ('refused', 'invalid') AND b.body <> ''
  AND (b.stream IS NULL OR b.type = 'mentoring.participant.registered')
  AND NOT (b.stream = ANY (%s::text[])) IS TRUE
