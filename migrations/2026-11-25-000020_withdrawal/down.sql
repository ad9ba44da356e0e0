DROP INDEX change_withdrawn;
ALTER TABLE change DROP COLUMN reason;
