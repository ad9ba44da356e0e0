//! The tables: their way up and down, what they say of themselves, and what they refuse.

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use silver_atlas::registry::{MIGRATIONS, constraints_in_words};

use crate::sample;
use crate::support::TestDatabase;

/// Tables and sequences of our own.
const OURS: &str = "(SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace \
    AND relkind IN ('r', 'v') AND relname NOT IN ('__diesel_schema_migrations', 'spatial_ref_sys') \
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')) AS ours";

async fn names(test: &TestDatabase, query: &str) -> Vec<String> {
    let rows = test.sql().await.query(query, &[]).await.expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_down_and_up_again() {
    let test = TestDatabase::new().await;
    let tables = format!("SELECT relname::text FROM {OURS} ORDER BY 1");
    let before = names(&test, &tables).await;
    assert!(before.contains(&"facility".to_owned()));
    let connection =
        AsyncPgConnection::establish(&format!("postgresql:///?{}", url_of(&test))).await.expect("connects");
    let mut harness = AsyncMigrationHarness::new(connection);
    let down = harness.revert_all_migrations(MIGRATIONS).expect("down");
    assert_eq!(names(&test, &tables).await, Vec::<String>::new());
    let left =
        "SELECT proname::text FROM pg_proc WHERE proname LIKE 'change%' AND pronamespace = 'public'::regnamespace";
    assert_eq!(names(&test, left).await, Vec::<String>::new());
    assert_eq!(test.registry.migrate().await.expect("up"), down.len());
    assert_eq!(names(&test, &tables).await, before);
    assert_eq!(test.registry.migrate().await.expect("nothing to do"), 0);
}

fn url_of(test: &TestDatabase) -> String {
    test.address.url.replace('\'', "").replace(' ', "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_that_migrate_at_once_take_turns() {
    let test = TestDatabase::bare().await;
    let (first, second) = tokio::join!(test.registry.migrate(), test.registry.migrate());
    let ran = [first.expect("one"), second.expect("the other")];
    assert!(ran.contains(&0) && ran.iter().sum::<usize>() >= 5, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_says_what_it_is() {
    let test = TestDatabase::new().await;
    let query = format!("SELECT relname::text FROM {OURS} WHERE obj_description(oid, 'pg_class') IS NULL");
    assert_eq!(names(&test, &query).await, Vec::<String>::new());
    let query = format!(
        "SELECT relname || '.' || attname FROM {OURS} JOIN pg_attribute ON attrelid = oid \
         WHERE attnum > 0 AND NOT attisdropped AND col_description(oid, attnum) IS NULL"
    );
    assert_eq!(names(&test, &query).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_an_index() {
    let test = TestDatabase::new().await;
    let query = "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint AS key \
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS ( \
            SELECT 1 FROM pg_index WHERE indrelid = key.conrelid AND indpred IS NULL \
                AND (indkey::int2[])[0:cardinality(key.conkey) - 1] @> key.conkey)";
    assert_eq!(names(&test, query).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_constraint_of_the_record_has_a_sentence() {
    let test = TestDatabase::new().await;
    let query = "SELECT conname::text FROM pg_constraint WHERE conrelid = ANY (ARRAY['facility', 'region', 'demand_point', \
        'capacity', 'rating', 'inspection', 'finding', 'target', 'programme_figure', 'claim']::regclass[]) AND contype IN ('c', 'f') \
        OR contypid = ANY (ARRAY['place_on_earth', 'dossier']::regtype[])";
    let words: Vec<&str> = constraints_in_words().collect();
    for name in names(&test, query).await {
        assert!(words.contains(&name.as_str()), "{name} has no sentence");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn diesel_sees_the_columns_that_are_there() {
    let test = TestDatabase::new().await;
    let source = concat!(
        include_str!("../../src/registry/schema.rs"),
        include_str!("../../src/registry/schema/operation.rs"),
        include_str!("../../src/registry/schema/planning.rs"),
        include_str!("../../src/registry/schema/sign_in.rs"),
        include_str!("../../src/registry/schema/snapshot.rs")
    );
    for table in names(&test, &format!("SELECT relname::text FROM {OURS}")).await {
        let start = source.find(&format!("    {table} (")).unwrap_or_else(|| panic!("{table} is not in schema.rs"));
        let body = &source[start..start + source[start..].find("    }").expect("an end")];
        // A word of Rust is written with an underscore behind it.
        let seen: Vec<&str> = body
            .lines()
            .filter_map(|line| Some(line.trim().split_once(" ->")?.0))
            .map(|name| name.trim_end_matches('_'))
            .collect();
        let query = format!(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
        );
        assert_eq!(seen, names(&test, &query).await, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vocabulary_is_there_from_the_start() {
    let test = TestDatabase::new().await;
    let vocabulary = test.registry.vocabulary().await.expect("a vocabulary");
    assert_eq!(vocabulary.kinds.len(), 29);
    assert_eq!(vocabulary.first_measure("nursing_home"), Some("beds"));
    assert_eq!(vocabulary.first_measure("canteen"), Some("meals_per_day"));
    assert_eq!(vocabulary.first_measure("funeral_home"), None);
    assert_eq!(vocabulary.scheme("gb37276").and_then(|scheme| scheme.valid_years), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_constraint_refuses_what_it_should() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let sql = test.sql().await;
    let point = "ST_SetSRID(ST_MakePoint('NaN', 1), 4326)::geography";
    let facility = |set: &str| format!("UPDATE facility SET {set}");
    let demand = |columns: &str, values: &str| {
        format!("INSERT INTO demand_point (id, {columns}) VALUES (gen_random_uuid(), {values})")
    };
    let account =
        |values: &str| format!("INSERT INTO account (id, name, role, region) VALUES (gen_random_uuid(), {values})");
    let correction = |columns: &str, values: &str| {
        format!(
            "INSERT INTO correction (id, facility, {columns}) VALUES (gen_random_uuid(), gen_random_uuid(), {values})"
        )
    };
    let request = |values: &str| {
        format!(
            "INSERT INTO change_request (id, facility, actor, based_on, was, wished, state, decided_at, decided_by) \
             VALUES (gen_random_uuid(), gen_random_uuid(), 'a', 1, '{{}}', {values})"
        )
    };
    let inspection = |facility: &str, values: &str| {
        format!(
            "INSERT INTO inspection (id, version, facility, type, inspected_on, result, updated_at) \
             SELECT gen_random_uuid(), 1, {facility}, {values}, now() FROM facility"
        )
    };
    let finding = |values: &str| {
        let inspection = inspection("id", "'safety', now(), 'failed'");
        format!(
            "{inspection}; INSERT INTO finding (inspection, number, category, severity, detail, rectified_on, rectification) \
             SELECT id, 1, {values} FROM inspection"
        )
    };
    let scenario = |values: &str| {
        format!(
            "INSERT INTO scenario (id, actor, made_at, updated_at, version, name, question, changes, region, note) \
             VALUES (gen_random_uuid(), 'a', now(), now(), {values})"
        )
    };
    let target = |values: &str| {
        format!("INSERT INTO target (id, region, year, measure, planned) VALUES (gen_random_uuid(), {values})")
    };
    let figure = |values: &str| {
        format!(
            "INSERT INTO programme_figure (id, region, programme, metric, value, measure, period_from, period_to, as_of) \
             VALUES (gen_random_uuid(), {values})"
        )
    };
    let claim =
        |values: &str| format!("INSERT INTO claim (id, region, indicator, value) VALUES (gen_random_uuid(), {values})");
    let cases = [
        ("target_once", format!("{0}; {0}", target("'3213', 2024, 'beds_added', NULL"))),
        ("target_year_known", target("'3213', 24, 'beds_added', NULL")),
        ("target_planned_sound", target("'3213', 2024, 'beds_added', -1")),
        ("target_planned_sound", target("'3213', 2024, 'beds_added', 'NaN'")),
        ("target_measure_written", target("'3213', 2024, '', 1")),
        ("target_region_written", target("'', 2024, 'beds_added', 1")),
        (
            "programme_figure_once",
            format!("{0}; {0}", figure("'3213', 'retrofit', 'households', 1, 'stock', NULL, NULL, '2024-04-30'")),
        ),
        ("programme_figure_codes", figure("'3213', 'Retrofit', 'x', 1, 'stock', NULL, NULL, '2024-04-30'")),
        ("programme_figure_measure_known", figure("'3213', 'a', 'b', 1, 'level', NULL, NULL, '2024-04-30'")),
        ("programme_figure_value_sound", figure("'3213', 'a', 'b', 'Infinity', 'stock', NULL, NULL, '2024-04-30'")),
        ("programme_figure_period_ordered", figure("'3213', 'a', 'b', 1, 'flow', '2024-05-01', '2024-04-30', NULL")),
        ("programme_figure_dated", figure("'3213', 'a', 'b', 1, 'stock', NULL, NULL, NULL")),
        ("claim_once", format!("{0}; {0}", claim("'3213', '1', 145"))),
        ("claim_indicator_written", claim("'3213', '', 145")),
        ("facility_status_known", facility("status = 'open'")),
        ("facility_version_counts", facility("version = 0")),
        ("facility_name_written", facility("name = ''")),
        ("facility_code_written", facility("code = ''")),
        ("facility_kind_fkey", facility("kind = 'hotel'")),
        ("facility_region_fkey", facility("region = '999999'")),
        ("facility_place_valid", facility(&format!("place = {point}"))),
        ("facility_place_valid", facility("place = 'SRID=4326;POINT EMPTY'")),
        ("facility_raw_whole", facility("raw_y = NULL")),
        ("facility_raw_whole", facility("raw_datum = 'mars'")),
        ("facility_price_sound", facility("price_min = -1")),
        ("facility_price_sound", facility("price_max = 'NaN'")),
        ("facility_price_ordered", facility("price_min = 3, price_max = 2")),
        ("facility_price_has_unit", facility("price_unit = NULL")),
        ("facility_dossier_told", facility("dossier = '{}'")),
        ("facility_dossier_told", facility("dossier = '[]'")),
        ("facility_licences_listed", facility("dossier = '{\"licences\": {}}'")),
        ("facility_licences_listed", facility("dossier = '{\"licences\": [{\"number\": \"1\"}]}'")),
        (
            "facility_licence_days_ordered",
            facility(
                "dossier = '{\"licences\": [{\"type\": \"food\", \"valid_from\": \"2027-01-02\", \"valid_until\": \"2027-01-01\"}]}'",
            ),
        ),
        ("facility_menu_listed", facility("dossier = '{\"menu\": [{\"day\": \"2026-11-25\", \"dishes\": []}]}'")),
        (
            "facility_menu_listed",
            facility("dossier = '{\"menu\": [{\"day\": \"2026-11-25\", \"dishes\": [\"a\"], \"price\": -1}]}'"),
        ),
        ("facility_staff_counted", facility("dossier = '{\"staff\": {\"caregivers\": 3}}'")),
        (
            "facility_staff_counted",
            facility("dossier = '{\"staff\": {\"caregivers\": -3, \"as_of\": \"2026-10-01\"}}'"),
        ),
        (
            "facility_certified_within_caregivers",
            facility("dossier = '{\"staff\": {\"caregivers\": 9, \"certified\": 12, \"as_of\": \"2026-10-01\"}}'"),
        ),
        ("rating_issuer_written", "UPDATE rating SET issuer = ''".to_owned()),
        ("inspection_facility_fkey", inspection("gen_random_uuid()", "'safety', now(), 'passed'")),
        ("inspection_type_fkey", inspection("id", "'surprise', now(), 'passed'")),
        ("inspection_result_known", inspection("id", "'safety', now(), 'fine'")),
        ("finding_severity_known", finding("'用电', 'grave', '插座', NULL, NULL")),
        ("finding_category_written", finding("'', 'minor', '插座', NULL, NULL")),
        ("finding_detail_written", finding("'用电', 'minor', '', NULL, NULL")),
        ("finding_rectification_dated", finding("'用电', 'minor', '插座', NULL, '换了'")),
        ("capacity_nursing_within_total", "UPDATE capacity SET total = 10, nursing = 11".to_owned()),
        ("capacity_counts", "UPDATE capacity SET occupied = -1".to_owned()),
        ("capacity_measure_fkey", "UPDATE capacity SET measure = 'rooms' WHERE measure = 'beds'".to_owned()),
        ("rating_level_known", "UPDATE rating SET level = 0".to_owned()),
        ("rating_one_a_scheme", "INSERT INTO rating (facility, scheme) SELECT facility, scheme FROM rating".to_owned()),
        (
            "region_parent_fkey",
            "UPDATE region SET parent = '99' WHERE code = '3213'; SET CONSTRAINTS ALL IMMEDIATE".to_owned(),
        ),
        ("region_parent_is_another", "UPDATE region SET parent = code".to_owned()),
        ("region_level_known", "UPDATE region SET level = 'street'".to_owned()),
        ("region_border_is_an_area", "UPDATE region SET border = place".to_owned()),
        ("demand_point_parts_fit", demand("region, total, aged_60", "'3213', 10, 11")),
        ("demand_point_parts_fit", demand("region, aged_60, aged_80", "'3213', 10, 11")),
        ("demand_point_parts_fit", demand("region, total, aged_80", "'3213', 10, 11")),
        ("demand_point_counts_people", demand("region, total", "'3213', -1")),
        ("demand_point_is_somewhere", demand("total", "5")),
        ("demand_point_region_fkey", demand("region", "'999999'")),
        ("demand_point_once", format!("{0}; {0}", demand("region, as_of", "'3213', NULL"))),
        (
            "change_entity_known",
            "INSERT INTO change (actor, entity, key, action, after) VALUES ('a', 'b', 'c', 'created', '{}')".to_owned(),
        ),
        (
            "change_action_told",
            "INSERT INTO change (actor, entity, key, action) VALUES ('a', 'region', 'c', 'created')".to_owned(),
        ),
        ("account_role_known", account("'a', 'king', NULL")),
        ("account_name_written", account("'', 'admin', NULL")),
        ("account_name_unique", format!("{0}; {0}", account("'a', 'admin', NULL"))),
        ("account_bureau_has_region", account("'a', 'bureau', NULL")),
        ("account_region_fkey", format!("{}; SET CONSTRAINTS ALL IMMEDIATE", account("'a', 'bureau', '999999'"))),
        ("change_request_wishes", request("'{}', 'pending', NULL, NULL")),
        ("change_request_state_known", request("'{\"name\":\"a\"}', 'maybe', now(), 'b'")),
        ("change_request_decided_whole", request("'{\"name\":\"a\"}', 'decided', now(), NULL")),
        ("scenario_version_counts", scenario("0, 'a', '{}', '{}', NULL, NULL")),
        ("scenario_name_written", scenario("1, '', '{}', '{}', NULL, NULL")),
        ("scenario_note_short", scenario("1, 'a', '{}', '{}', NULL, repeat('a', 5001)")),
        ("scenario_question_whole", scenario("1, 'a', '[]', '{}', NULL, NULL")),
        ("scenario_changes_whole", scenario("1, 'a', '{}', '[]', NULL, NULL")),
        (
            "scenario_region_fkey",
            format!("{}; SET CONSTRAINTS ALL IMMEDIATE", scenario("1, 'a', '{}', '{}', '999999', NULL")),
        ),
        (
            "idempotency_key_short",
            "INSERT INTO idempotency (actor, key, print, facility) VALUES ('a', '', '', gen_random_uuid())".to_owned(),
        ),
        (
            "session_hash_is_sha256",
            "INSERT INTO session (hash, account) VALUES ('\\x00', gen_random_uuid())".to_owned(),
        ),
        (
            "recognised_browser_hash_is_sha256",
            "INSERT INTO recognised_browser (hash, account) VALUES ('\\x00', gen_random_uuid())".to_owned(),
        ),
        ("correction_subject_known", correction("subject", "'weather'")),
        ("correction_other_is_said", correction("subject", "'other'")),
        ("correction_said_short", correction("subject, said", "'phone', ''")),
        ("correction_phone_short", correction("subject, phone", "'phone', repeat('1', 41)")),
        ("correction_sender_is_sha256", correction("subject, sender", "'phone', '\\x00'")),
        ("correction_done_whole", correction("subject, done_at", "'phone', now()")),
        ("correction_done_forgets_phone", correction("subject, phone, done_at, done_by", "'phone', '1', now(), 'b'")),
        (
            "change_reason_written",
            "INSERT INTO change (actor, entity, key, action, before, reason) VALUES ('a', 'region', 'c', 'deleted', '{}', '')"
                .to_owned(),
        ),
        ("failed_sign_in_counted", "INSERT INTO failed_sign_in VALUES ('account:a', 0, now())".to_owned()),
        (
            "token_scope_known",
            "INSERT INTO token (hash, holder, role, scope) VALUES (sha256('a'), 'a', 'admin', 'all')".to_owned(),
        ),
        ("token_hash_is_sha256", "INSERT INTO token (hash, holder, role) VALUES ('\\x00', 'a', 'operator')".to_owned()),
    ];
    for (constraint, statement) in cases {
        let error = sql.batch_execute(&format!("BEGIN; {statement}")).await.expect_err(constraint);
        let told = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(told, Some(constraint), "{statement}: {:?}", error.as_db_error());
        sql.batch_execute("ROLLBACK").await.expect("rolls back");
    }
    sql.batch_execute("UPDATE capacity SET occupied = total + 5").await.expect("homes are over capacity in real life");
    assert!(home.capacity[0].over_capacity());
}
