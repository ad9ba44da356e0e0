-- The extension stays: others in the same database may use it.
DROP TABLE rating_scheme;
DROP TABLE kind_measure;
DROP TABLE kind;
DROP TABLE measure;
