-- The servers that run on this record, so that a command knows when what it wrote can be seen.
CREATE TABLE server (
    id uuid PRIMARY KEY,
    backend integer NOT NULL,
    revision bigint NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT server_revision_counts CHECK (revision >= 0)
);
COMMENT ON TABLE server IS 'The servers that run on this record; each writes its row every two seconds, which also shows that the record can be written.';
COMMENT ON COLUMN server.id IS 'Drawn anew at each start.';
COMMENT ON COLUMN server.backend IS 'The process of the database that the server writes this row through; without it the server has ended.';
COMMENT ON COLUMN server.revision IS 'The number of the last change that the server shows.';
COMMENT ON COLUMN server.started_at IS 'When it started.';
COMMENT ON COLUMN server.seen_at IS 'When it wrote this row last.';
