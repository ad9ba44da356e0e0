-- Which facilities were made, or changed their status, since a day: few lines of the log, found without reading it all.
CREATE INDEX change_of_status ON change (at)
    WHERE entity = 'facility' AND action = 'updated' AND before -> 'status' IS DISTINCT FROM after -> 'status';
CREATE INDEX change_facility_made ON change (at) WHERE entity = 'facility' AND action = 'created';
