ALTER TABLE change DROP COLUMN becomes;
