DROP INDEX change_facility_removed;
