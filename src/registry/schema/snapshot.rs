//! The tables of snapshots of the record.

diesel::table! {
    record_snapshot (revision) {
        revision -> BigInt,
        at -> Timestamptz,
        records -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    record_snapshot_part (revision, number) {
        revision -> BigInt,
        number -> Integer,
        entity -> Text,
        body -> Binary,
    }
}
