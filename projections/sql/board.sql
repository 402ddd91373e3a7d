-- create --
CREATE TABLE {table} (
    pairing text COLLATE "C" NOT NULL,
    programme text COLLATE "C" NOT NULL,
    mentor text COLLATE "C" NOT NULL,
    protege text COLLATE "C" NOT NULL,
    replaces text COLLATE "C",
    state text NOT NULL,
    step text NOT NULL,
    step_number smallint,
    health text NOT NULL,
    next_due_on date,
    next_due_kind text,
    flags text[] NOT NULL,
    proposed_on date NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    ended_on date,
    due_at timestamptz,
    at timestamptz NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    standing json NOT NULL,
    mark bytea NOT NULL,
    account bytea NOT NULL,
    said bytea,
    figures bytea NOT NULL
)

-- index --
ALTER TABLE {table} ADD PRIMARY KEY (pairing);
CREATE INDEX ON {table} (programme, pairing);
CREATE INDEX ON {table} (programme, position);
CREATE INDEX ON {table} (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ON {table} (mentor);
CREATE INDEX ON {table} (protege)

-- load --
SELECT pairing, version, position, figures FROM {table} WHERE pairing = ANY (%s::text[])

-- clear --
DELETE FROM {table} WHERE pairing = ANY (%s::text[])

-- copy --
COPY {table} FROM STDIN
