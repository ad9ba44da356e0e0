DROP TRIGGER token_tells ON token;
DROP TRIGGER account_facility_tells ON account_facility;
DROP TRIGGER account_tells ON account;
DROP FUNCTION account_tells;
