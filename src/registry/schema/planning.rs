//! The tables of plans, programmes and claims as diesel sees them.

diesel::table! {
    target (id) {
        id -> Uuid,
        version -> BigInt,
        region -> Text,
        year -> Integer,
        measure -> Text,
        planned -> Nullable<Double>,
        source -> Nullable<Text>,
        note -> Nullable<Text>,
        demo -> Bool,
    }
}

diesel::table! {
    programme_figure (id) {
        id -> Uuid,
        version -> BigInt,
        region -> Text,
        programme -> Text,
        metric -> Text,
        value -> Double,
        unit -> Nullable<Text>,
        qualifier -> Nullable<Text>,
        measure -> Text,
        period_from -> Nullable<Date>,
        period_to -> Nullable<Date>,
        as_of -> Nullable<Date>,
        source -> Nullable<Text>,
        demo -> Bool,
    }
}

diesel::table! {
    claim (id) {
        id -> Uuid,
        version -> BigInt,
        region -> Text,
        indicator -> Text,
        value -> Double,
        qualifier -> Nullable<Text>,
        source -> Nullable<Text>,
        as_of -> Nullable<Date>,
        demo -> Bool,
    }
}
