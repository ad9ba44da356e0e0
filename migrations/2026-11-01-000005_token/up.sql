-- Tokens of those who may write.
CREATE TABLE token (
    hash bytea PRIMARY KEY,
    holder text NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    CONSTRAINT token_hash_is_sha256 CHECK (octet_length(hash) = 32),
    CONSTRAINT token_role_known CHECK (role IN ('operator', 'manager', 'planner', 'bureau', 'admin'))
);
COMMENT ON TABLE token IS 'Who may write. The token itself is shown once and never stored.';
COMMENT ON COLUMN token.hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN token.holder IS 'Whose it is.';
COMMENT ON COLUMN token.role IS 'What the holder may do.';
COMMENT ON COLUMN token.created_at IS 'When it was made.';
COMMENT ON COLUMN token.expires_at IS 'When it ends; null for one that does not.';
