-- Facilities, their capacity and their ratings.
CREATE TABLE facility (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    code text CONSTRAINT facility_code_unique UNIQUE,
    name text NOT NULL,
    kind text NOT NULL REFERENCES kind (code),
    status text NOT NULL,
    region text REFERENCES region (code),
    address text,
    place geography (Point, 4326),
    raw_x double precision,
    raw_y double precision,
    raw_datum text,
    place_confirmed boolean NOT NULL DEFAULT true,
    phone text,
    hours text,
    price_min double precision,
    price_max double precision,
    price_unit text,
    ownership text,
    operator text,
    uscc text,
    services text[] NOT NULL DEFAULT '{}',
    opened_on date,
    built_on date,
    closed_on date,
    tags text[] NOT NULL DEFAULT '{}',
    note text,
    source text,
    demo boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL,
    CONSTRAINT facility_version_counts CHECK (version >= 1),
    CONSTRAINT facility_name_written CHECK (name <> ''),
    CONSTRAINT facility_code_written CHECK (code <> ''),
    CONSTRAINT facility_status_known CHECK (
        status IN ('planned', 'under_construction', 'built', 'trial', 'operating', 'suspended', 'closed')
    ),
    CONSTRAINT facility_place_valid CHECK (
        NOT ST_IsEmpty(place::geometry)
        AND ST_X(place::geometry) BETWEEN -180 AND 180 AND ST_Y(place::geometry) BETWEEN -90 AND 90
    ),
    CONSTRAINT facility_raw_whole CHECK (
        num_nulls(raw_x, raw_y, raw_datum) IN (0, 3) AND (raw_datum IS NULL OR place IS NOT NULL)
        AND raw_datum IN ('wgs84', 'gcj02', 'bd09')
    ),
    -- Not a number sorts above infinity, so this refuses both.
    CONSTRAINT facility_price_sound CHECK (
        price_min >= 0 AND price_min < 'infinity' AND price_max >= 0 AND price_max < 'infinity'
    ),
    CONSTRAINT facility_price_ordered CHECK (price_min <= price_max),
    CONSTRAINT facility_price_has_unit CHECK (
        price_unit IS NOT NULL OR (price_min IS NULL AND price_max IS NULL)
    )
);
CREATE INDEX facility_kind ON facility (kind);
CREATE INDEX facility_region ON facility (region);
CREATE INDEX facility_name_kind_region ON facility (name, kind, region);
CREATE INDEX facility_place ON facility USING gist (place);
COMMENT ON TABLE facility IS 'One place that serves elders.';
COMMENT ON COLUMN facility.id IS 'Its number; kept for life.';
COMMENT ON COLUMN facility.version IS 'Counts the writes to this record; its ETag.';
COMMENT ON COLUMN facility.code IS 'The bureau''s own unique code.';
COMMENT ON COLUMN facility.name IS 'Its name.';
COMMENT ON COLUMN facility.kind IS 'What it is.';
COMMENT ON COLUMN facility.status IS 'The stage of its life; only operating and trial facilities serve people.';
COMMENT ON COLUMN facility.region IS 'The region that it is registered in.';
COMMENT ON COLUMN facility.address IS 'Its address as written.';
COMMENT ON COLUMN facility.place IS 'Its point in WGS 84.';
COMMENT ON COLUMN facility.raw_x IS 'The first coordinate as it stood in the source, where that was another datum.';
COMMENT ON COLUMN facility.raw_y IS 'The second coordinate as it stood in the source.';
COMMENT ON COLUMN facility.raw_datum IS 'The datum of the source.';
COMMENT ON COLUMN facility.place_confirmed IS 'Until it is, the facility is listed and never mapped.';
COMMENT ON COLUMN facility.phone IS 'The public telephone.';
COMMENT ON COLUMN facility.hours IS 'Opening hours in OpenStreetMap''s opening_hours syntax.';
COMMENT ON COLUMN facility.price_min IS 'The lowest price, in CNY.';
COMMENT ON COLUMN facility.price_max IS 'The highest price, in CNY.';
COMMENT ON COLUMN facility.price_unit IS 'What the price is for, such as month; null where no price is known.';
COMMENT ON COLUMN facility.ownership IS 'Public, private or between.';
COMMENT ON COLUMN facility.operator IS 'Who runs it.';
COMMENT ON COLUMN facility.uscc IS '统一社会信用代码 of the operator; neither unique nor required.';
COMMENT ON COLUMN facility.services IS 'What it offers.';
COMMENT ON COLUMN facility.opened_on IS 'The day on which it opened.';
COMMENT ON COLUMN facility.built_on IS 'The day on which it was built.';
COMMENT ON COLUMN facility.closed_on IS 'The day on which it closed.';
COMMENT ON COLUMN facility.tags IS 'Free marks: awards, pilots.';
COMMENT ON COLUMN facility.note IS 'Anything else.';
COMMENT ON COLUMN facility.source IS 'Where the record comes from.';
COMMENT ON COLUMN facility.demo IS 'Invented for demonstration.';
COMMENT ON COLUMN facility.updated_at IS 'When it was last written.';

