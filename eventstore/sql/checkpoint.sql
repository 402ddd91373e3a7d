-- position --
SELECT position FROM pairway.checkpoint WHERE name = %s

-- begin --
INSERT INTO pairway.checkpoint (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING

-- move --
UPDATE pairway.checkpoint SET position = %s WHERE name = %s AND position = %s

-- forget --
DELETE FROM pairway.checkpoint WHERE name = %s
