//! What GIS programs see: layers with plain types, and a role that only reads.

use std::process::Command;

use crate::sample;
use crate::support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn every_layer_is_in_the_catalogue_with_its_type_and_system() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let sql = test.sql().await;
    let layers = sql
        .query(
            "SELECT f_table_name::text, type::text, srid FROM geometry_columns WHERE f_table_schema = 'gis' ORDER BY 1",
            &[],
        )
        .await
        .expect("layers");
    let layers: Vec<(String, String, i32)> = layers.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let expected =
        [("demand_point", "POINT"), ("facility", "POINT"), ("region", "MULTIPOLYGON"), ("region_point", "POINT")];
    assert_eq!(layers, expected.map(|(name, shape)| (name.to_owned(), shape.to_owned(), 4326)));
    let rows = sql.query("SELECT id, ST_X(geom), beds_total FROM gis.facility", &[]).await.expect("facilities");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<_, uuid::Uuid>(0), home.id);
    assert_eq!(
        rows[0].get::<_, Option<f64>>(1),
        home.place.as_ref().filter(|place| place.confirmed).map(|place| place.lon)
    );
    let beds = home.capacity.iter().find(|told| &*told.measure == "beds").and_then(|told| told.total);
    assert_eq!(rows[0].get::<_, Option<i32>>(2).map(|beds| beds as u32), beds);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_role_reads_the_layers_and_nothing_else() {
    let test = TestDatabase::new().await;
    let sql = test.sql().await;
    sql.batch_execute("SET ROLE silver_atlas_reader; SELECT count(*) FROM gis.facility").await.expect("reads");
    for forbidden in ["SELECT count(*) FROM token", "SELECT count(*) FROM account", "DELETE FROM gis.demand_point"] {
        assert!(sql.batch_execute(forbidden).await.is_err(), "{forbidden}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ogrinfo_lists_the_layers() {
    if Command::new("ogrinfo").arg("--version").output().is_err() {
        eprintln!("ogrinfo (package gdal-bin) is not installed: the catalogue alone was looked at");
        return;
    }
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let source = format!("PG:{} active_schema=gis", test.address.url);
    let listed = Command::new("ogrinfo").args(["-ro", "-so", &source, "facility"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&listed.stdout);
    assert!(text.contains("Geometry: Point") && text.contains("Feature Count: 1"), "{text}");
}
