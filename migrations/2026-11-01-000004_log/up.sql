-- The log: every write appends to it, and everything else follows it.
CREATE TABLE import_batch (
    id uuid PRIMARY KEY,
    what text NOT NULL,
    actor text NOT NULL,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    rows bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT import_batch_what_known CHECK (what IN ('facility', 'region', 'demand_point')),
    CONSTRAINT import_batch_rows_counted CHECK (rows >= 0)
);
COMMENT ON TABLE import_batch IS 'One file brought in: its changes stand and fall together.';
COMMENT ON COLUMN import_batch.id IS 'Its number.';
COMMENT ON COLUMN import_batch.what IS 'What the file is about.';
COMMENT ON COLUMN import_batch.actor IS 'Who brought it in.';
COMMENT ON COLUMN import_batch.file_name IS 'The file''s name.';
COMMENT ON COLUMN import_batch.sha256 IS 'Hex SHA-256 of the file''s bytes.';
COMMENT ON COLUMN import_batch.rows IS 'How many rows the file had.';
COMMENT ON COLUMN import_batch.at IS 'When it was brought in.';

CREATE TABLE change (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The time of the statement, not of the transaction. Whoever writes takes its turn before that statement begins,
    -- or says clock_timestamp(): so times stand in the order of seq.
    at timestamptz NOT NULL DEFAULT statement_timestamp(),
    actor text NOT NULL,
    batch uuid REFERENCES import_batch (id),
    entity text NOT NULL,
    key text NOT NULL,
    action text NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT change_entity_known CHECK (entity IN ('facility', 'region', 'demand_point')),
    CONSTRAINT change_action_told CHECK (
        (action = 'created' AND before IS NULL AND after IS NOT NULL)
        OR (action = 'updated' AND before IS NOT NULL AND after IS NOT NULL)
        OR (action = 'deleted' AND before IS NOT NULL AND after IS NULL)
    )
);
CREATE INDEX change_of_record ON change (entity, key, seq);
CREATE INDEX change_batch ON change (batch);
COMMENT ON TABLE change IS 'The log. Its numbers stand in the order in which the changes were committed.';
COMMENT ON COLUMN change.seq IS 'The number of the change.';
COMMENT ON COLUMN change.at IS 'When it was written; stands in the order of seq.';
COMMENT ON COLUMN change.actor IS 'Who, by role.';
COMMENT ON COLUMN change.batch IS 'The file that it came with.';
COMMENT ON COLUMN change.entity IS 'What sort of record it is about.';
COMMENT ON COLUMN change.key IS 'The facility''s id, the region''s code or the demand point''s id.';
COMMENT ON COLUMN change.action IS 'created, updated or deleted.';
COMMENT ON COLUMN change.before IS 'The whole record before.';
COMMENT ON COLUMN change.after IS 'The whole record after.';

-- A number is taken before the commit: without turns, a reader that asks for "after the last I saw" would skip a row that
-- commits late. The trigger runs once a statement and before the first number is taken; the turn ends with the transaction.
CREATE FUNCTION change_take_turn() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(20583, 1) $$;
COMMENT ON FUNCTION change_take_turn IS 'Waits for the turn to write to the log, and keeps it until the transaction ends.';

CREATE FUNCTION change_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM change_take_turn();
    RETURN NULL;
END
$$;
CREATE TRIGGER change_takes_turn BEFORE INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION change_before_insert();

CREATE FUNCTION change_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('change', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER change_wakes_readers AFTER INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION change_after_insert();

CREATE FUNCTION change_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is only ever added to';
END
$$;
CREATE TRIGGER change_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON change
    FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
