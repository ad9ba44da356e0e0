-- Which log this is. A number alone does not say: after a failover to a copy that lacked the last changes, or after a backup was
-- restored, the same numbers are given to other changes.
CREATE TABLE log_identity (
    one boolean PRIMARY KEY DEFAULT true,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT log_identity_is_one CHECK (one)
);
INSERT INTO log_identity DEFAULT VALUES;
COMMENT ON TABLE log_identity IS 'The identity of the log: one row.';
COMMENT ON COLUMN log_identity.one IS 'Always true: there is one row.';
COMMENT ON COLUMN log_identity.id IS 'A random number. A server that finds changes lost draws another.';

-- A physical copy has the same row, but it goes on in another timeline; a restored dump is in another cluster.
CREATE FUNCTION current_log() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT md5(
        log_identity.id || ' ' || control.system_identifier || ' '
        || CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
    )::uuid
    FROM log_identity, pg_control_system() AS control
$$;
COMMENT ON FUNCTION current_log IS 'The identity of the log as others see it: it changes when the database was promoted, restored or found to have lost changes.';
