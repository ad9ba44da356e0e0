//! The frame of every page: head, notices, main, foot, in the reader's language and size.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};

pub use super::address::{Address, escape};
use super::who::SESSION;
use super::{App, Code, Lang, Problem, lang};
use crate::care::phone;

/// The site's name in Chinese and English.
pub const SITE: (&str, &str) = ("银龄地图", "Silver Atlas");
/// Cookie of the text size; its value is `large`.
pub const TEXT: &str = "text";
/// Cookie of the contrast; its value is `high`.
pub const CONTRAST: &str = "contrast";

/// The files that a page may ask for, in the program itself: name, type, content.
pub const ASSETS: [(&str, &str, &str); 7] = [
    ("site.css", "text/css; charset=utf-8", include_str!("../../assets/site.css")),
    ("map.css", "text/css; charset=utf-8", include_str!("../../assets/map.css")),
    ("map.js", "text/javascript; charset=utf-8", include_str!("../../assets/map.js")),
    ("scenario.js", "text/javascript; charset=utf-8", include_str!("../../assets/scenario.js")),
    ("locate.js", "text/javascript; charset=utf-8", include_str!("../../assets/locate.js")),
    ("password.js", "text/javascript; charset=utf-8", include_str!("../../assets/password.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

/// Where a file of [`ASSETS`] stands: its content's hash lets it be kept for a year.
pub fn asset(name: &str) -> String {
    let content = ASSETS.iter().find(|(known, ..)| *known == name).map_or("", |(.., content)| content);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("/assets/{name}?v={:016x}", content.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// A page about to be shown.
pub struct Frame<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    pub lang: Lang,
    title: String,
    /// Something on the page was invented for demonstration.
    pub demo: bool,
    /// Room for a map or a wide table.
    pub wide: bool,
    /// Has a drawing of the ground, which needs no script.
    pub drawn: bool,
    /// The same answer in the API.
    pub json: Option<Address>,
    /// A module of [`ASSETS`]; the page is whole without it.
    pub script: Option<&'static str>,
}

impl<'a> Frame<'a> {
    pub fn new(app: &'a App, request: &'a HttpRequest, title: impl Into<String>) -> Frame<'a> {
        let lang = Lang::of(request);
        Frame {
            app,
            request,
            lang,
            title: title.into(),
            demo: false,
            wide: false,
            drawn: false,
            json: None,
            script: None,
        }
    }

    /// The whole page.
    pub fn show(&self, main: Markup) -> String {
        let lang = self.lang;
        let here = Address::of(self.request);
        let large = chosen(self.request, TEXT, "large");
        let contrast = chosen(self.request, CONTRAST, "high");
        let mapped = self.script == Some("map.js");
        let page = html! {
            (DOCTYPE)
            html lang=(lang.tag()) class=[classes(large, contrast)] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " - " (lang.say(SITE.0, SITE.1)) }
                    link rel="icon" href=(asset("icon.svg")) type="image/svg+xml";
                    @if mapped { link rel="stylesheet" href="/assets/map/maplibre-gl.css"; }
                    link rel="stylesheet" href=(asset("site.css"));
                    @if mapped || self.drawn { link rel="stylesheet" href=(asset("map.css")); }
                    @for lang in [Lang::Zh, Lang::En] {
                        link rel="alternate" hreflang=(lang.tag()) href=(here.clone().with("lang", lang.code()));
                    }
                    @if let Some(script) = self.script { script type="module" src=(asset(script)) {} }
                }
                body class=[self.wide.then_some("wide")] {
                    a.skip href="#main" { (lang.say("跳到正文", "Skip to the content")) }
                    (self.head(&here, large, contrast))
                    @if self.demo {
                        aside.strip aria-label=(lang.say("演示数据", "Demo data")) {
                            p { strong { (lang.say("演示数据。", "Demo data. ")) }
                                (lang.say("本页有虚构的机构或数字，标有“演示”，请勿当真。",
                                          "This page shows invented places or figures, marked “demo”. Do not rely on them.")) }
                        }
                    }
                    main id="main" tabindex="-1" { (main) }
                    (self.foot())
                }
            }
        };
        page.into_string()
    }

    /// The whole page, as an answer.
    pub fn answer(&self, main: Markup) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.content_type("text/html; charset=utf-8");
        response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header((header::VARY, "Cookie"));
        if let Some(lang) = Lang::asked(self.request) {
            response.cookie(keep(lang::COOKIE, lang.code()));
        }
        response.body(self.show(main))
    }

    /// A page for one person, which nobody keeps.
    pub fn answer_private(&self, status: StatusCode, main: Markup) -> HttpResponse {
        let mut response = self.answer(main);
        *response.status_mut() = status;
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        response
    }

    fn head(&self, here: &Address, large: bool, contrast: bool) -> Markup {
        let lang = self.lang;
        let settings = |name, value| Address::new("/settings").with(name, value).with("back", here);
        let tabs = [
            ("/", "找机构", "Find care"),
            ("/map", "地图", "Map"),
            ("/plan", "规划", "Plan"),
            ("/data", "数据", "Data"),
        ];
        html! {
            header.head {
                div.head-row {
                    a.brand href="/" { span.seal aria-hidden="true" lang="zh-CN" { "银" } (lang.say(SITE.0, SITE.1)) }
                    ul.links {
                        li { a rel="nofollow" class=[large.then_some("on")]
                               href=(settings(TEXT, if large { "normal" } else { "large" })) {
                            @if large { (lang.say("小字", "Small text")) } @else { (lang.say("大字", "Large text")) } } }
                        li { a rel="nofollow" class=[contrast.then_some("on")]
                               href=(settings(CONTRAST, if contrast { "normal" } else { "high" })) {
                            @if contrast { (lang.say("普通色", "Plain colours")) }
                            @else { (lang.say("高对比", "High contrast")) } } }
                    }
                }
                nav.head-row aria-label=(lang.say("主要页面", "Main pages")) {
                    ul.links {
                        @for (path, zh, en) in tabs {
                            li { a href=(path) aria-current=[(self.request.path() == path).then_some("page")] { (lang.say(zh, en)) } }
                        }
                    }
                    ul.links {
                        @if self.request.cookie(SESSION).is_some() { li { a href="/my" { (lang.say("我的", "Mine")) } } }
                        @else { li { a href="/sign-in" { (lang.say("登录", "Sign in")) } } }
                        li { a lang=(lang.other().tag()) hreflang=(lang.other().tag())
                               href=(here.clone().with("lang", lang.other().code())) { (lang.say("English", "中文")) } }
                    }
                }
            }
        }
    }

    fn foot(&self) -> Markup {
        let lang = self.lang;
        let as_of = self.app.live.as_of().with_timezone(&self.app.atlas().zone());
        html! {
            footer.foot {
                (help_line(self.app, lang))
                p { (lang.say("数据截至 ", "Data as of ")) span.number { (as_of.format("%Y-%m-%d %H:%M")) } }
                @if !self.app.live.reachable() {
                    p { strong { (lang.say("数据库暂时连不上，本页是上面那个时间的情况。",
                                          "The record cannot be reached just now; this page is as of the time above.")) } }
                }
                ul.links {
                    li { a href="/accessibility" { (lang.say("无障碍声明", "Accessibility")) } }
                    li { a href="/data" { (lang.say("数据与许可", "Data and licence")) } }
                    @if let Some(json) = &self.json {
                        li { a href=(json) type="application/json" { (lang.say("本页的 JSON", "This page as JSON")) } }
                    }
                }
            }
        }
    }
}

