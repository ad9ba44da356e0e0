//! Records to test with: one of each, with every field told.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use silver_atlas::care::facility::Price;
use silver_atlas::care::{
    Capacity, Datum, DemandPoint, Entity, Facility, Level, Licence, Meal, MealTime, Place, Rating, Region, Staff,
    Status, Text,
};
use silver_atlas::registry::{Batch, BatchInfo, Edit, Registry, RegistryError};
use uuid::Uuid;

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

pub fn info(what: Entity) -> BatchInfo {
    BatchInfo { what, actor: "import".into(), file_name: "sample.csv".into(), sha256: "0".repeat(64).into(), rows: 1 }
}

pub fn region(code: &str, parent: Option<&str>) -> Region {
    let border = serde_json::json!({
        "type": "MultiPolygon",
        "coordinates": [[[[118.1, 33.9], [118.3000000000001, 33.9], [118.3, 34.1234567890123], [118.1, 33.9]]]],
    });
    Region {
        code: code.into(),
        name: "宿城区".into(),
        level: Level::County,
        parent: parent.map(Text::from),
        place: Some(Place::from_datum(Datum::Gcj02, 118.27, 33.96)),
        border: Some(serde_json::from_value(border).expect("a geometry")),
        counts_in_coverage: false,
        class: Some(silver_atlas::care::UrbanRural::Rural),
        source: Some("样例".into()),
        demo: true,
    }
}

pub fn demand(region: &str) -> DemandPoint {
    DemandPoint {
        id: Uuid::now_v7(),
        region: Some(region.into()),
        place: Some(Place::wgs84(118.2, 33.9)),
        total: Some(1000),
        aged_60: Some(300),
        aged_80: Some(50),
        groups: Some(Box::new([("living_alone".into(), 1)].into())),
        as_of: Some(day("2020-11-01")),
        source: Some("普查".into()),
        demo: true,
    }
}

/// A facility that tells everything; in whole microseconds, as the tables hold time.
pub fn home(code: &str, region: Option<&str>) -> Facility {
    Facility {
        id: Uuid::now_v7(),
        version: 1,
        code: Some(code.into()),
        name: "示例养老院".into(),
        kind: "nursing_home".into(),
        status: Status::Trial,
        region: region.map(Text::from),
        address: Some("幸福路 1 号".into()),
        place: Some(Place { confirmed: false, ..Place::from_datum(Datum::Bd09, 118.27, 33.96) }),
        phone: Some("0527-5555-0101".into()),
        hours: Some("24/7".into()),
        ratings: vec![Rating {
            scheme: "gb37276".into(),
            level: Some(3),
            issuer: Some("示例市民政局".into()),
            rated_on: Some(day("2024-05-01")),
            valid_until: None,
        }],
        licences: vec![Licence {
            r#type: "food".into(),
            number: Some("JY13213\"01\"".into()),
            issuer: None,
            valid_from: Some(day("2022-03-01")),
            valid_until: Some(day("2027-02-28")),
        }],
        menu: vec![Meal {
            day: day("2026-11-25"),
            meal: Some(MealTime::Lunch),
            dishes: vec!["红烧肉".into(), "青菜".into()],
            price: Some(12.5),
        }],
        staff: Some(Box::new(Staff { caregivers: Some(12), certified: Some(9), as_of: day("2026-10-01") })),
        capacity: vec![
            Capacity {
                measure: "beds".into(),
                total: Some(120),
                nursing: Some(60),
                occupied: Some(130),
                as_of: time("2025-06-30T08:00:00.123456Z"),
                undated: false,
                source: Some("月报".into()),
            },
            Capacity {
                measure: "day_places".into(),
                total: None,
                nursing: None,
                occupied: Some(0),
                as_of: time("2025-06-30T08:00:00Z"),
                undated: false,
                source: None,
            },
        ],
        price: Some(Box::new(Price { min: Some(1999.99), max: None, unit: "month".into() })),
        ownership: Some("公建民营".into()),
        operator: Some("某某服务中心".into()),
        uscc: Some("52370403MJE000013A".into()),
        services: vec!["助餐".into(), "助浴, \"含\" {水}".into()],
        opened_on: Some(day("2019-01-01")),
        built_on: Some(day("1999-12-31")),
        closed_on: Some(day("2030-01-01")),
        tags: vec!["省级示范".into()],
        note: Some("第一行\n第二行\t\\N".into()),
        source: Some("样例".into()),
        demo: true,
        updated_at: time("2025-07-01T00:00:00.5Z"),
    }
}

/// A facility that tells as little as it can.
pub fn bare(name: &str, kind: &str) -> Facility {
    let Facility { id, version, status, updated_at, .. } = home("x", None);
    let json = serde_json::json!({
        "id": id, "version": version, "name": name, "kind": kind, "status": status, "updated_at": updated_at,
    });
    serde_json::from_value(json).expect("a facility")
}

pub fn new<T>(after: T) -> Edit<T> {
    Edit { before: None, after }
}

/// Writes facilities as one batch.
pub async fn write(registry: &Registry, edits: &[Edit<Facility>]) -> Result<(Uuid, i64), RegistryError> {
    let mut batch: Batch = registry.begin(info(Entity::Facility)).await?;
    batch.write_facilities(edits).await?;
    batch.commit().await
}

/// Writes a county, and in it a home that tells everything.
pub async fn settle(registry: &Registry) -> Facility {
    let mut batch = registry.begin(info(Entity::Region)).await.expect("begins");
    batch.write_regions(&[new(region("3213", None)), new(region("321302", Some("3213")))]).await.expect("regions");
    batch.commit().await.expect("commits");
    let home = home("A-1", Some("321302"));
    write(registry, &[new(home.clone())]).await.expect("a home");
    home
}

/// In a moment later than `time`.
pub fn later(facility: &Facility) -> DateTime<Utc> {
    facility.updated_at + Duration::days(1)
}
