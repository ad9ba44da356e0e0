ALTER TABLE token DROP COLUMN scope;
ALTER TABLE token DROP COLUMN account;
DROP TABLE failed_sign_in;
DROP TABLE session;
DROP TABLE account_facility;
DROP TABLE account;
