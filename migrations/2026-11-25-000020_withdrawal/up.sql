-- A facility that was registered by mistake leaves the record, and the log says why. Nothing takes its place.
ALTER TABLE change ADD COLUMN reason text;
ALTER TABLE change ADD CONSTRAINT change_reason_written CHECK (reason <> '');
CREATE INDEX change_withdrawn ON change (seq) WHERE action = 'deleted' AND becomes IS NULL;
COMMENT ON COLUMN change.reason IS 'Why, in the words of whoever wrote it, where they had to say it.';
