-- Regions in one tree, and the people who live in them.
CREATE TABLE region (
    code text PRIMARY KEY,
    name text NOT NULL,
    level text NOT NULL,
    parent text REFERENCES region (code) DEFERRABLE INITIALLY DEFERRED,
    place geography (Point, 4326),
    raw_x double precision,
    raw_y double precision,
    raw_datum text,
    place_confirmed boolean NOT NULL DEFAULT true,
    border geography (Geometry, 4326),
    counts_in_coverage boolean NOT NULL DEFAULT true,
    source text,
    demo boolean NOT NULL DEFAULT false,
    CONSTRAINT region_code_written CHECK (code <> ''),
    CONSTRAINT region_name_written CHECK (name <> ''),
    CONSTRAINT region_level_known CHECK (level IN ('province', 'city', 'county', 'town', 'village')),
    CONSTRAINT region_parent_is_another CHECK (parent <> code),
    CONSTRAINT region_place_valid CHECK (
        NOT ST_IsEmpty(place::geometry)
        AND ST_X(place::geometry) BETWEEN -180 AND 180 AND ST_Y(place::geometry) BETWEEN -90 AND 90
    ),
    CONSTRAINT region_raw_whole CHECK (
        num_nulls(raw_x, raw_y, raw_datum) IN (0, 3) AND (raw_datum IS NULL OR place IS NOT NULL)
        AND raw_datum IN ('wgs84', 'gcj02', 'bd09')
    ),
    CONSTRAINT region_border_is_an_area CHECK (
        GeometryType(border::geometry) IN ('POLYGON', 'MULTIPOLYGON') AND ST_Area(border::geometry) > 0
    )
);
CREATE INDEX region_parent ON region (parent);
CREATE INDEX region_border ON region USING gist (border);
COMMENT ON TABLE region IS 'Provinces, cities, counties, towns and villages, in one tree.';
COMMENT ON COLUMN region.code IS 'Chinese codes have 6 digits down to the county, 9 for a town, 12 for a village; others are free text.';
COMMENT ON COLUMN region.name IS 'Its name.';
COMMENT ON COLUMN region.level IS 'province, city, county, town or village.';
COMMENT ON COLUMN region.parent IS 'The region that it lies in.';
COMMENT ON COLUMN region.place IS 'The point that stands for it, in WGS 84.';
COMMENT ON COLUMN region.raw_x IS 'The first coordinate as it stood in the source, where that was another datum.';
COMMENT ON COLUMN region.raw_y IS 'The second coordinate as it stood in the source.';
COMMENT ON COLUMN region.raw_datum IS 'The datum of the source.';
COMMENT ON COLUMN region.place_confirmed IS 'Whether the point may be relied on.';
COMMENT ON COLUMN region.border IS 'A polygon or several, in WGS 84.';
COMMENT ON COLUMN region.counts_in_coverage IS 'Whether it counts as a unit where units are counted; its people always count.';
COMMENT ON COLUMN region.source IS 'Where the record comes from.';
COMMENT ON COLUMN region.demo IS 'Invented for demonstration.';

CREATE TABLE demand_point (
    id uuid PRIMARY KEY,
    region text REFERENCES region (code),
    place geography (Point, 4326),
    raw_x double precision,
    raw_y double precision,
    raw_datum text,
    place_confirmed boolean NOT NULL DEFAULT true,
    total integer,
    aged_60 integer,
    aged_80 integer,
    as_of date,
    source text,
    demo boolean NOT NULL DEFAULT false,
    CONSTRAINT demand_point_is_somewhere CHECK (region IS NOT NULL OR place IS NOT NULL),
    CONSTRAINT demand_point_place_valid CHECK (
        NOT ST_IsEmpty(place::geometry)
        AND ST_X(place::geometry) BETWEEN -180 AND 180 AND ST_Y(place::geometry) BETWEEN -90 AND 90
    ),
    CONSTRAINT demand_point_raw_whole CHECK (
        num_nulls(raw_x, raw_y, raw_datum) IN (0, 3) AND (raw_datum IS NULL OR place IS NOT NULL)
        AND raw_datum IN ('wgs84', 'gcj02', 'bd09')
    ),
    CONSTRAINT demand_point_counts_people CHECK (total >= 0 AND aged_60 >= 0 AND aged_80 >= 0),
    CONSTRAINT demand_point_parts_fit CHECK (
        aged_80 <= aged_60 AND aged_60 <= total AND aged_80 <= coalesce(aged_60, total)
    )
);
CREATE INDEX demand_point_region ON demand_point (region);
-- One line for one point and day. Nulls count as equal here, which a plain unique constraint says only from PostgreSQL 15 on.
CREATE UNIQUE INDEX demand_point_once ON demand_point (
    coalesce(region, ''),
    coalesce(ST_X(place::geometry), 'NaN'),
    coalesce(ST_Y(place::geometry), 'NaN'),
    coalesce(as_of, '-infinity')
);
COMMENT ON TABLE demand_point IS 'How many people live at a point.';
COMMENT ON COLUMN demand_point.id IS 'Its number.';
COMMENT ON COLUMN demand_point.region IS 'The region that it lies in; null when no known region contains the point.';
COMMENT ON COLUMN demand_point.place IS 'Its own point in WGS 84; null where it stands at its region''s point.';
COMMENT ON COLUMN demand_point.raw_x IS 'The first coordinate as it stood in the source, where that was another datum.';
COMMENT ON COLUMN demand_point.raw_y IS 'The second coordinate as it stood in the source.';
COMMENT ON COLUMN demand_point.raw_datum IS 'The datum of the source.';
COMMENT ON COLUMN demand_point.place_confirmed IS 'Whether the point may be relied on.';
COMMENT ON COLUMN demand_point.total IS 'All people.';
COMMENT ON COLUMN demand_point.aged_60 IS 'People aged 60 and over.';
COMMENT ON COLUMN demand_point.aged_80 IS 'People aged 80 and over.';
COMMENT ON COLUMN demand_point.as_of IS 'The day on which they were counted.';
COMMENT ON COLUMN demand_point.source IS 'Where the figures come from.';
COMMENT ON COLUMN demand_point.demo IS 'Invented for demonstration.';
