DROP TABLE idempotency;
ALTER TABLE change DROP COLUMN request;
DROP TABLE change_request;
