DROP FUNCTION current_log;
DROP TABLE log_identity;
