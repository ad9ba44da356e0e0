//! The pages of those who sign in, as a browser without scripts uses them: cookies, forms, redirects.

use std::collections::BTreeMap;

use silver_atlas::care::{Role, password};
use silver_atlas::registry::NewAccount;
use uuid::Uuid;

use super::server::{Answer, Folder, Server, run};
use super::support::TestDatabase;

const REGIONS: &str = "code,name,level,parent\n3213,甲市,city,\n";
const LIST: &str = "code,name,kind,region,lon,lat,phone,beds_total,beds_occupied\n\
                    A,甲院,nursing_home,3213,118.3,33.9,0527-5555-0101,120,97\n\
                    B,乙院,nursing_home,3213,118.4,33.9,0527-5555-0102,80,10\n";

pub struct House {
    pub server: Server,
    pub database: TestDatabase,
    pub mine: Uuid,
    pub other: Uuid,
}

pub async fn house(name: &str) -> House {
    let database = TestDatabase::new().await;
    let folder = Folder::new(name);
    let place = ["--database-url", &database.address.url];
    for (what, name, text) in [("regions", "r.csv", REGIONS), ("facilities", "f.csv", LIST)] {
        let file = folder.write(name, text);
        assert!(run(&["import", what, file.to_str().expect("a path"), place[0], place[1]]).status.success());
    }
    let record = database.registry.load().await.expect("loads");
    let id = |code: &str| {
        let found = record.facilities.iter().find(|home| home.code.as_deref() == Some(code));
        found.expect("a home").id
    };
    let (mine, other) = (id("A"), id("B"));
    for (name, role, facilities) in [("li", Role::Manager, vec![mine]), ("wang", Role::Bureau, vec![])] {
        let password = Some(password::hash("a long password").expect("long enough"));
        let region = (role == Role::Bureau).then(|| "3213".into());
        let new = NewAccount { name: name.into(), role, region, facilities, password };
        database.registry.add_account(new).await.expect("an account");
    }
    let server = Server::start(place, &[]);
    House { server, database, mine, other }
}

