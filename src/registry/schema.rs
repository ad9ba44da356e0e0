//! The tables as diesel sees them. The migrations make them; a test compares the two.

mod operation;
mod planning;
mod sign_in;
mod snapshot;

pub use operation::*;
pub use planning::*;
pub use sign_in::*;
pub use snapshot::*;

diesel::table! {
    measure (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        unit_zh -> Text,
        rank -> Integer,
    }
}

diesel::table! {
    people_group (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        source -> Nullable<Text>,
        rank -> Integer,
    }
}

diesel::table! {
    kind (code) {
        code -> Text,
        category -> Text,
        name_zh -> Text,
        name_en -> Text,
        rank -> Integer,
    }
}

diesel::table! {
    kind_measure (kind, measure) {
        kind -> Text,
        measure -> Text,
        rank -> SmallInt,
    }
}

diesel::table! {
    rating_scheme (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        levels -> SmallInt,
        valid_years -> Nullable<Integer>,
        unit -> Text,
        rank -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use postgis_diesel::sql_types::Geography;

    region (code) {
        code -> Text,
        name -> Text,
        level -> Text,
        parent -> Nullable<Text>,
        place -> Nullable<Geography>,
        raw_x -> Nullable<Double>,
        raw_y -> Nullable<Double>,
        raw_datum -> Nullable<Text>,
        place_confirmed -> Bool,
        border -> Nullable<Geography>,
        counts_in_coverage -> Bool,
        source -> Nullable<Text>,
        demo -> Bool,
        class -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use postgis_diesel::sql_types::Geography;

    demand_point (id) {
        id -> Uuid,
        region -> Nullable<Text>,
        place -> Nullable<Geography>,
        raw_x -> Nullable<Double>,
        raw_y -> Nullable<Double>,
        raw_datum -> Nullable<Text>,
        place_confirmed -> Bool,
        total -> Nullable<Integer>,
        aged_60 -> Nullable<Integer>,
        aged_80 -> Nullable<Integer>,
        as_of -> Nullable<Date>,
        source -> Nullable<Text>,
        demo -> Bool,
        groups -> Nullable<Jsonb>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use postgis_diesel::sql_types::Geography;

    facility (id) {
        id -> Uuid,
        version -> BigInt,
        code -> Nullable<Text>,
        name -> Text,
        kind -> Text,
        status -> Text,
        region -> Nullable<Text>,
        address -> Nullable<Text>,
        place -> Nullable<Geography>,
        raw_x -> Nullable<Double>,
        raw_y -> Nullable<Double>,
        raw_datum -> Nullable<Text>,
        place_confirmed -> Bool,
        phone -> Nullable<Text>,
        hours -> Nullable<Text>,
        price_min -> Nullable<Double>,
        price_max -> Nullable<Double>,
        price_unit -> Nullable<Text>,
        ownership -> Nullable<Text>,
        operator -> Nullable<Text>,
        uscc -> Nullable<Text>,
        services -> Array<Text>,
        opened_on -> Nullable<Date>,
        built_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        tags -> Array<Text>,
        note -> Nullable<Text>,
        source -> Nullable<Text>,
        demo -> Bool,
        updated_at -> Timestamptz,
        dossier -> Nullable<Jsonb>,
    }
}

diesel::table! {
    capacity (facility, measure) {
        facility -> Uuid,
        measure -> Text,
        total -> Nullable<Integer>,
        nursing -> Nullable<Integer>,
        occupied -> Nullable<Integer>,
        as_of -> Timestamptz,
        source -> Nullable<Text>,
        undated -> Bool,
    }
}

diesel::table! {
    rating (id) {
        id -> BigInt,
        facility -> Uuid,
        scheme -> Text,
        level -> Nullable<SmallInt>,
        rated_on -> Nullable<Date>,
        valid_until -> Nullable<Date>,
        superseded_at -> Nullable<Timestamptz>,
        issuer -> Nullable<Text>,
    }
}

diesel::table! {
    licence_type (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        rank -> Integer,
    }
}

diesel::table! {
    inspection_type (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        rank -> Integer,
    }
}

diesel::table! {
    inspection (id) {
        id -> Uuid,
        version -> BigInt,
        facility -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        inspected_on -> Date,
        agencies -> Array<Text>,
        result -> Text,
        note -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    finding (inspection, number) {
        inspection -> Uuid,
        number -> Integer,
        category -> Text,
        severity -> Text,
        detail -> Text,
        due_on -> Nullable<Date>,
        rectified_on -> Nullable<Date>,
        rectification -> Nullable<Text>,
    }
}

diesel::table! {
    import_batch (id) {
        id -> Uuid,
        what -> Text,
        actor -> Text,
        file_name -> Text,
        sha256 -> Text,
        rows -> BigInt,
        at -> Timestamptz,
    }
}

diesel::table! {
    change (seq) {
        seq -> BigInt,
        at -> Timestamptz,
        actor -> Text,
        batch -> Nullable<Uuid>,
        entity -> Text,
        key -> Text,
        action -> Text,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        request -> Nullable<Uuid>,
        becomes -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    token (hash) {
        hash -> Binary,
        holder -> Text,
        role -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        account -> Nullable<Uuid>,
        scope -> Text,
    }
}

diesel::table! {
    account (id) {
        id -> Uuid,
        name -> Text,
        role -> Text,
        region -> Nullable<Text>,
        password -> Nullable<Text>,
        made_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        folded -> Nullable<Text>,
    }
}

diesel::table! {
    account_facility (account, facility) {
        account -> Uuid,
        facility -> Uuid,
    }
}

diesel::table! {
    change_request (id) {
        id -> Uuid,
        facility -> Uuid,
        account -> Nullable<Uuid>,
        actor -> Text,
        based_on -> BigInt,
        was -> Jsonb,
        wished -> Jsonb,
        note -> Nullable<Text>,
        at -> Timestamptz,
        state -> Text,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        decision -> Nullable<Jsonb>,
    }
}

diesel::table! {
    scenario (id) {
        id -> Uuid,
        version -> BigInt,
        name -> Text,
        account -> Nullable<Uuid>,
        actor -> Text,
        region -> Nullable<Text>,
        question -> Jsonb,
        changes -> Jsonb,
        note -> Nullable<Text>,
        made_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency (actor, key) {
        actor -> Text,
        key -> Text,
        print -> Binary,
        facility -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    correction (id) {
        id -> Uuid,
        facility -> Uuid,
        subject -> Text,
        said -> Nullable<Text>,
        phone -> Nullable<Text>,
        at -> Timestamptz,
        sender -> Nullable<Binary>,
        done_at -> Nullable<Timestamptz>,
        done_by -> Nullable<Text>,
    }
}
