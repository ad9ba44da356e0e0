//! Forms that were interrupted, and forms of two people at once: nothing typed is lost, and nothing is overwritten unseen.

use serde_json::json;

use super::staff::{Browser, House, house};

/// Ends every session, as if each had run out.
async fn end_sessions(house: &House) {
    house.database.sql().await.batch_execute("DELETE FROM session").await.expect("ended");
}

/// Signs in on the page that is shown and goes on with what was typed.
fn come_back(browser: &mut Browser<'_>, name: &str) {
    assert!(browser.status == 401 && browser.says("刚才填的内容会保留"), "{} {}", browser.status, browser.page);
    browser.submit("password", &[("name", name), ("password", "a long password")]);
    assert!(browser.status == 200 && browser.says("还没有保存"), "{}", browser.page);
    browser.submit("接着填", &[]);
    assert!(browser.status == 403 && browser.says("请核对后再保存"), "{} {}", browser.status, browser.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_does_not_hide_what_a_colleague_told_meanwhile() {
    let house = house("meanwhile").await;
    let (mut one, mut other) = (Browser::new(&house.server), Browser::new(&house.server));
    let capacity = format!("/f/{}/capacity", house.mine);
    one.sign_in("li").go(&capacity);
    end_sessions(&house).await;
    other.sign_in("wang").go(&capacity).submit("name=\"free\" type=\"text\"", &[("free", "8")]);
    assert!(other.says("已保存"), "{}", other.page);
    one.submit("name=\"free\" type=\"text\"", &[("free", "52")]);
    come_back(&mut one, "li");
    assert!(one.says("value=\"52\""), "{}", one.page);
    one.submit("value=\"52\"", &[]);
    assert!(one.status == 412 && one.says("对方的：8") && one.says("我的：52"), "{} {}", one.status, one.page);

    let edit = format!("/f/{}/edit", house.mine);
    one.go(&edit);
    end_sessions(&house).await;
    other.sign_in("wang").go(&edit).submit("was_phone", &[("phone", "0527-5555-0188")]).submit("confirm", &[]);
    one.submit("was_phone", &[("phone", "0527-5555-0177"), ("note", &"长".repeat(4_000))]);
    come_back(&mut one, "li");
    assert!(one.says("value=\"0527-5555-0177\"") && one.says(&"长".repeat(4_000)), "long words come back whole");
    one.submit("was_phone", &[]).submit("confirm", &[]);
    assert!(one.status == 412 && one.says("对方的：0527-5555-0188"), "{} {}", one.status, one.page);
    assert!(one.says("民政部门") && one.says("改过这条记录"), "who and when: {}", one.page);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_session_is_shown_again_and_writes_nothing() {
    let house = house("another-session").await;
    let mut browser = Browser::new(&house.server);
    for (word, holds, typed) in [
        ("capacity", "name=\"free\" type=\"text\"", ("free", "11")),
        ("edit", "was_phone", ("phone", "0527-5555-0171")),
        ("staff", "name=\"caregivers\"", ("caregivers", "17")),
        ("menu", "name=\"dishes_lunch\"", ("dishes_lunch", "面条")),
        ("licences", "name=\"number_0\"", ("number_0", "JY17")),
        ("inspections", "name=\"agencies\"", ("agencies", "消防队")),
        ("withdraw", "name=\"reason\"", ("reason", "录错了")),
    ] {
        browser.sign_in("wang").go(&format!("/f/{}/{word}", house.mine));
        let page = browser.page.clone();
        browser.sign_in("wang");
        browser.page = page;
        let version =
            || house.server.get(&format!("/api/v1/facilities/{}", house.mine)).json()["properties"]["version"].clone();
        let before = version();
        browser.submit(holds, &[typed]);
        assert!(
            browser.status == 403 && browser.says("另一次登录时打开的"),
            "{word}: {} {}",
            browser.status,
            browser.page
        );
        assert!(browser.says(&format!("value=\"{}\"", typed.1)), "{word}: {}", browser.page);
        assert_eq!(version(), before, "{word}");
        let seal = silver_atlas::http::who::seal(&browser.cookies["session"]);
        assert!(browser.says(&seal), "{word}: the seal is fresh");
    }
    // What another site sends is refused, and the page says so in the reader's words.
    let cookie = format!("session={}", browser.cookies["session"]);
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    let foreign = house.server.send("POST", &format!("/f/{}/capacity", house.mine), &headers, "measure=beds&free=1");
    assert!(foreign.status == 403 && foreign.text.contains("来自别的网站"), "{}", foreign.text);
    browser.sign_in("li").go(&format!("/f/{}/edit", house.other));
    assert!(
        browser.status == 403 && browser.says("不归这个账号管") && !browser.says("网址里有一处"),
        "{}",
        browser.page
    );
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_survives_a_session_that_ended_and_a_change_of_something_else() {
    let house = house("review-kept").await;
    let (mut manager, mut bureau) = (Browser::new(&house.server), Browser::new(&house.server));
    let edit = format!("/f/{}/edit", house.mine);
    let asked = |manager: &mut Browser<'_>, name: &str| {
        manager.go(&edit).submit("was_phone", &[("name", name), ("operator", "某公司")]).submit("confirm", &[]);
        assert!(manager.says("等民政部门审核"), "{}", manager.page);
    };
    manager.sign_in("li");
    asked(&mut manager, "新甲院");
    bureau.sign_in("wang").go("/desk");
    let link =
        bureau.page.split("/desk/requests/").nth(1).and_then(|rest| rest.split('"').next()).expect("one").to_owned();
    bureau.go(&format!("/desk/requests/{link}"));
    end_sessions(&house).await;
    manager.sign_in("li").go(&edit).submit("was_phone", &[("phone", "0527-5555-0199")]).submit("confirm", &[]);
    assert!(manager.says("已保存"), "{}", manager.page);
    bureau.submit("reason_name", &[("name", "accept"), ("operator", "reject"), ("reason_operator", "缺合同")]);
    come_back(&mut bureau, "wang");
    assert!(bureau.says("value=\"缺合同\"") && bureau.page.matches(" checked").count() == 2, "{}", bureau.page);
    // Only the phone has changed: nobody has to decide again.
    bureau.submit("reason_name", &[]);
    assert!(bureau.status == 200 && bureau.says("共 0 件"), "{} {}", bureau.status, bureau.page);
    // What is asked for has changed: the choices stay beside what stands now.
    asked(&mut manager, "又一个名字");
    bureau.go("/desk");
    let link =
        bureau.page.split("/desk/requests/").nth(1).and_then(|rest| rest.split('"').next()).expect("one").to_owned();
    let mut other = Browser::new(&house.server);
    bureau.go(&format!("/desk/requests/{link}"));
    other.sign_in("wang").go(&edit).submit("was_phone", &[("name", "第三个")]).submit("confirm", &[]);
    bureau.submit("reason_name", &[("name", "accept"), ("operator", "reject"), ("reason_operator", "还缺")]);
    assert!(bureau.status == 412 && bureau.says("value=\"还缺\"") && bureau.says("第三个"), "{}", bureau.page);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_to_choose_where_the_other_changed_something_else() {
    let house = house("something-else").await;
    let (mut one, mut other) = (Browser::new(&house.server), Browser::new(&house.server));
    one.sign_in("li");
    other.sign_in("wang");
    let at = |word: &str| format!("/f/{}/{word}", house.mine);
    let phone = |other: &mut Browser<'_>, phone: &str| {
        other.go(&at("edit")).submit("was_phone", &[("phone", phone)]).submit("confirm", &[]);
        assert!(other.says("已保存"), "{}", other.page);
    };
    one.go(&at("capacity"));
    phone(&mut other, "0527-5555-0150");
    one.submit("name=\"free\" type=\"text\"", &[("free", "9")]);
    assert!(one.status == 200 && one.says("已保存") && one.says("还有 9 张空余"), "{} {}", one.status, one.page);
    one.go(&at("edit"));
    phone(&mut other, "0527-5555-0151");
    one.submit("was_phone", &[("hours", "24/7")]).submit("confirm", &[]);
    assert!(one.status == 200 && one.says("已保存"), "{} {}", one.status, one.page);

    let today = (chrono::Utc::now() + chrono::Duration::hours(8)).date_naive();
    let (first, second) =
        (format!("{}?day={today}", at("menu")), format!("{}?day={}", at("menu"), today + chrono::Days::new(1)));
    one.go(&first);
    other.go(&second).submit("name=\"dishes_lunch\"", &[("dishes_lunch", "馒头")]);
    one.submit("name=\"dishes_lunch\"", &[("dishes_lunch", "面条"), ("dishes_dinner", "稀饭")]);
    assert!(one.status == 200 && one.says("已保存"), "{} {}", one.status, one.page);
    // Of one day, only the meal that both have changed.
    one.go(&first);
    other.go(&first).submit("name=\"dishes_lunch\"", &[("dishes_lunch", "米饭"), ("dishes_breakfast", "豆浆")]);
    one.submit("name=\"dishes_lunch\"", &[("dishes_lunch", "饺子"), ("dishes_dinner", "小米粥")]);
    assert!(
        one.status == 412 && one.says("民政部门") && one.says("对方的：米饭") && one.says("我的：饺子"),
        "{}",
        one.page
    );
    assert!(!one.says("对方的：稀饭") && !one.says("对方的：豆浆"), "{}", one.page);
    one.submit("compared", &[("choice_0", "theirs:lunch")]);
    assert!(one.status == 200 && one.says("已保存"), "{} {}", one.status, one.page);
    let menu = house.server.get(&format!("/api/v1/facilities/{}", house.mine)).json()["properties"]["menu"].clone();
    let of = |meal: &str| {
        let found =
            menu.as_array().expect("a menu").iter().find(|held| held["meal"] == meal && held["day"] == json!(today));
        found.expect("a meal")["dishes"].clone()
    };
    assert_eq!((of("breakfast"), of("lunch"), of("dinner")), (json!(["豆浆"]), json!(["米饭"]), json!(["小米粥"])));
    assert_eq!(menu.as_array().map(Vec::len), Some(4), "the other day stays: {menu}");

    // Licences one by one.
    other.go(&at("licences")).submit("name=\"number_0\"", &[("type_0", "food"), ("number_0", "JY1")]);
    let mut third = Browser::new(&house.server);
    third.sign_in("wang").go(&at("licences"));
    other
        .go(&at("licences"))
        .submit("name=\"number_0\"", &[("number_0", "JY2"), ("type_1", "fire"), ("number_1", "XF1")]);
    third.submit("name=\"number_0\"", &[("number_0", "JY3")]);
    assert!(third.status == 412 && third.says("JY2") && third.says("JY3") && !third.says("XF1"), "{}", third.page);
    third.submit("compared", &[]);
    assert!(third.says("已保存") && third.says("JY3") && third.says("XF1"), "{}", third.page);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_takes_back_what_they_could_write_at_once_and_nothing_else() {
    let house = house("taking-back").await;
    let (mut manager, mut bureau) = (Browser::new(&house.server), Browser::new(&house.server));
    let at = |word: &str| format!("/f/{}/{word}", house.mine);
    let facts = || house.server.get(&format!("/api/v1/facilities/{}", house.mine)).json()["properties"].clone();
    let phone = facts()["phone"].clone();
    bureau.sign_in("wang").go(&at("edit")).submit("was_phone", &[("name", "新甲院")]).submit("confirm", &[]);
    manager.sign_in("li").go(&at("history"));
    assert!(manager.says("新甲院") && !manager.says("撤回这次修改"), "the name is the bureau's: {}", manager.page);
    let seq = |page: &str| {
        page.split("name=\"seq\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    let of_name = seq(&bureau.go(&at("history")).page).expect("the bureau may");
    manager.go(&at("edit")).submit("was_phone", &[("phone", "0527-5555-0166")]).submit("confirm", &[]);
    manager.go(&at("history"));
    assert_eq!(manager.page.matches("撤回这次修改").count(), 1, "{}", manager.page);
    // A number of another change, sent with the form, takes nothing back.
    let page = manager.page.clone();
    manager.submit("name=\"seq\"", &[("seq", &of_name)]);
    assert!(manager.status == 403 && facts()["name"] == "新甲院", "{}", manager.status);
    manager.page = page;
    manager.submit("name=\"seq\"", &[]);
    assert!(manager.status == 200 && facts()["phone"] == phone, "{}", manager.page);
    // What was changed again since is not taken back, and the page says so in its language.
    let first = seq(manager.page.rsplit_once("0527-5555-0166").expect("the first change").1).expect("a button");
    manager.submit("name=\"seq\"", &[("seq", &first)]);
    assert!(manager.status == 409 && manager.says("后来又改过了"), "{} {}", manager.status, manager.page);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_of_a_wide_keyboard_are_read_as_digits() {
    let house = house("wide").await;
    let mut browser = Browser::new(&house.server);
    browser.sign_in("li").go(&format!("/f/{}/capacity", house.mine));
    browser.submit("name=\"free\" type=\"text\"", &[("free", "１２")]);
    assert!(browser.says("还有 12 张空余"), "{}", browser.page);
    house.server.stop();
}
