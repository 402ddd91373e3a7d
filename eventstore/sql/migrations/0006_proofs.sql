-- The proofs: the hashes of the tree over the sealed order, in tiles, and the checkpoints signed for it.

CREATE TABLE pairway.tile (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);

-- hashes do not compress, and a part of one that is stored apart as it is can be read by itself
ALTER TABLE pairway.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE pairway.tile IS
    'Tiles as C2SP tlog-tiles has them: up to 256 hashes of a level; a narrower one is the beginning of the wider.';

CREATE TABLE pairway.signed_checkpoint (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL CHECK (size >= 0),
    note text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL
);

CREATE INDEX signed_checkpoint_size ON pairway.signed_checkpoint (size, id);

COMMENT ON COLUMN pairway.signed_checkpoint.note IS 'A C2SP signed note: origin, size and root, and the signature.';

CREATE TABLE pairway.key_handover (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL
);

COMMENT ON TABLE pairway.key_handover IS 'Notes in which a signing key vouches for the one before it.';

CREATE FUNCTION pairway.refuse_other_hashes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.level <> OLD.level OR NEW.index <> OLD.index
       OR substr(NEW.hashes, 1, octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'UPDATE on %.% is refused: a tile only grows, its hashes stay as they are.',
            TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER grows_only BEFORE UPDATE ON pairway.tile
    FOR EACH ROW EXECUTE FUNCTION pairway.refuse_other_hashes();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON pairway.tile
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pairway.signed_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pairway.key_handover
    FOR EACH STATEMENT EXECUTE FUNCTION pairway.refuse_change();

-- Whoever makes checkpoints needs no right on the tables but to read them, and these three.
CREATE FUNCTION pairway.keep_tiles(p_levels smallint[], p_indexes bigint[], p_hashes bytea[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO pairway.tile (level, index, hashes)
    SELECT u.level, u.index, u.hashes FROM unnest(p_levels, p_indexes, p_hashes) AS u (level, index, hashes)
    ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
$$;

CREATE FUNCTION pairway.keep_checkpoint(p_size bigint, p_note text, p_made_at timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO pairway.signed_checkpoint (size, note, made_at) VALUES (p_size, p_note, p_made_at)
$$;

CREATE FUNCTION pairway.keep_handover(p_note text, p_made_at timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO pairway.key_handover (note, made_at) VALUES (p_note, p_made_at)
$$;
