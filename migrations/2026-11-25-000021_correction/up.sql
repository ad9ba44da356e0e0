-- Corrections: what somebody who has no account says is wrong with a facility's page.
CREATE TABLE correction (
    id uuid PRIMARY KEY,
    facility uuid NOT NULL,
    subject text NOT NULL,
    said text,
    phone text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sender bytea,
    done_at timestamptz,
    done_by text,
    CONSTRAINT correction_subject_known
        CHECK (subject IN ('closed', 'phone', 'address', 'hours', 'price', 'capacity', 'other')),
    CONSTRAINT correction_said_short CHECK (length(said) BETWEEN 1 AND 1000),
    CONSTRAINT correction_other_is_said CHECK (subject <> 'other' OR said IS NOT NULL),
    CONSTRAINT correction_phone_short CHECK (length(phone) BETWEEN 1 AND 40),
    CONSTRAINT correction_sender_is_sha256 CHECK (octet_length(sender) = 32),
    CONSTRAINT correction_done_whole CHECK (num_nulls(done_at, done_by) IN (0, 2)),
    CONSTRAINT correction_done_forgets_phone CHECK (done_at IS NULL OR phone IS NULL)
);
-- No foreign key: it outlives the facility that it was about, like the log.
CREATE INDEX correction_facility ON correction (facility);
CREATE INDEX correction_open ON correction (at) WHERE done_at IS NULL;
CREATE INDEX correction_sender ON correction (sender, at) WHERE sender IS NOT NULL;
COMMENT ON TABLE correction IS 'What visitors say is wrong with a facility''s page, until the bureau has seen to it.';
COMMENT ON COLUMN correction.id IS 'Its number.';
COMMENT ON COLUMN correction.facility IS 'The facility.';
COMMENT ON COLUMN correction.subject IS 'What is wrong: closed, phone, address, hours, price, capacity or other.';
COMMENT ON COLUMN correction.said IS 'What is right, in the visitor''s words.';
COMMENT ON COLUMN correction.phone IS 'Where the visitor can be called back; forgotten when it is done.';
COMMENT ON COLUMN correction.at IS 'When it came.';
COMMENT ON COLUMN correction.sender IS 'SHA-256 of the address that it came from, for a day, so that nobody floods the desk.';
COMMENT ON COLUMN correction.done_at IS 'When somebody had seen to it; null while it waits.';
COMMENT ON COLUMN correction.done_by IS 'Who, by role and name, as the log writes it.';
