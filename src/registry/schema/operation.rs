//! The tables that serve running the program, as diesel sees them.

diesel::table! {
    log_identity (one) {
        one -> Bool,
        id -> Uuid,
    }
}

diesel::table! {
    server (id) {
        id -> Uuid,
        backend -> Integer,
        revision -> BigInt,
        started_at -> Timestamptz,
        seen_at -> Timestamptz,
    }
}
