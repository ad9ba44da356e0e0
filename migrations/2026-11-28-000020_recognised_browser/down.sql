DELETE FROM failed_sign_in;
DROP INDEX failed_sign_in_last_at;
COMMENT ON TABLE failed_sign_in IS 'Wrong passwords in a row, by account and by address, so that guessing slows down.';
COMMENT ON COLUMN failed_sign_in.subject IS 'account:NAME or address:IP.';
DROP TABLE recognised_browser;
ALTER TABLE account DROP COLUMN folded;