fn classes(large: bool, contrast: bool) -> Option<&'static str> {
    match (large, contrast) {
        (true, true) => Some("large contrast"),
        (true, false) => Some("large"),
        (false, true) => Some("contrast"),
        (false, false) => None,
    }
}

fn chosen(request: &HttpRequest, name: &str, value: &str) -> bool {
    request.cookie(name).is_some_and(|cookie| cookie.value() == value)
}

/// A cookie that remembers a choice for a year. It holds nothing about the person.
pub fn keep<'c>(name: &'c str, value: &'c str) -> Cookie<'c> {
    Cookie::build(name, value).path("/").same_site(SameSite::Lax).http_only(true).max_age(Duration::days(365)).finish()
}

/// The number to call for help, where the operator has set one.
pub fn help_line(app: &App, lang: Lang) -> Markup {
    html! {
        @if let Some(phone) = &app.settings.help_phone {
            p.help-phone { (lang.say("需要帮助？请打电话 ", "Need help? Call ")) (telephone(phone)) }
        }
    }
}

/// A text with each of its phone numbers as a link; one without numbers is shown as it is.
pub fn telephone(text: &str) -> Markup {
    let mut shown = 0;
    html! {
        @for number in phone::numbers(text) {
            (text[shown..number.at.start])
            a.tel href=(number.uri()) { (text[number.at.clone()]) }
            ({ shown = number.at.end; "" })
        }
        (text[shown..])
    }
}

