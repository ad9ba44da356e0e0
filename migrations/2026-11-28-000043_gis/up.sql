-- For GIS programs: views with plain types. The column facility.place is of a domain, which PostGIS' catalogue of layers does
-- not look into, and capacity and rating stand in tables of their own.
CREATE SCHEMA gis;
COMMENT ON SCHEMA gis IS 'Layers for GIS programs: read only, public fields, WGS 84.';

CREATE VIEW gis.facility AS
SELECT
    facility.id, facility.code, facility.name, facility.kind, kind.name_zh AS kind_zh, kind.name_en AS kind_en,
    kind.category, facility.status, facility.region, region.name AS region_name, facility.address, facility.phone,
    facility.hours, facility.ownership, facility.operator, facility.opened_on, facility.built_on, facility.closed_on,
    facility.price_min, facility.price_max, facility.price_unit,
    beds.total AS beds_total, beds.nursing AS beds_nursing, beds.occupied AS beds_occupied,
    greatest(beds.total - beds.occupied, 0) AS beds_free, beds.as_of AS beds_as_of,
    day_places.total AS day_places_total, day_places.occupied AS day_places_occupied,
    meals.total AS meals_per_day_total, meals.occupied AS meals_per_day_occupied,
    seats.total AS seats_total, seats.occupied AS seats_occupied,
    plots.total AS plots_total, plots.occupied AS plots_used,
    rated.scheme AS rating_scheme, rated.level AS rating_level, rated.rated_on, rated.valid_until AS rating_valid_until,
    facility.version, facility.updated_at, facility.demo,
    (CASE WHEN facility.place_confirmed THEN facility.place::geography END)::geometry (point, 4326) AS geom
FROM facility
JOIN kind ON kind.code = facility.kind
LEFT JOIN region ON region.code = facility.region
LEFT JOIN capacity AS beds ON beds.facility = facility.id AND beds.measure = 'beds'
LEFT JOIN capacity AS day_places ON day_places.facility = facility.id AND day_places.measure = 'day_places'
LEFT JOIN capacity AS meals ON meals.facility = facility.id AND meals.measure = 'meals_per_day'
LEFT JOIN capacity AS seats ON seats.facility = facility.id AND seats.measure = 'seats'
LEFT JOIN capacity AS plots ON plots.facility = facility.id AND plots.measure = 'plots'
LEFT JOIN LATERAL (
    SELECT rating.scheme, rating.level, rating.rated_on, rating.valid_until
    FROM rating JOIN rating_scheme ON rating_scheme.code = rating.scheme
    WHERE rating.facility = facility.id AND rating.superseded_at IS NULL
    ORDER BY rating_scheme.rank LIMIT 1
) AS rated ON true;
COMMENT ON VIEW gis.facility IS 'Facilities with their capacity and their first rating; geom is empty where the point is not known.';

CREATE VIEW gis.region AS
SELECT
    region.code, region.name, region.level, region.parent, region.counts_in_coverage, region.class,
    ST_Multi(region.border::geometry)::geometry (multipolygon, 4326) AS geom
FROM region;
COMMENT ON VIEW gis.region IS 'Regions with their borders; geom is empty where there is no border.';

CREATE VIEW gis.region_point AS
SELECT
    region.code, region.name, region.level, region.parent, region.place::geography (point, 4326)::geometry (point, 4326) AS geom
FROM region;
COMMENT ON VIEW gis.region_point IS 'Regions as points.';

CREATE VIEW gis.demand_point AS
SELECT
    demand_point.id, demand_point.region, demand_point.total, demand_point.aged_60, demand_point.aged_80, demand_point.as_of,
    demand_point.source, demand_point.demo,
    demand_point.place::geography (point, 4326)::geometry (point, 4326) AS geom
FROM demand_point;
COMMENT ON VIEW gis.demand_point IS 'People at points, by age.';

-- A role for all who only look. Who may not make roles does without: the owner of the tables reads the views all the same.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'silver_atlas_reader') THEN
        CREATE ROLE silver_atlas_reader NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
        RAISE NOTICE 'the role silver_atlas_reader is not made: %', SQLERRM;
END
$$;
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'silver_atlas_reader') THEN
        GRANT USAGE ON SCHEMA gis TO silver_atlas_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA gis TO silver_atlas_reader;
    END IF;
END
$$;
