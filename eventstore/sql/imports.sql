-- open --
INSERT INTO pairway.import (name, digest, opened_at) VALUES (%s, %s, %s)
ON CONFLICT (name) WHERE finished_at IS NULL AND abandoned_at IS NULL DO NOTHING
RETURNING id

-- reopen --
SELECT id FROM pairway.import WHERE name = %s AND finished_at IS NULL AND abandoned_at IS NULL

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
