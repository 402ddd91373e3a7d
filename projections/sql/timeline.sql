-- create --
CREATE TABLE {table} (
    pairing text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    type text NOT NULL,
    step text NOT NULL,
    sentence text NOT NULL
)

-- index --
ALTER TABLE {table} ADD PRIMARY KEY (pairing, version)

-- load --
SELECT last.pairing, last.version, last.position, last.step
FROM unnest(%s::text[]) AS asked (pairing)
CROSS JOIN LATERAL (
    SELECT t.pairing, t.version, t.position, t.step FROM {table} t WHERE t.pairing = asked.pairing
    ORDER BY t.version DESC LIMIT 1
) AS last

-- copy --
COPY {table} FROM STDIN
