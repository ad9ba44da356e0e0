DROP TABLE finding;
DROP TABLE inspection;
DROP TABLE inspection_type;
