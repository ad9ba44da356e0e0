//! Saved scenarios: written on the version that was seen, each write with its line in the log, and none of it public.

use serde_json::json;
use silver_atlas::care::scenario::{Added, Changes};
use silver_atlas::care::{Action, Entity, Scenario};
use silver_atlas::registry::{Registry, RegistryError, Rewritten};
use uuid::Uuid;

use crate::sample;
use crate::support::TestDatabase;

fn scenario() -> Scenario {
    let site = Added {
        kind: "canteen".into(),
        lon: 118.25,
        lat: 33.95,
        name: Some("示例".into()),
        region: None,
        total: Some(200),
        free: None,
        rating: None,
        services: vec!["助餐".into()],
    };
    Scenario {
        id: Uuid::now_v7(),
        version: 1,
        name: "甲方案".into(),
        account: None,
        actor: "planner:li".into(),
        region: Some("3213".into()),
        question: json!({"kind": ["canteen", "meal_point"], "within_m": 1000}).as_object().cloned().expect("an object"),
        changes: Changes { add: vec![site], close: vec![Uuid::now_v7()], ..Changes::default() },
        note: Some("说明".into()),
        made_at: sample::time("2026-01-01T00:00:00Z"),
        updated_at: sample::time("2026-01-01T00:00:00Z"),
    }
}

async fn held(registry: &Registry, id: Uuid) -> Option<Scenario> {
    registry.scenario(id).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_is_saved_saved_anew_and_removed_each_with_its_line_in_the_log() {
    let test = TestDatabase::new().await;
    sample::settle(&test.registry).await;
    let registry = &test.registry;
    let (first, seq) = registry.save_scenario(scenario()).await.expect("saved");
    assert_eq!(held(registry, first.id).await.as_ref(), Some(&first));
    let renamed = Scenario { name: "乙方案".into(), actor: "bureau:wang".into(), ..first.clone() };
    let Rewritten::Done(second, _) = registry.amend_scenario(renamed.clone()).await.expect("saved anew") else {
        panic!("nobody else wrote");
    };
    assert_eq!((second.version, &*second.name, second.made_at), (2, "乙方案", first.made_at));
    // Whoever saw the first version is told, and nothing is lost.
    for stale in [registry.amend_scenario(renamed).await, registry.remove_scenario(first.id, 1, "bureau:wang").await] {
        assert!(matches!(stale, Ok(Rewritten::Stale(current)) if *current == *second));
    }
    assert_eq!(registry.scenarios().await.expect("a list"), std::slice::from_ref(&*second));
    let gone = registry.remove_scenario(first.id, 2, "bureau:wang").await.expect("removed");
    assert!(matches!(gone, Rewritten::Done(..)) && held(registry, first.id).await.is_none());
    assert!(matches!(registry.remove_scenario(first.id, 2, "a").await, Ok(Rewritten::Gone)));
    let lines = registry.changes_after(seq - 1, 10).await.expect("the log");
    let told: Vec<_> = lines.iter().map(|line| (line.action, line.by())).collect();
    assert_eq!(told, [(Action::Created, "planner"), (Action::Updated, "bureau"), (Action::Deleted, "bureau")]);
    assert!(lines.iter().all(|line| line.entity == Entity::Scenario && !line.entity.public()));
    assert_eq!(serde_json::from_value::<Scenario>(lines[2].before.clone().expect("it was there")).ok(), Some(*second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_without_a_name_or_of_a_region_that_nobody_knows_is_refused_in_words() {
    let test = TestDatabase::new().await;
    let refused = |new: Scenario| async { test.registry.save_scenario(new).await.expect_err("a rule") };
    let nowhere = refused(Scenario { region: Some("999999".into()), ..scenario() }).await;
    assert!(matches!(nowhere, RegistryError::Rule { pointer, .. } if pointer == "/region"));
    let nameless = refused(Scenario { region: None, name: "".into(), ..scenario() }).await;
    assert!(matches!(nameless, RegistryError::Rule { pointer, .. } if pointer == "/name"));
}
