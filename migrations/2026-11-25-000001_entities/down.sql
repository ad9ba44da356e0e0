ALTER TABLE change DROP CONSTRAINT change_entity_known;
-- NOT VALID: lines of the log about newer sorts of record stay.
ALTER TABLE change ADD CONSTRAINT change_entity_known CHECK (entity IN ('facility', 'region', 'demand_point')) NOT VALID;
