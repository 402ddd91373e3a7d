-- listen --
LISTEN pairway_sealed

-- head --
SELECT coalesce(max(position), 0) FROM pairway.position
