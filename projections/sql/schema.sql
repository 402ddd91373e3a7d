-- lock --
SELECT pg_advisory_xact_lock(7234917, 0)

-- prepare --
CREATE TABLE IF NOT EXISTS projection.model (
    name text PRIMARY KEY,
    number integer NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    shape text NOT NULL
);
COMMENT ON TABLE projection.model IS
    'A read model: the table that serves it now (name_number), how far it has come, and the shape of its rows.';
CREATE TABLE IF NOT EXISTS projection.stuck (
    model text NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (model, stream)
);
COMMENT ON TABLE projection.stuck IS
    'Streams that a read model could not go on with: their rows stay as they were, until it is rebuilt.'

-- prepared --
SELECT to_regclass('projection.model') IS NOT NULL AND to_regclass('projection.stuck') IS NOT NULL

-- models --
SELECT name, number, position, shape FROM projection.model

-- hold --
SELECT name, number, position FROM projection.model WHERE name = ANY (%s::text[]) ORDER BY name FOR UPDATE

-- advance --
UPDATE projection.model SET position = %s WHERE name = ANY (%s::text[])

-- add --
INSERT INTO projection.model (name, number, shape) VALUES (%s, %s, %s)

-- switch --
UPDATE projection.model SET number = %s, position = %s, shape = %s WHERE name = %s

-- stuck --
SELECT stream FROM projection.stuck WHERE model = %s AND stream = ANY (%s::text[])

-- all_stuck --
SELECT model, stream, version, position, type, error FROM projection.stuck ORDER BY model, stream

-- park --
INSERT INTO projection.stuck (model, stream, version, position, type, error) VALUES (%s, %s, %s, %s, %s, %s)

-- unpark --
DELETE FROM projection.stuck WHERE model = %s

-- try_rebuild --
SELECT pg_try_advisory_lock(7234918, hashtext(%s))

-- wait_rebuild --
SELECT pg_advisory_lock(7234918, hashtext(%s))

-- rebuild_done --
SELECT pg_advisory_unlock(7234918, hashtext(%s))
