-- Whoever keeps in memory who may do what hears at once that it has changed.
CREATE FUNCTION account_tells() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('account', '');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION account_tells IS 'Tells that tokens or accounts have changed.';
CREATE TRIGGER account_tells AFTER INSERT OR UPDATE OR DELETE ON account FOR EACH STATEMENT EXECUTE FUNCTION account_tells();
CREATE TRIGGER account_facility_tells AFTER INSERT OR UPDATE OR DELETE ON account_facility
    FOR EACH STATEMENT EXECUTE FUNCTION account_tells();
CREATE TRIGGER token_tells AFTER INSERT OR UPDATE OR DELETE ON token FOR EACH STATEMENT EXECUTE FUNCTION account_tells();
