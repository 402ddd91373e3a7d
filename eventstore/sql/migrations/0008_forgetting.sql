-- Forgetting a person, and putting a new master key in the place of the old: the only ways in which a key ever changes.
--
-- Both run with the rights of the owner, so that whoever takes facts in needs no right to change what is there.

CREATE FUNCTION pairway.forget(
    p_streams text[], p_revisions bigint[], p_participant text, p_keys text[],
    p_type text, p_at timestamptz, p_recorded_at timestamptz, p_actor text, p_source text, p_id text, p_data bytea,
    p_rest bigint[], p_rest_bodies bytea[], p_refused bigint[], p_why text, p_emptied bigint[],
    OUT conflicts text[], OUT seq bigint, OUT destroyed text[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    participant pairway.stream;
BEGIN
    INSERT INTO pairway.stream (stream)
    SELECT u.stream FROM unnest(p_streams, p_revisions) WITH ORDINALITY AS u (stream, revision, ord)
    WHERE u.revision = 0 ORDER BY u.ord
    ON CONFLICT DO NOTHING;

    -- sorted like every append's, so that no two wait for each other crosswise
    SELECT coalesce(array_agg(l.stream) FILTER (WHERE l.revision <> l.expected), '{}') INTO conflicts
    FROM (SELECT s.stream, s.revision, u.expected
          FROM unnest(p_streams, p_revisions) WITH ORDINALITY AS u (stream, expected, ord)
          JOIN pairway.stream s ON s.stream = u.stream
          ORDER BY u.ord FOR NO KEY UPDATE OF s) l;
    IF conflicts <> '{}' THEN
        RETURN;
    END IF;

    -- whoever holds one of these streams in memory, with its key, is told to read it again
    UPDATE pairway.stream s SET revision = s.revision + 1 WHERE s.stream = ANY (p_streams);

    -- a key that was never made is destroyed too: it is not to be made any more
    INSERT INTO pairway.subject_key (stream, wrapped, destroyed_at)
    SELECT u.stream, NULL, p_recorded_at FROM unnest(p_keys) AS u (stream) ORDER BY u.stream
    ON CONFLICT DO NOTHING;
    WITH gone AS (
        UPDATE pairway.subject_key k SET wrapped = NULL, destroyed_at = p_recorded_at
        WHERE k.stream = ANY (p_keys) AND k.wrapped IS NOT NULL
        RETURNING k.stream
    )
    SELECT coalesce(array_agg(g.stream ORDER BY g.stream), '{}') INTO destroyed FROM gone g;

    UPDATE pairway.inbox b SET body = u.body
    FROM unnest(p_rest, p_rest_bodies) AS u (arrival, body)
    WHERE b.arrival = u.arrival AND b.disposition = 'parked';
    UPDATE pairway.inbox b SET disposition = 'refused', reason = p_why, waits_for = NULL
    WHERE b.arrival = ANY (p_refused) AND b.disposition = 'parked';
    UPDATE pairway.inbox b SET body = '' WHERE b.arrival = ANY (p_emptied);
    -- what was wrong with a fact may quote it
    UPDATE pairway.inbox b
    SET errors = (SELECT json_agg(json_build_object('field', e.error ->> 'field', 'reason', '(withheld)') ORDER BY e.ord)
                  FROM json_array_elements(b.errors) WITH ORDINALITY AS e (error, ord))
    WHERE b.errors IS NOT NULL AND (b.stream = ANY (p_keys) OR b.arrival = ANY (p_emptied));

    SELECT * INTO participant FROM pairway.stream s WHERE s.stream = p_participant;
    IF participant.version = 0 THEN
        UPDATE pairway.stream s SET barred = true WHERE s.stream = p_participant;
    ELSIF p_type IS NOT NULL THEN
        UPDATE pairway.stream s SET version = s.version + 1, last_at = greatest(s.last_at, p_at)
        WHERE s.stream = p_participant;
        INSERT INTO pairway.event
            (programme, stream, version, type, at, recorded_at, actor, cause_source, cause_id, correlation, data)
        VALUES (participant.programme, p_participant, participant.version + 1, p_type, p_at, p_recorded_at, p_actor,
                p_source, p_id, NULL, p_data)
        RETURNING event.seq INTO seq;
    END IF;
    PERFORM pg_notify('pairway_keys', 'forgotten');
END
$$;

COMMENT ON FUNCTION pairway.forget IS
    'Destroys the keys of a person, and records that it was done; all of it or, where a revision is stale, nothing.';

CREATE FUNCTION pairway.rewrap_keys(p_streams text[], p_before bytea[], p_after bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed bigint;
BEGIN
    -- one that was destroyed or wrapped anew meanwhile is not the one that was read, and stays as it is
    UPDATE pairway.subject_key k SET wrapped = u.after
    FROM unnest(p_streams, p_before, p_after) AS u (stream, before, after)
    WHERE k.stream = u.stream AND k.wrapped = u.before;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;

COMMENT ON FUNCTION pairway.rewrap_keys IS
    'Puts keys that are wrapped with a new master key in the place of the same keys wrapped with the one before.';
