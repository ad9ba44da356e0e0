//! Nearest over HTTP equals PostGIS' own ellipsoidal order, filters included.

use std::fmt::Write;

use super::oracle::{Chance, connect};
use super::server::{Folder, Server, run};
use super::support::TestDatabase;

const KINDS: [&str; 4] = ["nursing_home", "canteen", "meal_point", "public_cemetery"];
const STATUSES: [&str; 6] = ["operating", "operating", "operating", "trial", "closed", "suspended"];

fn list(chance: &mut Chance, rows: usize) -> String {
    let mut text =
        "code,name,kind,status,lon,lat,capacity_as_of,beds_total,beds_occupied,rating_scheme,rating_level\n".to_owned();
    let today = chrono::Utc::now().date_naive();
    let mut last = (0.0, 0.0);
    for row in 0..rows {
        // Every ninth stands where the one before it stands.
        last = if row % 9 == 8 { last } else { chance.point() };
        let kind = KINDS[chance.below(4) as usize];
        let status = STATUSES[chance.below(6) as usize];
        let beds = if kind == "nursing_home" {
            format!("{},{}", 20 + chance.below(200), chance.below(220))
        } else {
            ",".to_owned()
        };
        let rating =
            if chance.below(3) == 0 { format!("cms_five_star,{}", 1 + chance.below(5)) } else { ",".to_owned() };
        let place = if row % 50 == 49 { ",".to_owned() } else { format!("{},{}", last.0, last.1) };
        writeln!(text, "N-{row},Facility {row},{kind},{status},{place},{today},{beds},{rating}").expect("a String");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn nearest_is_postgis_order_for_any_point_and_filter() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("nearest");
    let mut chance = Chance::new(2026);
    let file = folder.write("facilities.csv", &list(&mut chance, 5_000));
    let place = ["--database-url", &database.address.url];
    let output = run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let server = Server::start(place, &[]);
    let client = connect(&database.address).await;
    for _ in 0..400 {
        let (lon, lat) = chance.point();
        let (filter, sql) = match chance.below(5) {
            0 => ("&kind=canteen&kind=meal_point", "f.kind in ('canteen', 'meal_point')"),
            1 => ("&min_free=5&measure=beds", "c.total - c.occupied >= 5"),
            2 => ("&min_rating=4", "r.level >= 4"),
            3 => ("&category=funeral&within_m=400000", "f.kind = 'public_cemetery' and d <= 400000"),
            _ => ("", "true"),
        };
        let query = format!(
            "select f.id::text, d from facility f
             cross join lateral (select ST_Distance(f.place, ST_MakePoint($1, $2)::geography, true) as d) as distance
             left join capacity c on c.facility = f.id and c.measure = 'beds'
             left join rating r on r.facility = f.id
             where f.status in ('operating', 'trial') and f.place is not null and {sql} order by d, f.id limit 10"
        );
        let rows = client.query(&query, &[&lon, &lat]).await.expect("PostGIS answers");
        let answer = server.get(&format!("/api/v1/nearest?lon={lon}&lat={lat}{filter}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        let answer = answer.json();
        let features = answer["features"].as_array().expect("features");
        assert_eq!(features.len(), rows.len(), "from {lon},{lat}{filter}");
        for (at, (feature, row)) in features.iter().zip(&rows).enumerate() {
            let expected: f64 = row.get(1);
            let told = feature["properties"]["distance_m"].as_f64().expect("a distance");
            assert!((told - expected).abs() < 0.002, "{told} is not {expected} from {lon},{lat}{filter}");
            // Neighbours that PostGIS itself parts by less than a micrometre may stand either way; coincident ones may not.
            let alone = rows.iter().enumerate().all(|(other, row)| {
                let gap = (row.get::<_, f64>(1) - expected).abs();
                other == at || gap == 0.0 || gap > 1e-6
            });
            if alone && at + 1 < rows.len() {
                assert_eq!(feature["id"], row.get::<_, String>(0), "place {at} from {lon},{lat}{filter}");
            }
        }
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_datum_is_converted_before_the_search() {
    let database = TestDatabase::new().await;
    let folder = Folder::new("datum");
    // The published vector: one place in three datums.
    let file = folder.write("f.csv", "name,kind,lon,lat\nA,canteen,121.4737,31.2304\n");
    let place = ["--database-url", &database.address.url];
    assert!(run(&["import", "facilities", file.to_str().expect("a path"), place[0], place[1]]).status.success());
    let server = Server::start(place, &[]);
    for (datum, lon, lat) in
        [("gcj02", 121.47822305927693, 31.22845773757727), ("bd09", 121.484781468503, 31.234310593689997)]
    {
        let answer = server.get(&format!("/api/v1/nearest?lon={lon}&lat={lat}&datum={datum}")).json();
        let distance = answer["features"][0]["properties"]["distance_m"].as_f64().expect("a distance");
        assert!(distance < 0.001, "{datum}: {distance} m");
    }
    server.stop();
}
