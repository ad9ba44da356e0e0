DROP TABLE record_snapshot_part;
DROP TABLE record_snapshot;
