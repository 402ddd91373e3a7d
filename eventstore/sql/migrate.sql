-- lock --
SELECT pg_advisory_lock(7234915, 0)

-- prepare --
CREATE SCHEMA IF NOT EXISTS pairway;
CREATE TABLE IF NOT EXISTS pairway.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)

-- prepared --
SELECT to_regclass('pairway.migration') IS NOT NULL

-- applied --
SELECT coalesce(max(number), 0) FROM pairway.migration

-- record --
INSERT INTO pairway.migration (number, name) VALUES (%s, %s)
