//! Batches: what goes in comes out, all of it or nothing, and broken rules are told in words.

use std::time::Duration;

use chrono::Utc;
use silver_atlas::care::draft::{FacilityDraft, FacilityKey};
use silver_atlas::care::{Action, Entity, Facility, Place, Rating};
use silver_atlas::registry::{Edit, RegistryError};

use crate::sample::{self, bare, demand, home, info, new};
use crate::support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn every_field_comes_back_as_it_was_written() {
    let test = TestDatabase::new().await;
    let full = sample::settle(&test.registry).await;
    let least = bare("只有名字", "funeral_home");
    sample::write(&test.registry, &[new(least.clone())]).await.expect("a batch");
    let mut batch = test.registry.begin(info(Entity::DemandPoint)).await.expect("begins");
    let at_region = silver_atlas::care::DemandPoint { place: None, as_of: None, aged_80: None, ..demand("3213") };
    let mut people = vec![demand("321302"), at_region];
    people.sort_by_key(|point| point.id);
    let edits: Vec<_> = people.iter().cloned().map(new).collect();
    batch.write_demand(&edits).await.expect("people");
    assert_eq!(batch.demand().await.expect("people"), people);
    let (_, seq) = batch.commit().await.expect("commits");

    let record = test.registry.load().await.expect("loads");
    assert_eq!(record.revision, seq);
    assert_eq!(record.facilities, [full, least]);
    assert_eq!(record.regions, [sample::region("3213", None), sample::region("321302", Some("3213"))]);
    assert_eq!(record.regions, test.registry.regions().await.expect("regions"));
    assert_eq!(record.demand, people);
    // What the log says is what the tables say.
    for change in test.registry.changes_after(0, 100).await.expect("changes") {
        assert_eq!((change.action, change.before), (Action::Created, None));
        if change.entity == Entity::Facility {
            let told: Facility = serde_json::from_value(change.after.expect("a record")).expect("a facility");
            assert!(record.facilities.contains(&told));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_finer_than_the_tables_hold_is_told_alike_by_log_and_tables() {
    let test = TestDatabase::new().await;
    let draft = FacilityDraft { name: "助餐点".into(), kind: "meal_point".into(), ..FacilityDraft::default() };
    sample::write(&test.registry, &[new(draft.create(Utc::now()))]).await.expect("a batch");
    let record = test.registry.load().await.expect("loads");
    let logged = test.registry.changes_after(0, 1).await.expect("changes").remove(0).after.expect("a record");
    assert_eq!(serde_json::from_value::<Facility>(logged).expect("a facility"), record.facilities[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_find_their_facilities_by_code_or_by_name_kind_and_region() {
    let test = TestDatabase::new().await;
    let full = sample::settle(&test.registry).await;
    let least = bare("助餐点", "meal_point");
    let other = bare("助餐点", "canteen");
    sample::write(&test.registry, &[new(least.clone()), new(other)]).await.expect("a batch");
    let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    let keys = [
        FacilityKey::Code("A-1".into()),
        FacilityKey::Code("A-2".into()),
        FacilityKey::Name("助餐点".into(), "meal_point".into(), None),
        FacilityKey::Name("示例养老院".into(), "nursing_home".into(), Some("321302".into())),
        FacilityKey::Name("示例养老院".into(), "nursing_home".into(), None),
    ];
    assert_eq!(batch.facilities(&keys).await.expect("found"), [full.clone(), least]);
    assert_eq!(batch.facilities(&keys[..1]).await.expect("found again"), std::slice::from_ref(&full));
    // They stay as they are until the batch ends.
    let told = vec![silver_atlas::care::draft::CapacityDraft {
        measure: "beds".into(),
        occupied: Some(1).into(),
        ..Default::default()
    }];
    let mut write = std::pin::pin!(test.registry.update_capacity(full.id, 1, told, "operator"));
    tokio::time::timeout(Duration::from_millis(200), &mut write).await.expect_err("it has to wait");
    batch.roll_back().await.expect("rolls back");
    assert_eq!(write.await.expect("written").facility.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_file_updates_what_the_first_brought_and_keeps_old_ratings() {
    let test = TestDatabase::new().await;
    let full = sample::settle(&test.registry).await;
    let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    let before = batch.facilities(&[FacilityKey::Code("A-1".into())]).await.expect("found").remove(0);
    let mut after = before.clone();
    after.name = "新名字".into();
    after.place = None;
    after.price = None;
    after.capacity.remove(1);
    after.capacity[0].total = Some(200);
    let told = Rating { level: Some(4), ..after.ratings[0].clone() };
    after.ratings =
        vec![Rating { scheme: "city_star".into(), level: None, issuer: None, rated_on: None, valid_until: None }, told];
    assert!(after.written(&before, sample::later(&before)));
    let also = home("A-3", None);
    let edits = [Edit { before: Some(before.clone()), after: after.clone() }, new(also.clone())];
    batch.write_facilities(&edits).await.expect("writes");
    batch.commit().await.expect("commits");
    let mut expected = [after, also];
    expected.sort_by_key(|facility| facility.id);
    assert_eq!(test.registry.load().await.expect("loads").facilities, expected);
    let count = "SELECT count(*) FROM rating WHERE superseded_at IS NOT NULL";
    assert_eq!(test.sql().await.query_one(count, &[]).await.expect("a count").get::<_, i64>(0), 1);

    // An edit based on what is no longer so is refused.
    let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    let edit = Edit { before: Some(full.clone()), after: full };
    let refused = batch.write_facilities(&[edit]).await;
    assert!(matches!(refused, Err(RegistryError::Rule { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_dropped_or_rolled_back_leaves_nothing() {
    let test = TestDatabase::new().await;
    for drops in [true, false] {
        let mut batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
        batch.write_facilities(&[new(home("A-1", None))]).await.expect("writes");
        if drops { drop(batch) } else { batch.roll_back().await.expect("rolls back") }
    }
    // The next batch waits for the ones before to be over.
    let batch = test.registry.begin(info(Entity::Facility)).await.expect("begins");
    assert_eq!(batch.commit().await.expect("commits").1, 0);
    let record = test.registry.load().await.expect("loads");
    assert!(record.facilities.is_empty() && record.revision == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_undoes_the_batch_and_says_which_facility_broke_it() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let good = || home("B-1", None);
    let broken = |change: &dyn Fn(&mut Facility)| {
        let mut facility = home("B-2", None);
        change(&mut facility);
        facility
    };
    let cases = [
        (broken(&|f| f.code = Some("A-1".into())), "/code", "the code \"A-1\" belongs to another facility"),
        (broken(&|f| f.region = Some("99".into())), "/region", "there is no region \"99\""),
        (broken(&|f| f.kind = "hotel".into()), "/kind", "there is no kind \"hotel\""),
        (broken(&|f| f.capacity[0].nursing = Some(121)), "/capacity/nursing", "(B-2): nursing capacity is more"),
        (broken(&|f| f.capacity[0].total = Some(u32::MAX)), "/capacity/total", "(B-2): this is more than"),
        (broken(&|f| f.ratings[0].level = Some(0)), "/rating/level", "示例养老院 (B-2): a rating's level"),
        (broken(&|f| f.place = Some(Place::wgs84(190.0, 34.0))), "/place", "(B-2): the longitude must be"),
        (broken(&|f| f.price.as_mut().expect("a price").min = Some(-1.0)), "/price", "(B-2): a price must be"),
        (
            broken(&|f| f.staff.as_mut().expect("staff").certified = Some(13)),
            "/staff/certified",
            "(B-2): more caregivers are certified",
        ),
        (
            broken(&|f| f.licences[0].valid_from = f.licences[0].valid_until.and_then(|day| day.succ_opt())),
            "/licences",
            "(B-2): a licence's last day",
        ),
        (broken(&|f| f.name = "a\0b".into()), "", "cannot be stored"),
    ];
    for (facility, expected, words) in cases {
        match sample::write(&test.registry, &[new(good()), new(facility)]).await {
            Err(RegistryError::Rule { pointer, detail }) => {
                assert_eq!(pointer, expected, "{detail}");
                assert!(detail.contains(words), "{detail}");
            }
            other => panic!("{words}: {other:?}"),
        }
    }
    assert_eq!(test.registry.load().await.expect("loads").facilities.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_whose_parent_or_border_is_wrong_is_refused_in_words() {
    let test = TestDatabase::new().await;
    let mut batch = test.registry.begin(info(Entity::Region)).await.expect("begins");
    batch
        .write_regions(&[new(sample::region("321302", Some("3213")))])
        .await
        .expect("parents are looked for at the end");
    let refused = batch.commit().await;
    assert!(matches!(&refused, Err(RegistryError::Rule { detail, .. }) if detail.contains("\"3213\"")), "{refused:?}");
    let mut batch = test.registry.begin(info(Entity::Region)).await.expect("begins");
    let mut region = sample::region("3213", None);
    let line = serde_json::json!({ "type": "Polygon", "coordinates": [[[0.0, 0.0], [1.0, 1.0]]] });
    region.border = Some(serde_json::from_value(line).expect("a geometry"));
    let refused = batch.write_regions(&[new(region)]).await;
    assert!(matches!(&refused, Err(RegistryError::Rule { pointer, .. }) if pointer == "/border"), "{refused:?}");
}
