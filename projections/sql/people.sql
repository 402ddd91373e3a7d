-- create --
CREATE TABLE {table} (
    participant text COLLATE "C" NOT NULL,
    programme text COLLATE "C" NOT NULL,
    role text NOT NULL,
    person text NOT NULL,
    status text NOT NULL,
    department text,
    capacity integer,
    active_pairings text[] NOT NULL,
    name_sealed_by text,
    name text,
    email_sealed_by text,
    email text,
    at timestamptz NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    figures bytea NOT NULL
)

-- index --
ALTER TABLE {table} ADD PRIMARY KEY (participant);
CREATE INDEX ON {table} (programme, role, participant)

-- load --
SELECT participant, version, position, figures FROM {table} WHERE participant = ANY (%s::text[])

-- clear --
DELETE FROM {table} WHERE participant = ANY (%s::text[])

-- copy --
COPY {table} FROM STDIN
