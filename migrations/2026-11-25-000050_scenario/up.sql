-- Scenarios: facilities added, moved, closed and enlarged in thought, saved under a name. Nothing else of the record points here.
CREATE TABLE scenario (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    account uuid REFERENCES account (id) ON DELETE SET NULL,
    actor text NOT NULL,
    region text REFERENCES region (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    question jsonb NOT NULL,
    changes jsonb NOT NULL,
    note text,
    made_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT scenario_version_counts CHECK (version >= 1),
    CONSTRAINT scenario_name_written CHECK (name <> '' AND length(name) <= 200),
    CONSTRAINT scenario_note_short CHECK (length(note) <= 5000),
    CONSTRAINT scenario_question_whole CHECK (jsonb_typeof(question) = 'object'),
    CONSTRAINT scenario_changes_whole CHECK (jsonb_typeof(changes) = 'object')
);
CREATE INDEX scenario_account ON scenario (account);
CREATE INDEX scenario_region ON scenario (region);
COMMENT ON TABLE scenario IS 'What-if questions that planners saved; whoever has the id may look.';
COMMENT ON COLUMN scenario.id IS 'Its number, which cannot be guessed: the link that is shared.';
COMMENT ON COLUMN scenario.version IS 'Counts the writes; its ETag.';
COMMENT ON COLUMN scenario.name IS 'What its maker calls it.';
COMMENT ON COLUMN scenario.account IS 'Whose it is; null: the operator''s, or of an account that is gone.';
COMMENT ON COLUMN scenario.actor IS 'Who saved it last, by role and name, as the log writes it.';
COMMENT ON COLUMN scenario.region IS 'The region that it is about; null: everything.';
COMMENT ON COLUMN scenario.question IS 'The question of coverage, by the names of its parameters.';
COMMENT ON COLUMN scenario.changes IS 'What it adds, moves, closes and enlarges.';
COMMENT ON COLUMN scenario.note IS 'What else its maker says of it.';
COMMENT ON COLUMN scenario.made_at IS 'When it was saved first.';
COMMENT ON COLUMN scenario.updated_at IS 'When it was saved last.';
