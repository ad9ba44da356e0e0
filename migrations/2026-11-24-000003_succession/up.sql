-- What became of a record that was merged into another or renumbered: the log says it, and so every copy of it can.
ALTER TABLE change ADD COLUMN becomes text;
ALTER TABLE change ADD CONSTRAINT change_becomes_another CHECK (becomes IS NULL OR (action = 'deleted' AND becomes <> key));
CREATE INDEX change_becomes ON change (entity, becomes) WHERE becomes IS NOT NULL;
COMMENT ON COLUMN change.becomes IS 'The key under which a deleted record lives on.';
