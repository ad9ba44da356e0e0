ALTER TABLE facility DROP COLUMN dossier;
ALTER TABLE rating DROP COLUMN issuer;
DROP TABLE licence_type;
