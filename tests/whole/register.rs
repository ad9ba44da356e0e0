//! A bureau's pages: registering once, merging, withdrawing, and corrections from visitors, without scripts.

use serde_json::json;
use silver_atlas::care::Role;
use silver_atlas::registry::{NewAccount, NewToken};

use super::staff::{Browser, House, house};

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_registers_one_facility_however_often_it_is_sent() {
    let House { server, database: _database, .. } = house("sheet").await;
    let mut bureau = Browser::new(&server);
    bureau.sign_in("wang").go("/desk");
    assert!(bureau.says("/desk/register"), "{}", bureau.page);
    bureau.go("/desk/register?kind=nursing_home");
    // All that is wrong is named with its field, and what was typed stays.
    let typed = [("name", ""), ("region", "甲市"), ("lon", "118.3"), ("beds_total", "10"), ("beds_nursing", "11")];
    bureau.submit("form_key", &[typed.as_slice(), &[("hours", "朝九晚五"), ("phone", "0527-5555-0103")]].concat());
    assert_eq!(bureau.status, 422);
    for (line, kept) in [("#name", "甲市"), ("#lat", "118.3"), ("#beds_nursing", "11"), ("#hours", "0527-5555-0103")]
    {
        assert!(
            bureau.says(&format!("href=\"{line}\"")) && bureau.says(&format!("value=\"{kept}\"")),
            "{line}: {}",
            bureau.page
        );
    }
    let right = [
        ("name", "丙院"),
        ("lon", "118.3004,33.9"),
        ("datum", "wgs84"),
        ("beds_nursing", "4"),
        ("hours", "每天 08:00-18:00"),
    ];
    bureau.submit("form_key", &right);
    assert!(
        bureau.says("请核对") && bureau.says("甲院") && bureau.says("照样登记"),
        "a home 37 m away: {}",
        bureau.page
    );
    let sheet = bureau.page.clone();
    bureau.submit("form_key", &[]);
    assert!(bureau.status == 409 && bureau.says("请先看看下面几家"), "{}", bureau.page);
    bureau.submit("form_key", &[("another", "1")]);
    assert!(bureau.status == 200 && bureau.says("已登记") && bureau.says("丙院"), "{}", bureau.page);
    // The same sheet again, as after a broken connection.
    bureau.page = sheet.clone();
    bureau.submit("form_key", &[("another", "1")]);
    assert!(bureau.says("已登记"), "{}", bureau.page);
    // And with something else in it.
    bureau.page = sheet;
    bureau.submit("form_key", &[("another", "1"), ("phone", "0527-5555-0104")]);
    assert!(bureau.status == 409 && bureau.says("这张表已经登记过一家机构了"), "{}", bureau.page);
    let all = server.get("/api/v1/facilities?q=丙院").json();
    assert_eq!(all["numberMatched"], 1);
    let properties = &all["features"][0]["properties"];
    assert_eq!((&properties["hours"], &properties["region"]["code"]), (&json!("Mo-Su 08:00-18:00"), &json!("3213")));
    let beds = &properties["capacity"]["beds"];
    assert_eq!((&beds["total"], &beds["nursing"], &beds["source"]), (&json!(10), &json!(4), &json!("bureau")));
    // A manager has no business there.
    let mut manager = Browser::new(&server);
    assert_eq!(manager.sign_in("li").go("/desk/register").status, 403);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_merged_field_by_field_and_nothing_is_merged_unseen() {
    let House { server, mine, other, database } = house("merge").await;
    let mut bureau = Browser::new(&server);
    bureau.sign_in("wang").go(&format!("/f/{other}/merge?into={mine}"));
    assert!(bureau.says("0527-5555-0101") && bureau.says("0527-5555-0102"), "both side by side: {}", bureau.page);
    // Somebody is quicker.
    let told = silver_atlas::care::draft::CapacityDraft {
        measure: "beds".into(),
        occupied: silver_atlas::care::draft::Figure::Told(98),
        ..Default::default()
    };
    database.registry.update_capacity(mine, 1, vec![told], "manager:li").await.expect("told");
    bureau.submit("into_version", &[("take_phone", "goes")]);
    assert!(bureau.status == 412 && bureau.says("有人刚改过其中一条"), "{}", bureau.page);
    assert!(bureau.says("name=\"take_phone\" value=\"goes\" checked"), "the choice is kept: {}", bureau.page);
    bureau.submit("into_version", &[]);
    assert!(bureau.status == 200 && bureau.says("并入另一条记录"), "{}", bureau.page);
    let now = server.get(&format!("/api/v1/facilities/{other}")).json();
    assert_eq!((&now["id"], &now["properties"]["phone"]), (&json!(mine.to_string()), &json!("0527-5555-0102")));
    assert_eq!(now["properties"]["capacity"]["beds"]["occupied"], 98);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_registered_by_mistake_is_gone_and_known_to_have_been() {
    let House { mut server, mine, other, database } = house("withdraw").await;
    // The log is changed behind the server's back.
    server.forgive(&["the database is not the one that was followed"]);
    let registry = &database.registry;
    let before = super::past_days::set_back(&database).await;
    let mut bureau = Browser::new(&server);
    bureau.sign_in("wang").go(&format!("/f/{other}/withdraw"));
    bureau.submit("reason", &[]);
    assert!(bureau.status == 422 && bureau.says("请写明原因"), "{}", bureau.page);
    bureau.submit("reason", &[("reason", "重复录入的测试数据")]);
    assert!(bureau.status == 410 && bureau.says("已撤下") && bureau.says("甲院"), "others nearby: {}", bureau.page);
    let gone = server.get(&format!("/api/v1/facilities/{other}"));
    assert_eq!((gone.status, gone.json()["type"].as_str()), (410, Some("gone")));
    let last =
        server.get("/api/v1/changes?limit=1000").json()["changes"].as_array().and_then(|all| all.last().cloned());
    let last = last.expect("a change");
    assert_eq!((&last["action"], &last["id"]), (&json!("deleted"), &json!(other.to_string())));
    assert!(last.get("becomes").is_none() && !last.to_string().contains("测试数据"), "{last}");
    assert_eq!(server.get(&format!("/api/v1/facilities/{other}?as_of={before}")).status, 200, "it was there then");
    // Those who may look still see its history, with the reason; a family does not.
    assert!(bureau.go(&format!("/f/{other}/history")).says("重复录入的测试数据"), "{}", bureau.page);
    let family = server.get(&format!("/f/{other}"));
    assert!(family.status == 410 && family.text.contains("甲院") && !family.text.contains("测试数据"));
    assert!(bureau.go(&format!("/f/{other}/edit")).status == 410);
    // By the API: a version, a reason, and the same right.
    let bearer = |role| async move {
        let region = (role == Role::Bureau).then(|| "3213".into());
        let new = NewAccount { name: format!("{role:?}").into(), role, region, facilities: vec![mine], password: None };
        let account = Some(registry.add_account(new).await.expect("an account"));
        let token = NewToken { account, role, ..NewToken::operators("t".into(), Some(1)) };
        format!("Bearer {}", registry.make_token(token).await.expect("a token"))
    };
    let (manager, bureau) = (bearer(Role::Manager).await, bearer(Role::Bureau).await);
    let delete = |who: &str, version: &str, reason: &str| {
        let address = format!("/api/v1/facilities/{mine}{reason}");
        server
            .send(
                "DELETE",
                &address,
                &[("authorization", who), ("if-match", version)][..1 + usize::from(!version.is_empty())],
                "",
            )
            .status
    };
    assert_eq!(delete(&manager, "\"1\"", "?reason=x"), 403);
    assert_eq!(delete(&bureau, "", "?reason=x"), 428);
    assert_eq!(delete(&bureau, "\"1\"", ""), 400);
    assert_eq!(delete(&bureau, "\"7\"", "?reason=x"), 412);
    assert_eq!(delete(&bureau, "\"1\"", "?reason=x"), 204);
    assert_eq!(delete(&bureau, "\"1\"", "?reason=x"), 410);
    server.stop();
    // A server that starts later knows it too.
    let server = super::server::Server::start(["--database-url", &database.address.url], &[]);
    assert_eq!(server.get(&format!("/api/v1/facilities/{mine}")).status, 410);
    assert_eq!(server.get("/api/v1/facilities").json()["numberMatched"], 0);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_correction_reaches_the_desk_and_a_flood_does_not() {
    let House { server, mine, database, .. } = house("correction").await;
    let report = format!("/f/{mine}/report");
    let mut visitor = Browser::new(&server);
    visitor.go(&report).submit("subject", &[("said", "电话是空号")]);
    assert!(visitor.status == 422 && visitor.says("请选哪里不对") && visitor.says("电话是空号"), "{}", visitor.page);
    visitor.submit("subject", &[("subject", "phone"), ("said", "电话是空号"), ("phone", "13800000000")]);
    assert!(visitor.status == 200 && visitor.says("已经收到"), "{}", visitor.page);
    let mut flood = 1;
    while visitor.go(&report).submit("subject", &[("subject", "closed")]).status == 200 {
        flood += 1;
        assert!(flood < 50, "nothing stops it");
    }
    assert!((visitor.status, flood) == (429, 10) && visitor.says("分钟再发"), "{flood}: {}", visitor.page);
    let mut bureau = Browser::new(&server);
    bureau.sign_in("wang").go("/desk");
    assert!(bureau.says("电话是空号") && bureau.says("13800000000"), "{}", bureau.page);
    // The oldest stands first, and goes when it is done; the phone number goes with it.
    bureau.submit("已处理", &[]);
    assert!(bureau.status == 200 && !bureau.says("电话是空号") && bureau.says("已经关门"), "{}", bureau.page);
    let sql = database.sql().await;
    let row = sql.query_one("SELECT phone, done_by FROM correction ORDER BY at LIMIT 1", &[]).await.expect("a row");
    assert_eq!((row.get::<_, Option<&str>>(0), row.get::<_, Option<&str>>(1)), (None, Some("bureau:wang")));
    let forged = server.send("POST", &report, &[("cookie", "door=abc")], "subject=closed&seal=abc");
    assert_eq!(forged.status, 403, "only a page of ours sends one");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn place_status_and_ratings_are_edited_by_line_and_chosen_whole() {
    let House { server, mine, database: _database, .. } = house("lines").await;
    let (mut one, mut other) = (Browser::new(&server), Browser::new(&server));
    let edit = format!("/f/{mine}/edit");
    one.sign_in("wang").go(&edit);
    other.sign_in("wang").go(&edit);
    let typed = [
        ("rating_gb37276_level", "4"),
        ("rating_gb37276_rated_on", "2026-05-01"),
        ("datum", "gcj02"),
        ("tags", "示范；新"),
    ];
    one.submit("was_phone", &typed).submit("confirm", &[]);
    assert!(one.says("已保存"), "{}", one.page);
    let held = server.get(&format!("/api/v1/facilities/{mine}")).json();
    let (rating, tags) = (&held["properties"]["rating"], &held["properties"]["tags"]);
    assert_eq!(
        (&rating["level"], &rating["valid_until"], tags),
        (&json!(4), &json!("2029-05-01"), &json!(["示范", "新"]))
    );
    assert_ne!(held["geometry"]["coordinates"][0], json!(118.3), "read as Amap's");
    assert_eq!(one.page.matches("value=\"118.3\"").count(), 2, "shown as it was typed: {}", one.page);
    // The other saw the record before: its pair is chosen whole, its phone is nobody else's matter.
    other.submit("was_phone", &[("lon", "118.5"), ("phone", "0527-5555-0177")]).submit("confirm", &[]);
    assert!(other.status == 412 && other.says("name=\"keep_place\"") && !other.says("keep_phone"), "{}", other.page);
    other.submit("confirm", &[("keep_place", "theirs")]);
    assert!(other.says("已保存"), "{}", other.page);
    let now = server.get(&format!("/api/v1/facilities/{mine}")).json();
    assert_eq!(now["geometry"], held["geometry"]);
    assert_eq!(now["properties"]["phone"], "0527-5555-0177");
    for (name, typed, says) in [("region", "", "范围内的区域"), ("rating_gb37276_rated_on", "2099-01-01", "还没有到")]
    {
        let mut bureau = Browser::new(&server);
        bureau.sign_in("wang").go(&edit).submit("was_phone", &[(name, typed)]);
        assert!(bureau.status == 422 && bureau.says(says), "{name}: {}", bureau.page);
    }
    other.submit("was_phone", &[("rating_gb37276_level", "")]);
    assert!(other.status == 422 && other.says("#rating_gb37276_level"), "{}", other.page);
    other.submit("was_phone", &[("rating_gb37276_level", ""), ("rating_gb37276_rated_on", "")]).submit("confirm", &[]);
    assert!(other.says("已保存"));
    assert!(server.get(&format!("/api/v1/facilities/{mine}")).json()["properties"].get("rating").is_none());
    server.stop();
}
