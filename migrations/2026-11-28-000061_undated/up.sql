-- Undated figures: a list that does not say of when its figures are leaves them stale until somebody does.
ALTER TABLE capacity ADD COLUMN undated boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN capacity.undated IS 'Nobody has said of when the figures are; as_of is then when they came in.';
COMMENT ON COLUMN capacity.as_of IS 'When the figures were so; of undated ones when they came in.';
CREATE OR REPLACE FUNCTION capacity_print(
    marked uuid[], seen bigint[], versions bigint[], times timestamptz[],
    told_facility uuid[], told_measure text[], totals int[], nursings int[], occupieds int[], as_ofs timestamptz[], sources text[],
    gone_facility uuid[], gone_measure text[],
    actors text[], keys uuid[], befores jsonb[], afters jsonb[]
) RETURNS TABLE (written bigint, written_at timestamptz, written_key text, head bigint) LANGUAGE plpgsql AS $$
DECLARE
    held uuid[];
    last bigint;
BEGIN
    -- In the order of ids, as everybody takes them; whose row is kept by somebody else, or was overtaken, is left alone.
    SELECT array_agg(kept.id) INTO held FROM (
        SELECT facility.id FROM facility JOIN unnest(marked, seen) AS saw (id, version) USING (id, version)
        ORDER BY facility.id FOR UPDATE OF facility SKIP LOCKED
    ) AS kept;
    IF held IS NULL THEN
        RETURN;
    END IF;
    IF cardinality(gone_facility) > 0 THEN
        DELETE FROM capacity USING unnest(gone_facility, gone_measure) AS gone (facility, measure)
        WHERE capacity.facility = gone.facility AND capacity.measure = gone.measure AND gone.facility = ANY (held);
    END IF;
    INSERT INTO capacity (facility, measure, total, nursing, occupied, as_of, source)
    SELECT told.* FROM unnest(told_facility, told_measure, totals, nursings, occupieds, as_ofs, sources) AS told (facility)
    WHERE told.facility = ANY (held)
    ON CONFLICT (facility, measure) DO UPDATE SET total = excluded.total, nursing = excluded.nursing,
        occupied = excluded.occupied, as_of = excluded.as_of, source = excluded.source, undated = false;
    UPDATE facility SET version = now.version, updated_at = now.updated_at
    FROM unnest(marked, versions, times) AS now (id, version, updated_at)
    WHERE facility.id = now.id AND now.id = ANY (held);
    -- The log comes last: from its turn to the end of the transaction, every other writer waits. A statement of its own: the
    -- next one must see what was committed while this one waited.
    PERFORM change_take_turn();
    SELECT coalesce(max(seq), 0) INTO last FROM change;
    RETURN QUERY
    INSERT INTO change (at, actor, entity, key, action, before, after)
    SELECT clock_timestamp(), told.actor, 'facility', told.key::text, 'updated', told.before, told.after
    FROM unnest(actors, keys, befores, afters) WITH ORDINALITY AS told (actor, key, before, after, place)
    WHERE told.key = ANY (held) ORDER BY told.place
    RETURNING change.seq, change.at, change.key, last;
END
$$;
