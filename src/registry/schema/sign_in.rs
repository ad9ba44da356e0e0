//! The tables of signing in as diesel sees them.

diesel::table! {
    session (hash) {
        hash -> Binary,
        account -> Uuid,
        began_at -> Timestamptz,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    recognised_browser (hash, account) {
        hash -> Binary,
        account -> Uuid,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    failed_sign_in (subject) {
        subject -> Text,
        failures -> Integer,
        last_at -> Timestamptz,
    }
}
