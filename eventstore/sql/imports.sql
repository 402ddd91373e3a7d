-- open --
INSERT INTO pairway.import (name, digest, opened_at) VALUES (%s, %s, %s)
ON CONFLICT (name) WHERE finished_at IS NULL AND abandoned_at IS NULL DO NOTHING
RETURNING id

-- reopen --
SELECT id FROM pairway.import WHERE name = %s AND finished_at IS NULL AND abandoned_at IS NULL

-- open_of_content --
SELECT id, name, digest, lines_done FROM pairway.import
WHERE (name = %s OR digest = %s) AND finished_at IS NULL AND abandoned_at IS NULL
ORDER BY digest IS DISTINCT FROM %s
LIMIT 1

-- still_open --
SELECT id, name, digest, lines_done FROM pairway.import
WHERE id = %s AND finished_at IS NULL AND abandoned_at IS NULL

-- hold --
SELECT pg_try_advisory_lock(7234916, %s)

-- let_go --
SELECT pg_advisory_unlock(7234916, %s)

-- on_arrival --
SELECT arrived_as, count(*) FROM pairway.inbox WHERE import_id = %s GROUP BY arrived_as

-- rejected --
SELECT line, disposition, reason, errors FROM pairway.inbox
WHERE import_id = %s AND arrived_as IN ('refused', 'invalid')
ORDER BY line

-- finish --
UPDATE pairway.import SET finished_at = %s WHERE id = %s AND finished_at IS NULL AND abandoned_at IS NULL

-- abandon --
UPDATE pairway.import SET abandoned_at = %s WHERE id = %s AND finished_at IS NULL AND abandoned_at IS NULL

-- list_open --
SELECT i.id, i.name, i.opened_at, i.lines_done,
       ARRAY(SELECT h.programme FROM pairway.import_programme h WHERE h.import_id = i.id ORDER BY h.programme)
FROM pairway.import i
WHERE i.finished_at IS NULL AND i.abandoned_at IS NULL
ORDER BY i.id
