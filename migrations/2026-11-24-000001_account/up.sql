-- Accounts, the sessions and tokens that stand for them, and the doors that close after too many wrong passwords.
CREATE TABLE account (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT account_name_unique UNIQUE,
    role text NOT NULL,
    region text REFERENCES region (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    password text,
    made_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    CONSTRAINT account_name_written CHECK (name <> ''),
    CONSTRAINT account_role_known CHECK (role IN ('manager', 'planner', 'bureau', 'admin')),
    CONSTRAINT account_bureau_has_region CHECK (role <> 'bureau' OR region IS NOT NULL)
);
CREATE INDEX account_region ON account (region);
COMMENT ON TABLE account IS 'Who may sign in.';
COMMENT ON COLUMN account.id IS 'Its number.';
COMMENT ON COLUMN account.name IS 'The name to sign in with.';
COMMENT ON COLUMN account.role IS 'manager, planner, bureau or admin.';
COMMENT ON COLUMN account.region IS 'The region that the role reaches over, with everything below it; null: everything, or (manager) the named facilities.';
COMMENT ON COLUMN account.password IS 'Argon2id hash with its parameters and salt; null where only tokens may be used.';
COMMENT ON COLUMN account.made_at IS 'When it was made.';
COMMENT ON COLUMN account.closed_at IS 'When it was closed; null while it is open.';

CREATE TABLE account_facility (
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    facility uuid NOT NULL REFERENCES facility (id) ON DELETE CASCADE,
    PRIMARY KEY (account, facility)
);
CREATE INDEX account_facility_facility ON account_facility (facility);
COMMENT ON TABLE account_facility IS 'The facilities that a manager keeps.';
COMMENT ON COLUMN account_facility.account IS 'The manager.';
COMMENT ON COLUMN account_facility.facility IS 'A facility of theirs.';

CREATE TABLE session (
    hash bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    began_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT session_hash_is_sha256 CHECK (octet_length(hash) = 32)
);
CREATE INDEX session_account ON session (account);
COMMENT ON TABLE session IS 'Browsers that are signed in. The secret itself is only in the browser''s cookie.';
COMMENT ON COLUMN session.hash IS 'SHA-256 of the secret.';
COMMENT ON COLUMN session.account IS 'Whose it is.';
COMMENT ON COLUMN session.began_at IS 'When it began; it ends some days later whatever happens.';
COMMENT ON COLUMN session.seen_at IS 'When it was last used (to some minutes); it ends some hours later.';

CREATE TABLE failed_sign_in (
    subject text PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT failed_sign_in_counted CHECK (failures > 0)
);
COMMENT ON TABLE failed_sign_in IS 'Wrong passwords in a row, by account and by address, so that guessing slows down.';
COMMENT ON COLUMN failed_sign_in.subject IS 'account:NAME or address:IP.';
COMMENT ON COLUMN failed_sign_in.failures IS 'How many in a row.';
COMMENT ON COLUMN failed_sign_in.last_at IS 'When the last one was.';

ALTER TABLE token ADD COLUMN account uuid REFERENCES account (id) ON DELETE CASCADE;
ALTER TABLE token ADD COLUMN scope text NOT NULL DEFAULT 'write'
    CONSTRAINT token_scope_known CHECK (scope IN ('read', 'write'));
CREATE INDEX token_account ON token (account);
COMMENT ON COLUMN token.account IS 'The account that it stands for; null for the operator''s.';
COMMENT ON COLUMN token.scope IS 'read or write: never more than the account may.';