CREATE TABLE capacity (
    facility uuid NOT NULL REFERENCES facility (id) ON DELETE CASCADE,
    measure text NOT NULL REFERENCES measure (code),
    total integer,
    nursing integer,
    occupied integer,
    as_of timestamptz NOT NULL,
    source text,
    PRIMARY KEY (facility, measure),
    CONSTRAINT capacity_counts CHECK (total >= 0 AND nursing >= 0 AND occupied >= 0),
    -- occupied may exceed total: real homes do.
    CONSTRAINT capacity_nursing_within_total CHECK (nursing <= total)
);
CREATE INDEX capacity_measure ON capacity (measure);
COMMENT ON TABLE capacity IS 'How much of a measure a facility has, and how much is taken.';
COMMENT ON COLUMN capacity.facility IS 'The facility.';
COMMENT ON COLUMN capacity.measure IS 'What is counted.';
COMMENT ON COLUMN capacity.total IS 'How much there is.';
COMMENT ON COLUMN capacity.nursing IS 'The part of the total that is for nursing care.';
COMMENT ON COLUMN capacity.occupied IS 'How much is taken; may exceed the total.';
COMMENT ON COLUMN capacity.as_of IS 'When the figures were so.';
COMMENT ON COLUMN capacity.source IS 'Where the figures come from.';

CREATE TABLE rating (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facility uuid NOT NULL REFERENCES facility (id) ON DELETE CASCADE,
    scheme text NOT NULL REFERENCES rating_scheme (code),
    level smallint,
    rated_on date,
    valid_until date,
    superseded_at timestamptz,
    CONSTRAINT rating_level_known CHECK (level BETWEEN 1 AND 9)
);
CREATE INDEX rating_facility ON rating (facility);
CREATE INDEX rating_scheme_used ON rating (scheme);
CREATE UNIQUE INDEX rating_one_a_scheme ON rating (facility, scheme) WHERE superseded_at IS NULL;
COMMENT ON TABLE rating IS 'Ratings of facilities; a newer word in the same scheme supersedes the older, which is kept.';
COMMENT ON COLUMN rating.id IS 'Its number.';
COMMENT ON COLUMN rating.facility IS 'The facility.';
COMMENT ON COLUMN rating.scheme IS 'The scheme.';
COMMENT ON COLUMN rating.level IS 'The level in the scheme; null where only the fact of a rating is known.';
COMMENT ON COLUMN rating.rated_on IS 'The day of the rating.';
COMMENT ON COLUMN rating.valid_until IS 'Its last day; null where the scheme''s own rule holds.';
COMMENT ON COLUMN rating.superseded_at IS 'When a newer word took its place; null for the one that stands.';
