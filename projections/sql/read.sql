-- positions --
SELECT name, position FROM projection.model

-- programmes --
SELECT p.figures, p.version, p.position,
       (SELECT count(*) FROM projection.board b WHERE b.programme = p.programme),
       (SELECT count(*) FROM projection.people q WHERE q.programme = p.programme)
FROM projection.programmes p
ORDER BY p.programme

-- programme --
SELECT figures, version, position FROM projection.programmes WHERE programme = %s

-- running --
SELECT figures FROM projection.programmes WHERE NOT closed ORDER BY starts_on DESC, programme

-- counted --
SELECT p.figures, p.version, p.position,
       (SELECT count(*) FROM projection.board b WHERE b.programme = p.programme),
       (SELECT count(*) FROM projection.people q WHERE q.programme = p.programme)
FROM projection.programmes p
WHERE p.programme = %s

-- board --
SELECT f.pairing, f.programme, f.state, f.step, f.step_number, f.health, f.next_due_on, f.next_due_kind, f.flags,
       f.proposed_on, f.ends_on, f.version, f.position,
       f.mentor, m.name_sealed_by, m.name, mk.wrapped,
       f.protege, p.name_sealed_by, p.name, pk.wrapped, f.department,
       f.total, f.in_group
FROM (
    SELECT b.pairing, b.programme, b.state, b.step, b.step_number, b.health, b.next_due_on, b.next_due_kind, b.flags,
           b.proposed_on, b.ends_on, b.version, b.position, b.mentor, b.protege, d.department,
           count(*) OVER () AS total,
           count(*) OVER (PARTITION BY
               CASE %(group)s::text WHEN 'department' THEN d.department WHEN 'mentor' THEN b.mentor END) AS in_group,
           row_number() OVER (ORDER BY
               CASE WHEN %(group)s::text = 'mentor' THEN rm.rank END,
               CASE %(group)s::text WHEN 'department' THEN d.department WHEN 'mentor' THEN b.mentor END,
               CASE WHEN NOT %(descending)s THEN CASE %(sort)s::text
                   WHEN 'step' THEN coalesce(b.step_number, 9)
                   WHEN 'health' THEN array_position(
                       ARRAY['at_risk', 'attention', 'on_track', 'paused', 'completed', 'closed_early'], b.health)
                   WHEN 'flags' THEN -cardinality(b.flags)
                   WHEN 'mentor' THEN rm.rank WHEN 'protege' THEN rp.rank END END,
               CASE WHEN %(descending)s THEN CASE %(sort)s::text
                   WHEN 'step' THEN coalesce(b.step_number, 9)
                   WHEN 'health' THEN array_position(
                       ARRAY['at_risk', 'attention', 'on_track', 'paused', 'completed', 'closed_early'], b.health)
                   WHEN 'flags' THEN -cardinality(b.flags)
                   WHEN 'mentor' THEN rm.rank WHEN 'protege' THEN rp.rank END END DESC,
               CASE WHEN NOT %(descending)s THEN CASE %(sort)s::text
                   WHEN 'next_due' THEN b.next_due_on WHEN 'ends_on' THEN b.ends_on
                   WHEN 'proposed_on' THEN b.proposed_on END END,
               CASE WHEN %(descending)s THEN CASE %(sort)s::text
                   WHEN 'next_due' THEN b.next_due_on WHEN 'ends_on' THEN b.ends_on
                   WHEN 'proposed_on' THEN b.proposed_on END END DESC NULLS LAST,
               CASE WHEN NOT %(descending)s THEN CASE %(sort)s::text
                   WHEN 'mentor' THEN b.mentor WHEN 'protege' THEN b.protege WHEN 'department' THEN d.department
                   END END,
               CASE WHEN %(descending)s THEN CASE %(sort)s::text
                   WHEN 'mentor' THEN b.mentor WHEN 'protege' THEN b.protege WHEN 'department' THEN d.department
                   END END DESC NULLS LAST,
               CASE WHEN %(descending)s AND %(sort)s::text = 'pairing' THEN b.pairing END DESC,
               b.pairing) AS place
    FROM projection.board b
    LEFT JOIN projection.people d ON d.participant = b.protege
    LEFT JOIN unnest(%(ranked)s::text[]) WITH ORDINALITY AS rm (participant, rank) ON rm.participant = b.mentor
    LEFT JOIN unnest(%(ranked)s::text[]) WITH ORDINALITY AS rp (participant, rank) ON rp.participant = b.protege
    WHERE b.programme = %(programme)s
      AND (%(state)s::text IS NULL OR b.state = %(state)s::text)
      AND (%(step)s::text IS NULL OR b.step = %(step)s::text)
      AND (%(health)s::text IS NULL OR b.health = %(health)s::text)
      AND (%(flag)s::text IS NULL OR b.flags @> ARRAY[%(flag)s::text])
      AND (%(mentor)s::text IS NULL OR b.mentor = %(mentor)s::text)
      AND (%(department)s::text IS NULL OR d.department = %(department)s::text)
      AND (%(among)s::text[] IS NULL OR b.pairing = ANY (%(among)s::text[]))
      AND (%(people)s::text[] IS NULL
           OR b.mentor = ANY (%(people)s::text[]) OR b.protege = ANY (%(people)s::text[])
           OR strpos(lower(b.pairing), %(id)s::text) > 0)
) f
LEFT JOIN projection.people m ON m.participant = f.mentor
LEFT JOIN projection.people p ON p.participant = f.protege
LEFT JOIN pairway.subject_key mk ON mk.stream = 'participant-' || f.mentor
LEFT JOIN pairway.subject_key pk ON pk.stream = 'participant-' || f.protege
WHERE f.place > %(offset)s AND f.place <= %(offset)s::bigint + %(limit)s
ORDER BY f.place

