-- create --
CREATE TABLE {table} (
    programme text COLLATE "C" NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL,
    starts_on date NOT NULL,
    timezone text NOT NULL,
    closed boolean NOT NULL,
    at timestamptz NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    figures bytea NOT NULL
)

-- index --
ALTER TABLE {table} ADD PRIMARY KEY (programme)

-- load --
SELECT programme, version, position, figures FROM {table} WHERE programme = ANY (%s::text[])

-- clear --
DELETE FROM {table} WHERE programme = ANY (%s::text[])

-- copy --
COPY {table} FROM STDIN
