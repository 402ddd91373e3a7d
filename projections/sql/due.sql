-- due --
SELECT b.pairing, b.mentor, b.due_at
FROM projection.board b
WHERE b.due_at <= %(instant)s
  AND NOT EXISTS (
      SELECT FROM pairway.import_programme h
      JOIN pairway.import i ON i.id = h.import_id
      WHERE h.programme = b.programme AND i.finished_at IS NULL AND i.abandoned_at IS NULL)
ORDER BY b.mentor, b.due_at, b.pairing
LIMIT %(most)s
