-- NOT VALID: lines of the log and batches about newer sorts of record stay.
ALTER TABLE import_batch DROP CONSTRAINT import_batch_what_known;
ALTER TABLE import_batch ADD CONSTRAINT import_batch_what_known CHECK (what IN ('facility', 'region', 'demand_point')) NOT VALID;
ALTER TABLE change DROP CONSTRAINT change_entity_known;
ALTER TABLE change ADD CONSTRAINT change_entity_known CHECK (
    entity IN ('facility', 'region', 'demand_point', 'inspection', 'target', 'programme', 'scenario')
) NOT VALID;
DROP TABLE claim;
DROP TABLE programme_figure;
DROP TABLE target;
