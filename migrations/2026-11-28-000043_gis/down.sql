-- The role stays: another database of the same server may use it.
DROP VIEW gis.facility, gis.region, gis.region_point, gis.demand_point;
DROP SCHEMA gis;
