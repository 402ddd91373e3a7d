-- listen --
LISTEN pairway_sealed

-- listen_to_keys --
LISTEN pairway_keys

-- head --
SELECT coalesce(max(position), 0) FROM pairway.position
