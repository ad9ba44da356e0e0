-- A bureau's own groups of people, and whether a region is urban or rural.
CREATE TABLE people_group (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    source text,
    rank integer NOT NULL,
    -- A code stands beside our own columns in files, and behind commas in addresses.
    CONSTRAINT people_group_code_usable CHECK (
        code ~ '^[a-z][a-z0-9_]{0,39}$' AND code !~ '^group_'
        AND code NOT IN ('region', 'lon', 'lat', 'total', 'aged_60', 'aged_80', 'as_of', 'source', 'demo')
    )
);
COMMENT ON TABLE people_group IS 'Groups of people that a bureau counts for itself. Rows, so that a bureau can add its own.';
COMMENT ON COLUMN people_group.code IS 'The word for it in files, addresses and JSON.';
COMMENT ON COLUMN people_group.name_zh IS 'Chinese name.';
COMMENT ON COLUMN people_group.name_en IS 'English name.';
COMMENT ON COLUMN people_group.source IS 'Where the group is defined; null where nobody has said.';
COMMENT ON COLUMN people_group.rank IS 'Order in lists.';

INSERT INTO people_group (rank, code, name_zh, name_en, source) VALUES
    (1, 'living_alone', '独居老人', 'Elders living alone', NULL),
    (2, 'empty_nest', '空巢老人', 'Elders without children at home', NULL),
    (3, 'disabled', '失能老人', 'Elders who depend on care', '老年人能力评估规范 GB/T 42195-2022（待确认 to be confirmed）'),
    (4, 'low_income', '低保对象', 'People on minimum living allowance', '社会救助暂行办法（国务院令第649号，待确认 to be confirmed）');

-- In one column of the point's own row, null where none is told: most points tell none, and whoever reads the row has all.
CREATE FUNCTION groups_fit(groups jsonb, total integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(groups) <> 'object' OR groups = '{}' THEN false ELSE NOT EXISTS (
        SELECT 1 FROM jsonb_each_text(groups) AS told (code, people)
        WHERE CASE
            WHEN people IS NULL OR people !~ '^[0-9]{1,10}$' THEN true
            ELSE people::bigint > coalesce(total, 2147483647)
        END
    ) END
$$;
COMMENT ON FUNCTION groups_fit IS 'Whether each group is a whole number and no more than all people.';
ALTER TABLE demand_point ADD COLUMN groups jsonb;
ALTER TABLE demand_point
    ADD CONSTRAINT demand_point_groups_fit CHECK (groups IS NULL OR groups_fit(groups, total));
COMMENT ON COLUMN demand_point.groups IS 'People of the bureau''s own groups, {code: people}; null where none is told.';

-- What a foreign key would keep if it could look into the column.
CREATE FUNCTION demand_point_knows_groups() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unknown text;
BEGIN
    SELECT told INTO unknown FROM jsonb_object_keys(NEW.groups) AS told
    WHERE NOT EXISTS (SELECT 1 FROM people_group WHERE code = told) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no group %', unknown USING
            ERRCODE = 'foreign_key_violation', CONSTRAINT = 'demand_point_groups_known',
            DETAIL = format('Key (groups)=(%s) is not present in table "people_group".', unknown);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION demand_point_knows_groups IS 'Refuses a group that the vocabulary does not know.';
CREATE TRIGGER demand_point_knows_groups BEFORE INSERT OR UPDATE OF groups ON demand_point
    FOR EACH ROW WHEN (jsonb_typeof(NEW.groups) = 'object') EXECUTE FUNCTION demand_point_knows_groups();

CREATE FUNCTION people_group_is_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM demand_point WHERE groups ? OLD.code) THEN
        RAISE EXCEPTION 'people are counted in the group %', OLD.code USING
            ERRCODE = 'foreign_key_violation', CONSTRAINT = 'people_group_in_use';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
COMMENT ON FUNCTION people_group_is_unused IS 'Refuses to remove or rename a group that a demand point tells.';
CREATE TRIGGER people_group_goes BEFORE DELETE ON people_group
    FOR EACH ROW EXECUTE FUNCTION people_group_is_unused();
CREATE TRIGGER people_group_renamed BEFORE UPDATE OF code ON people_group
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION people_group_is_unused();

ALTER TABLE region ADD COLUMN class text CONSTRAINT region_class_known CHECK (class IN ('urban', 'rural'));
COMMENT ON COLUMN region.class IS 'urban or rural, as the bureau tells it; null: that of the nearest region above that has one.';
