-- create --
CREATE TABLE {table} (
    pairing text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    type text NOT NULL,
    kind text,
    number integer,
    day date,
    met_on date,
    by text,
    satisfaction smallint,
    progress smallint,
    late boolean,
    detail text
)

-- index --
ALTER TABLE {table} ADD PRIMARY KEY (pairing, version);
CREATE INDEX ON {table} (type)

-- load --
SELECT asked.pairing FROM unnest(%s::text[]) AS asked (pairing) WHERE false

-- copy --
COPY {table} FROM STDIN