/// A browser: its cookies, and the last page.
pub struct Browser<'a> {
    server: &'a Server,
    pub cookies: BTreeMap<String, String>,
    pub page: String,
    pub status: u16,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Browser<'a> {
        Browser { server, cookies: BTreeMap::new(), page: String::new(), status: 0 }
    }

    fn ask(&mut self, method: &str, address: &str, body: &str) -> Answer {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer = self.server.send(method, address, &[("cookie", &cookies)], body);
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a text");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name)
            } else {
                self.cookies.insert(name.into(), value.into())
            };
        }
        answer
    }

    /// Goes to a page, through its redirects.
    pub fn go(&mut self, address: &str) -> &mut Self {
        let answer = self.ask("GET", address, "");
        self.arrive(answer)
    }

    fn arrive(&mut self, answer: Answer) -> &mut Self {
        if answer.status == 303 {
            let there = answer.header("location").to_owned();
            return self.go(&there);
        }
        (self.status, self.page) = (answer.status, answer.text);
        self
    }

    /// Sends the form of the page that holds a field of this name (the first one), with these values typed in.
    pub fn submit(&mut self, holds: &str, typed: &[(&str, &str)]) -> &mut Self {
        let forms: Vec<&str> =
            self.page.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap_or("")).collect();
        let form = forms
            .iter()
            .find(|form| form.contains(holds))
            .unwrap_or_else(|| panic!("no form with {holds}: {}", self.page));
        let action = attribute(form, "action").expect("an action");
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for input in form.split("<input").skip(1) {
            let input = input.split('>').next().unwrap_or_default();
            let kind = attribute(input, "type").unwrap_or_default();
            if let Some(name) = attribute(input, "name")
                && (!["radio", "checkbox"].contains(&kind.as_str()) || input.contains(" checked"))
            {
                fields.insert(name, attribute(input, "value").unwrap_or_default());
            }
        }
        for select in form.split("<select").skip(1) {
            let select = select.split("</select>").next().unwrap_or_default();
            let chosen = select.split("<option").skip(1).find(|option| option.contains(" selected"));
            let name = attribute(select.split('>').next().unwrap_or_default(), "name").expect("a name");
            fields.insert(name, chosen.and_then(|option| attribute(option, "value")).unwrap_or_default());
        }
        for area in form.split("<textarea").skip(1) {
            let (tag, rest) = area.split_once('>').expect("a tag");
            let text = rest.split("</textarea>").next().unwrap_or_default();
            fields.insert(attribute(tag, "name").expect("a name"), text.to_owned());
        }
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let escape = silver_atlas::http::address::escape;
        let body = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&");
        let answer = self.ask("POST", &action, &body);
        self.arrive(answer)
    }

    pub fn sign_in(&mut self, name: &str) -> &mut Self {
        self.go("/sign-in").submit("password", &[("name", name), ("password", "a long password")])
    }

    pub fn says(&self, words: &str) -> bool {
        self.page.contains(words)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_confirms_in_one_tap_and_saves_a_number_in_three_inputs() {
    let House { server, database, mine, other } = house("taps").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("li");
    assert!(browser.says("甲院") && !browser.says("乙院") && browser.says("没有变化，还是 23"), "{}", browser.page);
    // One input: the button.
    browser.submit("value=\"23\"", &[]);
    assert!(browser.says("已保存") && browser.says("还有 23 张空余"), "{}", browser.page);
    // Three inputs: the link, the number, the button.
    browser.go("/my").go(&format!("/f/{mine}/capacity")).submit("name=\"free\" type=\"text\"", &[("free", "20")]);
    assert!(
        browser.says("原来：") && browser.says("还有 23 张空余") && browser.says("还有 20 张空余"),
        "{}",
        browser.page
    );
    for (free, words) in
        [("121", "请填 0 到 120"), ("-1", "0 或更大的整数"), ("many", "0 或更大的整数"), ("", "请填一个数字")]
    {
        browser.go(&format!("/f/{mine}/capacity")).submit("name=\"free\" type=\"text\"", &[("free", free)]);
        assert!(browser.status == 422 && browser.says(words), "{free}: {} {}", browser.status, browser.page);
        assert!(browser.page.contains(&format!("value=\"{free}\"")) || free.is_empty(), "what was typed stays: {free}");
    }
    assert_eq!(browser.go(&format!("/f/{other}/capacity")).status, 403);
    let history =
        database.registry.history(silver_atlas::care::Entity::Facility, &mine.to_string()).await.expect("told");
    assert_eq!((history.len(), &*history[0].actor), (3, "manager:li"));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_on_one_record_lose_nothing() {
    let House { server, mine, database: _database, .. } = house("two").await;
    let (mut one, mut other) = (Browser::new(&server), Browser::new(&server));
    let address = format!("/f/{mine}/capacity");
    one.sign_in("li").go(&address);
    other.sign_in("wang").go(&address);
    one.submit("name=\"free\" type=\"text\"", &[("free", "5")]);
    other.submit("name=\"free\" type=\"text\"", &[("free", "7")]);
    assert!(
        other.status == 412 && other.says("机构管理员") && other.says("对方的：5") && other.says("我的：7"),
        "{}",
        other.page
    );
    other.submit("version", &[("occupied", "115")]);
    assert!(other.says("已保存") && other.says("还有 5 张空余"), "{}", other.page);
    // And on the facts.
    let edit = format!("/f/{mine}/edit");
    one.go(&edit);
    other.go(&edit).submit("was_phone", &[("phone", "0527-5555-0188")]).submit("confirm", &[]);
    assert!(other.says("已保存"), "{}", other.page);
    one.submit("was_phone", &[("phone", "0527-5555-0177"), ("hours", "24/7")]).submit("confirm", &[]);
    assert!(
        one.status == 412 && one.says("对方的：0527-5555-0188") && one.says("我的：0527-5555-0177"),
        "{}",
        one.page
    );
    one.submit("confirm", &[]);
    let now = server.get(&format!("/api/v1/facilities/{mine}")).json();
    assert_eq!((&now["properties"]["phone"], &now["properties"]["hours"]), (&"0527-5555-0177".into(), &"24/7".into()));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_to_the_desk_and_its_outcome_comes_back() {
    let House { server, mine, database: _database, .. } = house("desk").await;
    let (mut manager, mut bureau) = (Browser::new(&server), Browser::new(&server));
    manager.sign_in("li").go(&format!("/f/{mine}/edit"));
    manager
        .submit("was_phone", &[("name", "新甲院"), ("operator", "某公司")])
        .submit("confirm", &[("request_note", "换了牌子")]);
    assert!(manager.says("等民政部门审核"), "{}", manager.page);
    bureau.sign_in("wang").go("/desk");
    let link = bureau
        .page
        .split("/desk/requests/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a request")
        .to_owned();
    bureau.go(&format!("/desk/requests/{link}"));
    assert!(bureau.says("新甲院") && bureau.says("换了牌子"));
    bureau.submit("reason_name", &[("name", "accept"), ("operator", "reject")]);
    assert!(bureau.status == 422 && bureau.says("没有写理由"), "{}", bureau.page);
    bureau.submit("reason_name", &[("name", "accept"), ("operator", "reject"), ("reason_operator", "缺合同")]);
    assert!(bureau.status == 200 && bureau.says("共 0 件"), "{}", bureau.page);
    manager.go("/my");
    assert!(manager.says("已同意") && manager.says("缺合同"), "{}", manager.page);
    assert!(manager.go(&format!("/f/{mine}/history")).says("来自变更申请"));
    assert!(!manager.says("撤回这次修改"));
    assert!(bureau.go(&format!("/f/{mine}/history")).says("撤回这次修改"));
    bureau.submit("name=\"seq\"", &[]);
    assert_eq!(server.get(&format!("/api/v1/facilities/{mine}")).json()["properties"]["name"], "甲院");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_survives_a_session_that_ended_and_foreign_forms_write_nothing() {
    let House { server, database, mine, .. } = house("session").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("li").go(&format!("/f/{mine}/capacity"));
    let held = browser.cookies["session"].clone();
    database.sql().await.batch_execute("DELETE FROM session").await.expect("ended");
    browser.submit("name=\"free\" type=\"text\"", &[("free", "11")]);
    assert!(browser.says("刚才填的内容会保留"), "{}", browser.page);
    browser.submit("password", &[("name", "li"), ("password", "a long password")]);
    browser.submit("接着填", &[]);
    assert!(browser.says("value=\"11\"") && browser.says("还有 23 张空余"), "shown again, and not saved by itself");
    assert_ne!(browser.cookies["session"], held, "signing in makes a new secret");
    // A form of another site, a forged seal, and a spent session.
    let cookie = format!("session={}", browser.cookies["session"]);
    let post = |cookie: &str, body: &str| {
        server
            .send("POST", &format!("/f/{mine}/capacity"), &[("cookie", cookie), ("sec-fetch-site", "cross-site")], body)
            .status
    };
    let seal = silver_atlas::http::who::seal(&browser.cookies["session"]);
    assert_eq!(post(&cookie, &format!("version=1&measure=beds&free=1&seal={seal}")), 403);
    assert_eq!(post(&cookie, "version=1&measure=beds&free=1"), 403);
    assert_eq!(post(&format!("session={held}"), "version=1&measure=beds&free=1"), 303);
    // Signing in anew ends the session that the browser held, so that a copy of its secret opens nothing.
    let former = format!("session={}", browser.cookies["session"]);
    browser.sign_in("li");
    assert_eq!(server.send("GET", "/my", &[("cookie", &former)], "").status, 303, "the former session has ended");
    browser.go("/my").submit("everywhere", &[("everywhere", "1")]);
    assert!(!browser.cookies.contains_key("session"));
    assert_eq!(browser.go("/my").page.matches("name=\"password\"").count(), 1);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_tls_the_cookies_of_signing_in_go_over_tls_only() {
    let database = TestDatabase::new().await;
    let server = Server::start(["--database-url", &database.address.url], &["--behind-proxy"]);
    let cookie = |scheme: &str| {
        let page = server.send("GET", "/sign-in", &[("x-forwarded-proto", scheme)], "");
        page.header("set-cookie").to_owned()
    };
    assert!(cookie("https").contains("; Secure"), "{}", cookie("https"));
    assert!(!cookie("http").contains("Secure"), "a phone in the same house still signs in");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_slows_down_and_tells_nobody_which_names_exist() {
    let House { server, database: _database, .. } = house("guess").await;
    let mut browser = Browser::new(&server);
    let mut said = Vec::new();
    for name in ["li", "nobody"] {
        browser.go("/sign-in").submit("password", &[("name", name), ("password", "wrong")]);
        assert_eq!(browser.status, 401);
        said.push(browser.says("账号或密码不对"));
    }
    assert_eq!(said, [true, true]);
    for _ in 0..4 {
        browser.submit("password", &[("name", "li"), ("password", "wrong")]);
    }
    browser.submit("password", &[("name", "li"), ("password", "a long password")]);
    assert!(browser.status == 429 && browser.says("请等"), "{} {}", browser.status, browser.page);
    let door = browser.cookies["door"].clone();
    let body = format!("name=li&password=wrong&seal={}", silver_atlas::http::who::seal(&door));
    let refused = server.send("POST", "/sign-in", &[("cookie", &format!("door={door}"))], &body);
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!(refused.status == 429 && (1..=900).contains(&wait), "{} {wait}", refused.status);
    let away = browser.go("/sign-in").says("name=\"password\"");
    assert!(away);
    browser.submit("password", &[("name", "wang"), ("password", "a long password")]);
    assert_eq!(browser.status, 200, "another account is let in");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_tells_the_way_to_the_first_administrator_and_the_second_tells_it_no_more() {
    let database = TestDatabase::new().await;
    let place = ["--database-url", &database.address.url];
    let way = |said: &[String]| -> Option<Vec<String>> {
        let line = said.iter().find_map(|line| line.split_once("silver-atlas account add "))?;
        Some(line.1.split(' ').map(|word| word.replace("NAME", "first")).collect())
    };
    let server = Server::start(place, &[]);
    let told = way(&server.said).expect("the way is told");
    let words: Vec<&str> = ["account", "add"].into_iter().chain(told.iter().map(String::as_str)).chain(place).collect();
    let made = run(&words);
    let answer = String::from_utf8_lossy(&made.stdout).into_owned();
    let (_, password) = answer.trim().rsplit_once("shown this once: ").expect("a password is told");
    let mut browser = Browser::new(&server);
    browser.go("/sign-in").submit("password", &[("name", "first"), ("password", password)]).go("/desk");
    assert_eq!(browser.status, 200, "{}", browser.page);
    server.stop();
    let server = Server::start(place, &[]);
    assert_eq!(way(&server.said), None);
    server.stop();
}
