-- The log also tells of records that are not drawn on the map.
ALTER TABLE change DROP CONSTRAINT change_entity_known;
ALTER TABLE change ADD CONSTRAINT change_entity_known CHECK (
    entity IN ('facility', 'region', 'demand_point', 'inspection', 'target', 'programme', 'scenario')
);