/// When something was so, for people: the day, and how long ago.
pub fn day_and_age(lang: Lang, at: DateTime<Utc>, app: &App) -> String {
    let zone = app.atlas().zone();
    let (day, today) = (at.with_timezone(&zone).date_naive(), Utc::now().with_timezone(&zone).date_naive());
    let ago = (today - day).num_days();
    match (lang, ago) {
        (Lang::Zh, 0) => format!("{}（今天）", day.format("%Y 年 %-m 月 %-d 日")),
        (Lang::Zh, 1..) => format!("{}（{ago} 天前）", day.format("%Y 年 %-m 月 %-d 日")),
        (Lang::Zh, _) => day.format("%Y 年 %-m 月 %-d 日").to_string(),
        (Lang::En, 0) => format!("{} (today)", day.format("%-d %B %Y")),
        (Lang::En, 1) => format!("{} (yesterday)", day.format("%-d %B %Y")),
        (Lang::En, 2..) => format!("{} ({ago} days ago)", day.format("%-d %B %Y")),
        (Lang::En, _) => day.format("%-d %B %Y").to_string(),
    }
}

/// The page that shows a problem to a person.
pub fn problem_page(app: &App, request: &HttpRequest, lang: Lang, problem: &Problem, instance: &str) -> String {
    let (zh, en) = problem.code.titles();
    let away = matches!(problem.code, Code::Busy | Code::RecordAway | Code::Internal);
    Frame::new(app, request, lang.say(zh, en)).show(html! {
        h1 { (lang.say(zh, en)) }
        @match problem.code {
            Code::NotFound => p { (lang.say("这个网址上没有内容，可能写错了，或者机构已经撤下。",
                                            "Nothing stands at this address; it may be mistyped, or the place was withdrawn.")) },
            Code::Gone => p { (lang.say("这条记录登记有误，已经撤下。", "This record was made by mistake and has been withdrawn.")) },
            Code::Busy => p { (lang.say("现在查询的人很多。请等几秒，再刷新本页。电话照常能打通。",
                                        "Many people are asking at once. Wait a few seconds and reload. Phones still work.")) },
            Code::RecordAway => p { (lang.say("暂时连不上数据库。请等几秒，再刷新本页。电话照常能打通。",
                                              "The record cannot be reached. Wait a few seconds and reload. Phones still work.")) },
            Code::Internal => p { (lang.say("这是我们的错，不是您的错。请过一会儿再试。电话照常能打通。",
                                            "This is our fault, not yours. Try again later. Phones still work.")) },
            Code::Forbidden => {
                p { (lang.say("这里的内容不归这个账号管，什么也没有改。", "This is not this account's to see or to change; nothing was changed.")) }
                p { (lang.say("要改机构的资料，请找这家机构的管理员或当地民政部门；账号的权限不对，请找开通账号的人。",
                              "For a change of a facility, ask its manager or the local bureau; for the rights of the account, whoever made it.")) }
            },
            Code::ForeignForm => p { (lang.say("这张表是另一次登录时打开的，或者来自别的网站，所以什么也没有写入。请返回那一页，刷新后再提交。",
                                               "The form was opened in another session, or came from another site, so nothing was written. Go back, reload the page and send it again.")) },
            Code::BadParameter => p { (lang.say("网址里有一处看不懂，改一下就好：", "Something in the address cannot be read:")) },
            _ => {}
        }
        @if !problem.faults.is_empty() {
            ul { @for fault in &problem.faults {
                li { @if let Some(name) = fault.parameter.as_deref().or(fault.pointer.as_deref()) { code { (name) } " " }
                     span lang="en" { (fault.detail) } }
            } }
        } @else if !away && !matches!(problem.code, Code::NotFound | Code::Gone | Code::Forbidden | Code::ForeignForm) { p lang="en" { (problem.detail) } }
        @if away { (help_line(app, lang)) } @else {
            form action="/search" role="search" {
                div.field { label for="q" { (lang.say("地址、地点或机构名称", "Address, place or facility")) }
                            input id="q" name="q" type="text" autocomplete="street-address"; }
                button.full type="submit" { (lang.say("查找", "Search")) }
            }
        }
        p.quiet { (lang.say("报告问题时请说这个编号：", "When you report this, give this number: ")) code { (instance) } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_a_text_is_a_link_and_the_rest_is_shown() {
        let shown = telephone("值班：0527-55550101、13800000000").into_string();
        let links = "值班：<a class=\"tel\" href=\"tel:+8652755550101\">0527-55550101</a>、\
                     <a class=\"tel\" href=\"tel:+8613800000000\">13800000000</a>";
        assert_eq!(shown, links);
        assert_eq!(telephone("请打前台").into_string(), "请打前台");
    }

    #[test]
    fn an_asset_is_named_by_its_content() {
        assert!(asset("site.css").starts_with("/assets/site.css?v="));
        assert_ne!(asset("map.js").split("v=").nth(1), asset("locate.js").split("v=").nth(1));
    }
}
