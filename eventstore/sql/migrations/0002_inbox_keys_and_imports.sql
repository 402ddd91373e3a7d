-- What came in, the keys that open it, the promises that hold across streams, and the imports for which time stands still.

CREATE TABLE pairway.import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    digest bytea,
    opened_at timestamptz NOT NULL,
    finished_at timestamptz,
    abandoned_at timestamptz,
    lines_done bigint NOT NULL DEFAULT 0,
    CHECK (finished_at IS NULL OR abandoned_at IS NULL)
);

CREATE UNIQUE INDEX import_open ON pairway.import (name) WHERE finished_at IS NULL AND abandoned_at IS NULL;

CREATE TABLE pairway.import_programme (
    import_id bigint NOT NULL REFERENCES pairway.import (id),
    programme text COLLATE "C" NOT NULL,
    PRIMARY KEY (import_id, programme)
);

CREATE INDEX import_programme_held ON pairway.import_programme (programme);

COMMENT ON TABLE pairway.import_programme IS 'The programmes that workers leave alone while the import is open.';

CREATE TABLE pairway.inbox (
    arrival bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C",
    id text COLLATE "C",
    type text COLLATE "C",
    subject text COLLATE "C",
    stream text COLLATE "C",
    programme text COLLATE "C",
    received_at timestamptz NOT NULL,
    time timestamptz,
    body bytea NOT NULL,
    disposition text COLLATE "C" NOT NULL CHECK (disposition IN ('accepted', 'parked', 'refused', 'invalid')),
    reason text,
    errors json,
    waits_for text COLLATE "C",
    import_id bigint,
    line bigint,
    arrived_as text COLLATE "C" NOT NULL,
    CHECK (disposition = 'invalid' OR (source IS NOT NULL AND id IS NOT NULL)),
    CHECK ((disposition = 'parked') = (waits_for IS NOT NULL))
) WITH (fillfactor = 90);

COMMENT ON COLUMN pairway.inbox.body IS 'The fact as it came, under the key of its stream, or under the key "inbox".';

COMMENT ON COLUMN pairway.inbox.arrived_as IS 'Its disposition on arrival, which what becomes of it later does not change.';
COMMENT ON COLUMN pairway.inbox.line IS 'Which fact of its import it was, counted from 1.';

CREATE UNIQUE INDEX inbox_once ON pairway.inbox (source, id) WHERE disposition <> 'invalid';
CREATE INDEX inbox_waiting ON pairway.inbox (waits_for, arrival) WHERE disposition = 'parked';
CREATE INDEX inbox_rest ON pairway.inbox (disposition, arrival) WHERE disposition <> 'accepted';
CREATE INDEX inbox_stream ON pairway.inbox (stream);

CREATE TABLE pairway.subject_key (
    stream text COLLATE "C" PRIMARY KEY,
    wrapped bytea,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

COMMENT ON TABLE pairway.subject_key IS 'A destroyed key keeps its row, so that it is never made again.';

CREATE TABLE pairway.claim (
    claim text COLLATE "C" PRIMARY KEY,
    stream text COLLATE "C" NOT NULL
);

COMMENT ON TABLE pairway.claim IS 'What only one stream may hold, whoever asks first.';
