DROP INDEX change_facility_made;
DROP INDEX change_of_status;
