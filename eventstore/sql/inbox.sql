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
