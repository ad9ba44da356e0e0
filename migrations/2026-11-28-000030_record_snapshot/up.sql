-- Snapshots of the record, so that a past day is read from the one before it and not from the whole log.
CREATE TABLE record_snapshot (
    revision bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    records bigint NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT record_snapshot_counted CHECK (revision > 0 AND records >= 0 AND bytes >= 0)
);
COMMENT ON TABLE record_snapshot IS 'The record as it stood after a change; follows from the log and can be deleted at any time.';
COMMENT ON COLUMN record_snapshot.revision IS 'The number of the last change that it knows.';
COMMENT ON COLUMN record_snapshot.at IS 'When that change was written.';
COMMENT ON COLUMN record_snapshot.records IS 'How many records it holds.';
COMMENT ON COLUMN record_snapshot.bytes IS 'How large its parts are together.';

CREATE TABLE record_snapshot_part (
    revision bigint NOT NULL REFERENCES record_snapshot (revision) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    number integer NOT NULL,
    entity text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (revision, number),
    CONSTRAINT record_snapshot_part_known CHECK (number >= 0 AND entity IN ('facility', 'region', 'demand_point'))
);
-- It is compressed already.
ALTER TABLE record_snapshot_part ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE record_snapshot_part IS 'A part of a snapshot: records of one sort, in the order of their keys.';
COMMENT ON COLUMN record_snapshot_part.revision IS 'The snapshot.';
COMMENT ON COLUMN record_snapshot_part.number IS 'Its place in the snapshot, from 0.';
COMMENT ON COLUMN record_snapshot_part.entity IS 'What sort of records it holds.';
COMMENT ON COLUMN record_snapshot_part.body IS 'Keys and JSON, each after its length in 4 bytes, deflated.';
