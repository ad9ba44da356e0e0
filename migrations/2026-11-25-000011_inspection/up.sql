-- Inspections: who looked at a facility and when, what was found, by when it must be put right, and when it was.
CREATE TABLE inspection_type (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer NOT NULL
);
COMMENT ON TABLE inspection_type IS 'What an inspection can be about.';
COMMENT ON COLUMN inspection_type.code IS 'The word for it in addresses and JSON.';
COMMENT ON COLUMN inspection_type.name_zh IS 'Chinese name.';
COMMENT ON COLUMN inspection_type.name_en IS 'English name.';
COMMENT ON COLUMN inspection_type.rank IS 'Order in lists.';

INSERT INTO inspection_type (rank, code, name_zh, name_en) VALUES
    (1, 'safety', '安全检查', 'Safety'),
    (2, 'fire', '消防检查', 'Fire safety'),
    (3, 'food', '食品安全检查', 'Food safety'),
    (4, 'cross_check', '交叉检查', 'Cross-check by another district'),
    (5, 'annual', '年度检查', 'Annual check'),
    (6, 'quality', '服务质量检查', 'Quality of care');

CREATE TABLE inspection (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    facility uuid NOT NULL REFERENCES facility (id),
    type text NOT NULL REFERENCES inspection_type (code),
    inspected_on date NOT NULL,
    agencies text[] NOT NULL DEFAULT '{}',
    result text NOT NULL,
    note text,
    updated_at timestamptz NOT NULL,
    CONSTRAINT inspection_version_counts CHECK (version >= 1),
    CONSTRAINT inspection_result_known CHECK (result IN ('passed', 'passed_with_findings', 'failed'))
);
CREATE INDEX inspection_facility ON inspection (facility, inspected_on);
CREATE INDEX inspection_type_used ON inspection (type);
COMMENT ON TABLE inspection IS 'Inspections of facilities; not public.';
COMMENT ON COLUMN inspection.id IS 'Its number.';
COMMENT ON COLUMN inspection.version IS 'Counts the writes to this record; its ETag.';
COMMENT ON COLUMN inspection.facility IS 'The facility.';
COMMENT ON COLUMN inspection.type IS 'What it was about.';
COMMENT ON COLUMN inspection.inspected_on IS 'The day.';
COMMENT ON COLUMN inspection.agencies IS 'Who inspected.';
COMMENT ON COLUMN inspection.result IS 'passed, passed_with_findings or failed.';
COMMENT ON COLUMN inspection.note IS 'Anything else.';
COMMENT ON COLUMN inspection.updated_at IS 'When it was last written.';

CREATE TABLE finding (
    inspection uuid NOT NULL REFERENCES inspection (id) ON DELETE CASCADE,
    number integer NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    detail text NOT NULL,
    due_on date,
    rectified_on date,
    rectification text,
    PRIMARY KEY (inspection, number),
    CONSTRAINT finding_number_counts CHECK (number >= 1),
    CONSTRAINT finding_category_written CHECK (category <> ''),
    CONSTRAINT finding_severity_known CHECK (severity IN ('minor', 'major')),
    CONSTRAINT finding_detail_written CHECK (detail <> ''),
    CONSTRAINT finding_rectification_dated CHECK (rectification IS NULL OR rectified_on IS NOT NULL)
);
CREATE INDEX finding_open ON finding (inspection) WHERE rectified_on IS NULL;
COMMENT ON TABLE finding IS 'What an inspection found, and by when it must be put right.';
COMMENT ON COLUMN finding.inspection IS 'The inspection.';
COMMENT ON COLUMN finding.number IS 'Its place in the list, from 1.';
COMMENT ON COLUMN finding.category IS 'What it is about, in a word.';
COMMENT ON COLUMN finding.severity IS 'minor or major.';
COMMENT ON COLUMN finding.detail IS 'What was found.';
COMMENT ON COLUMN finding.due_on IS 'The last day to put it right; null where none was set.';
COMMENT ON COLUMN finding.rectified_on IS 'The day on which the bureau saw that it was; null while it is open.';
COMMENT ON COLUMN finding.rectification IS 'What was done.';
