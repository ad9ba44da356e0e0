-- Removed facilities: every import asks which there are.
CREATE INDEX change_facility_removed ON change (seq) WHERE entity = 'facility' AND action = 'deleted';
