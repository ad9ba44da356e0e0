ALTER TABLE region DROP COLUMN class;
DROP TRIGGER demand_point_knows_groups ON demand_point;
ALTER TABLE demand_point DROP CONSTRAINT demand_point_groups_fit;
ALTER TABLE demand_point DROP COLUMN groups;
DROP TABLE people_group;
DROP FUNCTION people_group_is_unused();
DROP FUNCTION demand_point_knows_groups();
DROP FUNCTION groups_fit(jsonb, integer);
