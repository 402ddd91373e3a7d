-- The log: streams, their events, and the one global order in which they were sealed.

CREATE TABLE pairway.stream (
    stream text COLLATE "C" PRIMARY KEY,
    programme text COLLATE "C",
    version integer NOT NULL DEFAULT 0,
    revision bigint NOT NULL DEFAULT 0,
    barred boolean NOT NULL DEFAULT false,
    last_at timestamptz
) WITH (fillfactor = 70);

COMMENT ON TABLE pairway.stream IS
    'One row a stream: writers lock it and compare its revision. A row at revision 0 says no more than no row.';
COMMENT ON COLUMN pairway.stream.version IS 'How many events the stream has.';
COMMENT ON COLUMN pairway.stream.revision IS
    'Rises with every append to the stream and with every change to what waits for it.';
COMMENT ON COLUMN pairway.stream.barred IS 'Facts about this subject are refused until it exists.';

CREATE TABLE pairway.event (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    programme text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    type text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    cause_source text COLLATE "C" NOT NULL,
    cause_id text COLLATE "C" NOT NULL,
    correlation text,
    data bytea NOT NULL,
    CONSTRAINT event_version_once UNIQUE (stream, version)
);

COMMENT ON COLUMN pairway.event.xid IS 'The transaction that wrote it: by this a seal knows what it has not seen yet.';
COMMENT ON COLUMN pairway.event.data IS 'JSON as it was written, never jsonb: what is hashed is what is stored.';

CREATE INDEX event_xid ON pairway.event (xid);
CREATE INDEX event_cause ON pairway.event (cause_source, cause_id);
CREATE INDEX event_programme ON pairway.event (programme);

CREATE TABLE pairway.position (
    position bigint PRIMARY KEY,
    seq bigint NOT NULL UNIQUE
);

COMMENT ON TABLE pairway.position IS 'The global order: 1 to N without holes; a position never moves.';

CREATE TABLE pairway.seal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    snapshot pg_snapshot NOT NULL,
    cluster bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON COLUMN pairway.seal.cluster IS
    'The server that counted the transactions of this snapshot; the numbers mean nothing on another.';

CREATE FUNCTION pairway.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the record is append-only, and what was recorded stays as it was recorded.',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Put it right with a new fact; forget a person by destroying their key.';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pairway.event
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pairway.position
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pairway.seal
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();

CREATE TABLE pairway.checkpoint (
    name text PRIMARY KEY,
    position bigint NOT NULL
);

COMMENT ON TABLE pairway.checkpoint IS 'How far each reader of the sealed log has come.';
