-- Names of accounts that look the same are the same; browsers in which somebody has signed in are known again.
DO $$ BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database must be in UTF8, to compare names';
    END IF;
END $$;

ALTER TABLE account ADD COLUMN folded text CONSTRAINT account_folded_unique UNIQUE;
COMMENT ON COLUMN account.folded IS 'The name as it is compared: compatible forms and cases are one (NFKC, small letters). Null for an account whose name looks like that of an older one: it is found by its exact name only.';
-- Of those that look the same already, the oldest open one has the name; "account list" tells of the others.
UPDATE account SET folded = first.folded
FROM (SELECT DISTINCT ON (lower(normalize(name, NFKC))) id, lower(normalize(name, NFKC)) AS folded
      FROM account ORDER BY lower(normalize(name, NFKC)), (closed_at IS NOT NULL), made_at, id) AS first
WHERE account.id = first.id AND octet_length(first.folded) <= 1000;

CREATE TABLE recognised_browser (
    hash bytea NOT NULL,
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hash, account),
    CONSTRAINT recognised_browser_hash_is_sha256 CHECK (octet_length(hash) = 32)
);
CREATE INDEX recognised_browser_account ON recognised_browser (account);
COMMENT ON TABLE recognised_browser IS 'Browsers in which somebody has signed in: what others try on the same name or from the same address does not slow them down. They are signed in by nothing but the password.';
COMMENT ON COLUMN recognised_browser.hash IS 'SHA-256 of the secret in the browser''s cookie.';
COMMENT ON COLUMN recognised_browser.account IS 'The account that was signed in to.';
COMMENT ON COLUMN recognised_browser.seen_at IS 'When that was last done.';

DELETE FROM failed_sign_in;
CREATE INDEX failed_sign_in_last_at ON failed_sign_in (last_at);
COMMENT ON TABLE failed_sign_in IS 'Wrong passwords in a row, by name and address, by name, by address and by recognised browser, so that guessing slows down.';
COMMENT ON COLUMN failed_sign_in.subject IS 'pair:HASH of name and address, name:HASH, address:IP, or browser:HASH of name and browser.';
