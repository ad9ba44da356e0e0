-- Change requests: what somebody who is not the bureau wishes to change, until the bureau decides field by field.
CREATE TABLE change_request (
    id uuid PRIMARY KEY,
    facility uuid NOT NULL,
    account uuid REFERENCES account (id) ON DELETE SET NULL,
    actor text NOT NULL,
    based_on bigint NOT NULL,
    was jsonb NOT NULL,
    wished jsonb NOT NULL,
    note text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL DEFAULT 'pending',
    decided_at timestamptz,
    decided_by text,
    decision jsonb,
    CONSTRAINT change_request_wishes CHECK (jsonb_typeof(wished) = 'object' AND wished <> '{}'),
    CONSTRAINT change_request_state_known CHECK (state IN ('pending', 'decided', 'withdrawn')),
    CONSTRAINT change_request_decided_whole CHECK (
        (state = 'pending') = (decided_at IS NULL) AND (state = 'decided') = (decision IS NOT NULL)
        AND num_nulls(decided_at, decided_by) IN (0, 2)
    )
);
-- No foreign key: a request outlives the facility that it was about, like the log.
CREATE INDEX change_request_facility ON change_request (facility);
CREATE INDEX change_request_account ON change_request (account);
CREATE INDEX change_request_pending ON change_request (at) WHERE state = 'pending';
COMMENT ON TABLE change_request IS 'Wishes to change a facility, each decided field by field in one transaction.';
COMMENT ON COLUMN change_request.id IS 'Its number.';
COMMENT ON COLUMN change_request.facility IS 'The facility.';
COMMENT ON COLUMN change_request.account IS 'Who asks.';
COMMENT ON COLUMN change_request.actor IS 'Who asked, by role and name, as the log writes it.';
COMMENT ON COLUMN change_request.based_on IS 'The version of the facility that the person saw.';
COMMENT ON COLUMN change_request.was IS 'The fields as the person saw them.';
COMMENT ON COLUMN change_request.wished IS 'The fields as they should be.';
COMMENT ON COLUMN change_request.note IS 'Why, in the person''s words.';
COMMENT ON COLUMN change_request.at IS 'When it was made.';
COMMENT ON COLUMN change_request.state IS 'pending, decided or withdrawn.';
COMMENT ON COLUMN change_request.decided_at IS 'When it was decided or withdrawn.';
COMMENT ON COLUMN change_request.decided_by IS 'By whom.';
COMMENT ON COLUMN change_request.decision IS 'For each field: accept, newer or reject, and the reason.';

ALTER TABLE change ADD COLUMN request uuid REFERENCES change_request (id);
CREATE INDEX change_request_of ON change (request);
COMMENT ON COLUMN change.request IS 'The change request that it fulfils.';

CREATE TABLE idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    print bytea NOT NULL,
    facility uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, key),
    CONSTRAINT idempotency_key_short CHECK (length(key) BETWEEN 1 AND 200)
);
COMMENT ON TABLE idempotency IS 'What was made under which Idempotency-Key, so that a repeated request makes nothing twice.';
COMMENT ON COLUMN idempotency.actor IS 'Who asked: keys of two people are two keys.';
COMMENT ON COLUMN idempotency.key IS 'The key as it was sent.';
COMMENT ON COLUMN idempotency.print IS 'SHA-256 of the body: another body under the same key is a mistake.';
COMMENT ON COLUMN idempotency.facility IS 'What was made.';
COMMENT ON COLUMN idempotency.at IS 'When.';
