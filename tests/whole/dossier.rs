//! Ratings, licences, menus, staff and inspections as their keepers and their readers meet them over HTTP.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};
use silver_atlas::care::{Entity, Role};
use silver_atlas::registry::{NewAccount, NewToken, Registry};
use uuid::Uuid;

use super::server::{Folder, Server, run};
use super::staff::{Browser, House, house};
use super::support::TestDatabase;

const REGIONS: &str = "code,name,level,parent\n3213,甲市,city,\n321302,甲县,county,3213\n3703,乙市,city,\n";

/// The registry's day: its zone is eight hours ahead.
fn today() -> NaiveDate {
    (Utc::now() + chrono::Duration::hours(8)).date_naive()
}

struct Town {
    server: Server,
    _database: TestDatabase,
    registry: Registry,
    /// By code: A and B in the bureau's county, C beyond its border.
    ids: Vec<Uuid>,
}

async fn town(name: &str) -> Town {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let place = ["--database-url", &database.address.url];
    let (last, next) = (today() + Days::new(90), today() + Days::new(91));
    let list = format!(
        "code,name,kind,region,lon,lat,rating_scheme,rating_level,rating_valid_until,rating_issuer,caregivers,caregivers_certified,staff_as_of\n\
         A,甲院,nursing_home,321302,118.3,33.9,gb37276,3,{last},示例省民政厅,12,9,2026-10-01\n\
         B,乙院,nursing_home,3213,118.4,33.9,city_star;gb37276,2;4,{};{next},;,,,\n\
         C,丙院,nursing_home,3703,117.3,34.9,gb37276,5,2020-01-01,,,,\n",
        today() - Days::new(1)
    );
    for (what, name, text) in [("regions", "r.csv", REGIONS), ("facilities", "f.csv", &list)] {
        let file = folder.write(name, text);
        let ran = run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let mut facilities = database.registry.load().await.expect("loads").facilities;
    facilities.sort_by(|a, b| a.code.cmp(&b.code));
    let ids = facilities.iter().map(|facility| facility.id).collect();
    let registry = database.registry.clone();
    Town { server: Server::start(place, &[]), registry, _database: database, ids }
}

impl Town {
    async fn bearer(&self, role: Role, facilities: Vec<Uuid>) -> String {
        let region = (role == Role::Bureau).then(|| "3213".into());
        let new = NewAccount { name: role.code().into(), role, region, facilities, password: None };
        let account = Some(self.registry.add_account(new).await.expect("an account"));
        let token = NewToken { account, role, ..NewToken::operators("t".into(), Some(1)) };
        format!("Bearer {}", self.registry.make_token(token).await.expect("a token"))
    }

    fn ask(&self, who: &str, method: &str, address: &str, version: &str, body: Value) -> super::server::Answer {
        let mut headers = vec![("authorization", who)];
        if !version.is_empty() {
            headers.push(("if-match", version));
        }
        self.server.send(method, address, &headers, &body.to_string())
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|line| line["facility"]["name"].as_str().expect("a name")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_is_listed_before_it_does_and_only_on_ones_own_ground() {
    let town = town("expiring").await;
    let bureau = town.bearer(Role::Bureau, vec![]).await;
    let manager = town.bearer(Role::Manager, vec![town.ids[0]]).await;
    let get =
        |who: &str, query: &str| town.ask(who, "GET", &format!("/api/v1/ratings/expiring{query}"), "", json!(null));
    let found = get(&bureau, "").json();
    assert_eq!(names(&found["ratings"]), ["乙院", "甲院"], "the soonest first, the 90th day with them: {found}");
    assert_eq!((&found["ratings"][0]["days_left"], &found["ratings"][0]["state"]), (&json!(-1), &json!("expired")));
    assert_eq!(
        (&found["ratings"][1]["days_left"], &found["ratings"][1]["issuer"]),
        (&json!(90), &json!("示例省民政厅"))
    );
    assert_eq!(found["totals"], json!({"ratings": 2, "licences": 0, "ended": 1}));
    assert_eq!(names(&get(&bureau, "?within_days=91").json()["ratings"]), ["乙院", "甲院", "乙院"]);
    assert_eq!(names(&get(&bureau, "?within_days=89").json()["ratings"]), ["乙院"]);
    assert_eq!(names(&get(&bureau, "?region=321302").json()["ratings"]), ["甲院"]);
    assert_eq!(names(&get(&manager, "").json()["ratings"]), ["甲院"]);
    assert_eq!(get(&bureau, "?region=3703").status, 403, "beyond the border");
    assert_eq!(get(&bureau, "?within=9").status, 400);
    // The facility tells who rated it, and its staff as of their day.
    let feature = town.server.get(&format!("/api/v1/facilities/{}", town.ids[0])).json();
    assert_eq!(feature["properties"]["rating"]["issuer"], "示例省民政厅");
    assert_eq!(feature["properties"]["staff"], json!({"caregivers": 12, "certified": 9, "as_of": "2026-10-01"}));
    let page = town.server.get(&format!("/f/{}", town.ids[0])).text;
    assert!(page.contains("护理员 12 人，持证 9 人（2026 年 10 月 1 日）") && page.contains("示例省民政厅"), "{page}");
    town.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn inspections_are_kept_on_their_version_and_the_sweep_adds_up() {
    let town = town("sweep").await;
    let bureau = town.bearer(Role::Bureau, vec![]).await;
    let manager = town.bearer(Role::Manager, vec![town.ids[0]]).await;
    let of = |at: usize| format!("/api/v1/facilities/{}/inspections", town.ids[at]);
    let day = |ago: u64| (today() - Days::new(ago)).to_string();
    let told = json!({
        "type": "fire", "inspected_on": day(20), "agencies": ["消防"], "result": "failed",
        "findings": [{"category": "用电", "severity": "major", "detail": "插座", "due_on": day(3)},
                     {"category": "通道", "severity": "minor", "detail": "杂物", "due_on": today().to_string()}],
    });
    assert_eq!(town.ask(&bureau, "POST", &of(2), "", told.clone()).status, 403, "a bureau inspects within its border");
    assert_eq!(town.ask(&manager, "POST", &of(0), "", told.clone()).status, 403);
    let wrong = town.ask(
        &bureau,
        "POST",
        &of(0),
        "",
        json!({"type": "fire", "inspected_on": "2999-01-01", "result": "passed"}),
    );
    assert_eq!((wrong.status, &wrong.json()["errors"][0]["pointer"]), (422, &json!("/inspected_on")));
    let made = town.ask(&bureau, "POST", &of(0), "", told.clone());
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{}", made.text);
    let address = made.header("location").to_owned();
    assert_eq!((&made.json()["open"], &made.json()["overdue"]), (&json!(2), &json!(1)));
    assert_eq!(town.server.get(&of(0)).status, 401, "not public");
    assert_eq!(town.ask(&manager, "GET", &of(0), "", json!(null)).json()["inspections"][0]["overdue"], 1);

    let sweep = |query: &str| town.ask(&bureau, "GET", &format!("/api/v1/inspections/sweep{query}"), "", json!(null));
    let since = format!("?since={}", day(30));
    let found = sweep(&since).json();
    let totals =
        json!({"facilities": 2, "inspected": 1, "not_inspected": 1, "open": 2, "overdue": 1, "facilities_overdue": 1});
    assert_eq!(found["totals"], totals, "{found}");
    let district = |at: usize| &found["districts"][at];
    assert_eq!(
        (&district(0)["region"], &district(0)["open"], &district(1)["facilities"]),
        (&json!("321302"), &json!(2), &json!(1))
    );
    assert_eq!((&found["rows"][0]["name"], &found["rows"][1]["name"]), (&json!("甲院"), &json!("乙院")));
    assert_eq!(sweep(&format!("?since={}", day(19))).json()["totals"]["inspected"], 0);
    assert_eq!(sweep(&format!("{since}&type=food")).json()["totals"]["open"], 0);
    assert_eq!(sweep("?region=3703").status, 403);
    assert_eq!(sweep("?type=fires").status, 400);

    // Two writers on one version: the second is told, with what stands now.
    let findings = |rectified: &str| {
        let mut findings = told["findings"].clone();
        findings[0]["rectified_on"] = json!(rectified);
        json!({"findings": findings})
    };
    assert_eq!(town.ask(&bureau, "PATCH", &address, "", findings(&day(1))).status, 428);
    let ticked = town.ask(&bureau, "PATCH", &address, "\"1\"", findings(&day(1)));
    assert_eq!(
        (ticked.status, ticked.header("etag"), &ticked.json()["overdue"]),
        (200, "\"2\"", &json!(0)),
        "{}",
        ticked.text
    );
    let stale = town.ask(&bureau, "PATCH", &address, "\"1\"", json!({"note": "x"}));
    assert_eq!((stale.status, stale.header("etag"), &stale.json()["current"]["version"]), (412, "\"2\"", &json!(2)));
    let wrong = town.ask(&bureau, "PATCH", &address, "\"2\"", findings("2999-01-01"));
    assert_eq!((wrong.status, &wrong.json()["errors"][0]["pointer"]), (422, &json!("/findings/0/rectified_on")));
    assert_eq!(sweep(&since).json()["totals"]["open"], 1);

    // The log has both writes, and the public feed none of them.
    let id = address.rsplit('/').next().expect("an id");
    assert_eq!(town.registry.history(Entity::Inspection, id).await.expect("a history").len(), 2);
    assert!(!town.server.get("/api/v1/changes?limit=1000").text.contains("inspection"));
    town.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_keeps_staff_and_menu_and_asks_for_licences_without_scripts() {
    let House { server, mine, database: _database, .. } = house("keeping").await;
    let (mut manager, mut bureau) = (Browser::new(&server), Browser::new(&server));
    manager.sign_in("li");
    assert!(manager.says(&format!("/f/{mine}/menu")) && manager.says(&format!("/f/{mine}/licences")));
    let staff = format!("/f/{mine}/staff");
    manager.go(&staff).submit("name=\"caregivers\"", &[("caregivers", "9"), ("certified", "12")]);
    assert!(
        manager.status == 422 && manager.says("持证 12 人超过了护理员 9 人") && manager.says("value=\"12\""),
        "{}",
        manager.page
    );
    bureau.sign_in("wang").go(&staff);
    manager.submit("name=\"caregivers\"", &[("certified", "8"), ("as_of", "2026-10-01")]);
    assert!(manager.says("已保存") && manager.says("护理员 9 人，持证 8 人（2026 年 10 月 1 日）"), "{}", manager.page);
    // The other browser saw the page before: theirs and its own, and a second save decides.
    bureau.submit("name=\"caregivers\"", &[("caregivers", "10"), ("certified", "10")]);
    assert!(
        bureau.status == 412
            && bureau.says("机构管理员")
            && bureau.says("对方的：9")
            && bureau.says("我的：10")
            && bureau.says("对方的：8"),
        "{}",
        bureau.page
    );
    bureau.submit("compared", &[]);
    assert!(bureau.says("已保存") && bureau.says("护理员 10 人，持证 10 人"), "{}", bureau.page);

    let menu = format!("/f/{mine}/menu");
    let tomorrow = today() + Days::new(1);
    manager.go(&format!("{menu}?day={tomorrow}"));
    manager.submit("name=\"dishes_lunch\"", &[("dishes_lunch", "红烧肉、青菜"), ("price_lunch", "12.5")]);
    assert!(manager.says("已保存") && manager.says("（已填）"), "{}", manager.page);
    let yesterday = today() - Days::new(1);
    manager.go(&format!("{menu}?day={yesterday}")).submit("name=\"dishes_dinner\"", &[("dishes_dinner", "面条")]);
    assert!(manager.says("已保存"));
    let public = server.get(&format!("/f/{mine}")).text;
    assert!(public.contains("红烧肉、青菜") && public.contains("明天") && !public.contains("面条"), "{public}");
    let feature = server.get(&format!("/api/v1/facilities/{mine}")).json();
    assert_eq!(
        feature["properties"]["menu"],
        json!([{"day": tomorrow, "meal": "lunch", "dishes": ["红烧肉", "青菜"], "price": 12.5}])
    );

    let licences = format!("/f/{mine}/licences");
    let typed = [("type_0", "food"), ("number_0", "JY1"), ("valid_until_0", "2020-01-01")];
    manager.go(&licences).submit("name=\"number_0\"", &typed);
    assert!(manager.says("等民政部门审核"), "{}", manager.page);
    bureau.go(&licences).submit("name=\"number_0\"", &typed);
    assert!(bureau.says("已保存") && bureau.says("已过期"), "{}", bureau.page);
    assert!(bureau.go("/desk/expiring").says("食品经营许可") && bureau.says("已过期"), "{}", bureau.page);
    let feature = server.get(&format!("/api/v1/facilities/{mine}")).json();
    assert_eq!(feature["properties"]["licences"][0]["state"], "expired");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureau_tells_of_an_inspection_and_ticks_its_finding_off_on_a_page() {
    let House { server, mine, database: _database, .. } = house("inspecting").await;
    let (mut bureau, mut other, mut manager) = (Browser::new(&server), Browser::new(&server), Browser::new(&server));
    let address = format!("/f/{mine}/inspections");
    bureau.sign_in("wang").go(&address);
    let typed = [("type", "safety"), ("result", "passed"), ("category_0", "消防通道"), ("detail_0", "堆放杂物")];
    bureau.submit("name=\"agencies\"", &typed);
    assert!(bureau.status == 422 && bureau.says("value=\"消防通道\""), "{}", bureau.page);
    bureau.submit("name=\"agencies\"", &[&typed[..], &[("result", "failed")]].concat());
    assert!(bureau.says("已保存") && bureau.says("堆放杂物") && bureau.says("还没有整改"), "{}", bureau.page);
    assert!(manager.sign_in("li").go(&address).says("堆放杂物") && !manager.says("登记一次检查"));
    other.sign_in("wang").go(&address);
    bureau.submit("name=\"rectification\"", &[("rectification", "清走了")]);
    assert!(bureau.says("清走了") && !bureau.says("确认已整改"), "{}", bureau.page);
    other.submit("name=\"rectification\"", &[("rectification", "没有")]);
    assert!(other.status == 412 && other.says("清走了"), "{}", other.page);
    let sweep = bureau.go("/desk/sweep");
    assert!(sweep.says("甲院") && sweep.says("没有查") && sweep.says("安全检查"), "{}", sweep.page);
    server.stop();
}
