DROP TABLE demand_point;
DROP TABLE region;