-- names --
SELECT q.participant, q.name_sealed_by, q.name, k.wrapped
FROM projection.people q
LEFT JOIN pairway.subject_key k ON k.stream = 'participant-' || q.participant
WHERE q.programme = %s

-- marks --
SELECT count(*), coalesce(string_agg(b.mark, ''::bytea), ''::bytea) FROM projection.board b
WHERE b.programme = %s AND b.position > %s

-- board_standing --
SELECT number, position FROM projection.model WHERE name = 'board'

-- departments --
SELECT DISTINCT department FROM projection.people WHERE programme = %s AND department IS NOT NULL ORDER BY department

-- pairing --
SELECT b.figures, b.version, b.position,
       m.name_sealed_by, m.name, mk.wrapped, p.name_sealed_by, p.name, pk.wrapped
FROM projection.board b
LEFT JOIN projection.people m ON m.participant = b.mentor
LEFT JOIN projection.people p ON p.participant = b.protege
LEFT JOIN pairway.subject_key mk ON mk.stream = 'participant-' || b.mentor
LEFT JOIN pairway.subject_key pk ON pk.stream = 'participant-' || b.protege
WHERE b.pairing = %s

-- waiting --
SELECT arrival, source, id, type, "time", received_at, reason FROM pairway.inbox
WHERE stream = %s AND disposition = 'parked'
ORDER BY arrival

-- arrivals --
SELECT i.source, i.id, i.arrival
FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS asked (source, id)
JOIN pairway.inbox i ON i.source = asked.source AND i.id = asked.id AND i.disposition <> 'invalid'

-- participant --
SELECT q.figures, q.status, q.version, q.position, k.wrapped,
       ARRAY(SELECT b.pairing FROM projection.board b WHERE b.mentor = q.participant OR b.protege = q.participant
             ORDER BY b.pairing)
FROM projection.people q
LEFT JOIN pairway.subject_key k ON k.stream = 'participant-' || q.participant
WHERE q.participant = %s

-- people_of --
SELECT q.participant, q.role, q.status, q.department, q.name_sealed_by, q.name, k.wrapped, count(*) OVER ()
FROM projection.people q
LEFT JOIN pairway.subject_key k ON k.stream = 'participant-' || q.participant
WHERE q.programme = %(programme)s AND (%(status)s::text IS NULL OR q.status = %(status)s::text)
ORDER BY q.role, q.participant
LIMIT %(limit)s

-- same_person --
SELECT participant FROM projection.people WHERE person = %s ORDER BY participant

-- timeline --
SELECT version, position, at, recorded_at, type, step, sentence FROM projection.timeline
WHERE pairing = %s AND version > %s
ORDER BY version
LIMIT %s

-- one_moment --
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- accounts --
SELECT account FROM projection.board WHERE programme = %s

-- first_proposed --
SELECT protege, min(proposed_on) FROM projection.board WHERE programme = %s GROUP BY protege

-- proteges --
SELECT participant, figures FROM projection.people WHERE programme = %s AND role = 'protege'

-- said --
SELECT b.pairing, b.said, k.wrapped, b.mentor, m.figures, mk.wrapped, b.protege, p.figures, pk.wrapped
FROM projection.board b
LEFT JOIN pairway.subject_key k ON k.stream = 'pairing-' || b.pairing
LEFT JOIN projection.people m ON m.participant = b.mentor
LEFT JOIN pairway.subject_key mk ON mk.stream = 'participant-' || b.mentor
LEFT JOIN projection.people p ON p.participant = b.protege
LEFT JOIN pairway.subject_key pk ON pk.stream = 'participant-' || b.protege
WHERE b.programme = %s AND b.said IS NOT NULL

-- keys --
SELECT k.stream, k.wrapped FROM pairway.subject_key k JOIN pairway.stream s ON s.stream = k.stream
WHERE s.programme = %s AND k.wrapped IS NOT NULL

-- facts --
SELECT count(*) FILTER (WHERE f.disposition = 'parked'),
       count(*) FILTER (WHERE f.disposition = 'refused'),
       count(DISTINCT f.stream) FILTER (WHERE f.disposition = 'parked'),
       count(DISTINCT f.stream) FILTER (WHERE f.disposition = 'refused')
FROM pairway.inbox f
WHERE f.disposition IN ('parked', 'refused')
  -- asked for each: joined, all streams there are would be read for the few that have such facts
  AND coalesce((SELECT s.programme FROM pairway.stream s WHERE s.stream = f.stream), f.programme) = %s
