-- What a bureau plans, does and publishes beside its facilities. Their regions have no foreign key: a figure outlives the code
-- of its region, and readers follow the code to its successor.
CREATE TABLE target (
    id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    region text NOT NULL,
    year integer NOT NULL,
    measure text NOT NULL,
    planned double precision,
    source text,
    note text,
    demo boolean NOT NULL DEFAULT false,
    CONSTRAINT target_once UNIQUE (region, year, measure),
    CONSTRAINT target_version_counts CHECK (version >= 1),
    CONSTRAINT target_region_written CHECK (region <> ''),
    CONSTRAINT target_measure_written CHECK (measure <> ''),
    CONSTRAINT target_year_known CHECK (year BETWEEN 1949 AND 2199),
    CONSTRAINT target_planned_sound CHECK (planned >= 0 AND planned < 'Infinity')
);
COMMENT ON TABLE target IS 'What a region means to have built or done in a year.';
COMMENT ON COLUMN target.id IS 'Its number.';
COMMENT ON COLUMN target.version IS 'Counts the writes to this row.';
COMMENT ON COLUMN target.region IS 'Code of the region.';
COMMENT ON COLUMN target.year IS 'The calendar year.';
COMMENT ON COLUMN target.measure IS 'What counts towards it: a named measure, built.KIND, opened.KIND or PROGRAMME.METRIC.';
COMMENT ON COLUMN target.planned IS 'The number aimed at; null where it is not known.';
COMMENT ON COLUMN target.source IS 'Where the number is from.';
COMMENT ON COLUMN target.note IS 'What else is to be known.';
COMMENT ON COLUMN target.demo IS 'Invented for demonstration.';

CREATE TABLE programme_figure (
    id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    region text NOT NULL,
    programme text NOT NULL,
    metric text NOT NULL,
    value double precision NOT NULL,
    unit text,
    qualifier text,
    measure text NOT NULL,
    period_from date,
    period_to date,
    as_of date,
    source text,
    demo boolean NOT NULL DEFAULT false,
    CONSTRAINT programme_figure_once
        UNIQUE NULLS NOT DISTINCT (region, programme, metric, measure, period_from, period_to, as_of),
    CONSTRAINT programme_figure_version_counts CHECK (version >= 1),
    CONSTRAINT programme_figure_region_written CHECK (region <> ''),
    CONSTRAINT programme_figure_codes CHECK (programme ~ '^[a-z0-9_]+$' AND metric ~ '^[a-z0-9_]+$'),
    CONSTRAINT programme_figure_value_sound CHECK (value >= 0 AND value < 'Infinity'),
    CONSTRAINT programme_figure_qualifier_known CHECK (qualifier IN ('余', '多', '以上', '约', '近', '不足')),
    CONSTRAINT programme_figure_measure_known CHECK (measure IN ('stock', 'flow', 'cumulative')),
    CONSTRAINT programme_figure_period_ordered CHECK (period_from <= period_to),
    CONSTRAINT programme_figure_dated CHECK (num_nonnulls(period_to, as_of) > 0)
);
COMMENT ON TABLE programme_figure IS 'The ledger: figures of what is done that is no facility.';
COMMENT ON COLUMN programme_figure.id IS 'Its number.';
COMMENT ON COLUMN programme_figure.version IS 'Counts the writes to this row.';
COMMENT ON COLUMN programme_figure.region IS 'Code of the region.';
COMMENT ON COLUMN programme_figure.programme IS 'Code of the programme, such as retrofit.';
COMMENT ON COLUMN programme_figure.metric IS 'What is counted, such as households.';
COMMENT ON COLUMN programme_figure.value IS 'The number, in the unit; a share is from 0 to 1.';
COMMENT ON COLUMN programme_figure.unit IS 'What the number counts: 户, 人, 人次, 元, share.';
COMMENT ON COLUMN programme_figure.qualifier IS 'How exact the printed number is, in the word that was printed.';
COMMENT ON COLUMN programme_figure.measure IS 'stock (at a day), flow (in a period) or cumulative (since a start).';
COMMENT ON COLUMN programme_figure.period_from IS 'First day of the period.';
COMMENT ON COLUMN programme_figure.period_to IS 'Last day of the period.';
COMMENT ON COLUMN programme_figure.as_of IS 'The day of which the figure is.';
COMMENT ON COLUMN programme_figure.source IS 'Where the number is from.';
COMMENT ON COLUMN programme_figure.demo IS 'Invented for demonstration.';

CREATE TABLE claim (
    id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    region text NOT NULL,
    indicator text NOT NULL,
    value double precision NOT NULL,
    qualifier text,
    source text,
    as_of date,
    demo boolean NOT NULL DEFAULT false,
    CONSTRAINT claim_once UNIQUE NULLS NOT DISTINCT (region, indicator, as_of, source),
    CONSTRAINT claim_version_counts CHECK (version >= 1),
    CONSTRAINT claim_region_written CHECK (region <> ''),
    CONSTRAINT claim_indicator_written CHECK (indicator <> ''),
    CONSTRAINT claim_value_sound CHECK (value >= 0 AND value < 'Infinity'),
    CONSTRAINT claim_qualifier_known CHECK (qualifier IN ('余', '多', '以上', '约', '近', '不足'))
);
COMMENT ON TABLE claim IS 'Figures that were published about an indicator. They stand beside the record and never in it.';
COMMENT ON COLUMN claim.id IS 'Its number.';
COMMENT ON COLUMN claim.version IS 'Counts the writes to this row.';
COMMENT ON COLUMN claim.region IS 'Code of the region.';
COMMENT ON COLUMN claim.indicator IS 'Line of the report, such as 16b.';
COMMENT ON COLUMN claim.value IS 'The published number, in the indicator''s unit; a share is from 0 to 1.';
COMMENT ON COLUMN claim.qualifier IS 'How exact the printed number is, in the word that was printed.';
COMMENT ON COLUMN claim.source IS 'Where it was published.';
COMMENT ON COLUMN claim.as_of IS 'The day of which the figure is.';
COMMENT ON COLUMN claim.demo IS 'Invented for demonstration.';

ALTER TABLE change DROP CONSTRAINT change_entity_known;
ALTER TABLE change ADD CONSTRAINT change_entity_known CHECK (
    entity IN ('facility', 'region', 'demand_point', 'inspection', 'target', 'programme', 'claim', 'scenario')
);
ALTER TABLE import_batch DROP CONSTRAINT import_batch_what_known;
ALTER TABLE import_batch ADD CONSTRAINT import_batch_what_known CHECK (
    what IN ('facility', 'region', 'demand_point', 'inspection', 'target', 'programme', 'claim', 'scenario')
);
