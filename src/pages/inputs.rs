//! Inputs: the lines of a facility as fields of a form, and as the list that is checked before it is saved.

use maud::{Markup, html};

use super::lines::{Group, How, LEVEL_UNKNOWN, Line, Typed, held, rating_line};
use super::my::field;
use super::reading::Wrong;
use super::{hours, words};
use crate::atlas::Atlas;
use crate::care::kind::CATEGORIES;
use crate::care::{Facility, Hours, Rating, Status};
use crate::http::Lang;

/// A form about one facility, being drawn.
pub struct Form<'a> {
    pub atlas: &'a Atlas,
    pub lang: Lang,
    pub facility: &'a Facility,
    pub typed: &'a [Typed],
    pub wrong: &'a [Wrong],
    /// Whether the bureau decides on the reviewed fields of whoever fills this in.
    pub waits: bool,
}

/// The name of a line for people.
pub fn label(atlas: &Atlas, lang: Lang, line: &Line) -> String {
    let said = short(lang, line);
    match &line.scheme {
        Some(scheme) => format!("{} · {said}", scheme_name(atlas, lang, scheme)),
        None => said.to_owned(),
    }
}

fn scheme_name<'a>(atlas: &'a Atlas, lang: Lang, code: &'a str) -> &'a str {
    atlas.vocabulary().scheme(code).map_or(code, |scheme| lang.say(&scheme.name_zh, &scheme.name_en))
}

/// The same where the scheme of a rating stands above it.
fn short(lang: Lang, line: &Line) -> &'static str {
    match (line.name.as_str(), line.how) {
        ("price_min", _) => lang.say("最低价（元）", "Lowest price (CNY)"),
        ("price_max", _) => lang.say("最高价（元）", "Highest price (CNY)"),
        ("price_unit", _) => lang.say("价格按什么算", "Price for"),
        ("lon", _) => lang.say("经度", "Longitude"),
        ("lat", _) => lang.say("纬度", "Latitude"),
        ("datum", _) => lang.say("坐标从哪种地图上看来", "Map that the pair was read from"),
        (_, How::Level) => lang.say("级别", "Level"),
        (name, _) if line.scheme.is_some() => match name {
            _ if name.ends_with("issuer") => lang.say("评定机关", "Rated by"),
            _ if name.ends_with("rated_on") => lang.say("评定日期（从这天起有效）", "Rated on (effective from)"),
            _ => lang.say("有效期至", "Valid until"),
        },
        (name, _) => field(lang, name),
    }
}

const UNITS: [(&str, &str, &str); 6] = [
    ("month", "每月", "a month"),
    ("day", "每天", "a day"),
    ("meal", "每餐", "a meal"),
    ("time", "每次", "a visit"),
    ("plot", "每穴", "a plot"),
    ("year", "每年", "a year"),
];
const DATUMS: [(&str, &str, &str); 3] = [
    ("gcj02", "高德、腾讯地图", "Amap, Tencent (GCJ-02)"),
    ("bd09", "百度地图", "Baidu (BD-09)"),
    ("wgs84", "GPS、天地图", "GPS, Tianditu (WGS 84)"),
];

/// The values of a line that is chosen and not written: code and words, by heading where there are many.
fn choices(atlas: &Atlas, lang: Lang, line: &Line) -> Vec<(&'static str, Vec<(String, String)>)> {
    let of = |list: &[(&str, &str, &str)]| {
        list.iter().map(|(code, zh, en)| ((*code).to_owned(), lang.say(zh, en).to_owned())).collect()
    };
    match line.how {
        How::Kind => {
            let kinds = |category: &str| {
                let kinds = atlas.vocabulary().kinds.iter().filter(|kind| &*kind.category == category);
                kinds.map(|kind| (kind.code.to_string(), lang.say(&kind.name_zh, &kind.name_en).to_owned())).collect()
            };
            CATEGORIES.iter().map(|(code, zh, en, _)| (lang.say(zh, en), kinds(code))).collect()
        }
        How::Status => {
            let all = Status::ALL.map(|status| (status.code().to_owned(), words::status(lang, status).to_owned()));
            vec![("", all.to_vec())]
        }
        How::Datum => vec![("", of(&DATUMS))],
        How::PriceUnit => vec![("", of(&UNITS))],
        How::Level => {
            let scheme = line.scheme.as_deref().and_then(|code| atlas.vocabulary().scheme(code));
            let (levels, unit) = scheme.map_or((5, ""), |scheme| (scheme.levels, &*scheme.unit));
            let unit = lang.say(unit, "");
            let mut all: Vec<_> =
                (1..=levels).rev().map(|level| (level.to_string(), format!("{level} {unit}"))).collect();
            all.push((LEVEL_UNKNOWN.to_owned(), lang.say("级别未登记", "level not registered").to_owned()));
            vec![("", all)]
        }
        How::Text | How::Prose | How::Number | How::Day => Vec::new(),
    }
}

/// A line's value for people.
pub fn said(atlas: &Atlas, lang: Lang, line: &Line, value: &str) -> Markup {
    let chosen = choices(atlas, lang, line).into_iter().flat_map(|(_, all)| all).find(|(code, _)| code == value);
    html! {
        @if value.is_empty() { (words::unknown(lang)) }
        @else if let (How::Day, Ok(day)) = (line.how, value.parse()) { (words::day(lang, day)) }
        @else if let Some((_, words)) = chosen { (words) }
        @else if line.name == "hours" { (hours_said(atlas, lang, value)) }
        @else if line.name == "region" { @match atlas.regions().get(value) { Some(region) => { (words::told(&region.name)) " " span.number { (value) } }, None => (words::told(value)) } }
        @else { (words::told(value)) }
    }
}

/// Hours day by day, however they were written.
pub fn hours_said(atlas: &Atlas, lang: Lang, value: &str) -> Markup {
    let read = Hours::read(value).and_then(|read| Hours::parse(&read)).ok();
    let week = read.map(|hours| hours::week(lang, &hours, atlas.today()));
    html! { @match week {
        Some(days) => @for (at, (days, said)) in days.iter().enumerate() { @if at > 0 { (lang.say("；", "; ")) } (days) " " span.number { (said) } },
        None => (words::told(value)),
    } }
}

fn hint(atlas: &Atlas, lang: Lang, line: &Line) -> Option<String> {
    if line.how == How::Day && line.name.ends_with("valid_until") {
        let years = line.scheme.as_deref().and_then(|code| atlas.vocabulary().scheme(code)?.valid_years)?;
        return Some(match lang {
            Lang::Zh => format!("不填就按规定算：评定之后 {years} 年"),
            Lang::En => format!("Left empty, the scheme's own rule holds: {years} years from the day of rating"),
        });
    }
    let said = match line.name.as_str() {
        "hours" => {
            lang.say("例如：周一至周五 08:00-17:30；周六 09:00-12:00", "Such as Mo-Fr 08:00-17:30; Sa 09:00-12:00")
        }
        "services" | "tags" => lang.say("几项之间用“；”隔开", "Separate with ;"),
        "region" => lang.say("填街道、乡镇或村的名称或代码", "Name or code of the town or village"),
        "code" => lang.say("民政部门自己的编号，没有可不填", "The bureau's own code, if it has one"),
        "lon" => lang.say(
            "在高德、腾讯或百度地图上找到大门，复制坐标粘贴到这里，例如 118.296,33.961",
            "Find the gate on a map and paste the pair here, such as 118.296,33.961",
        ),
        _ => return None,
    };
    Some(said.to_owned())
}

/// Until when each rating stands that was typed, where its last day was not told, or was told of the rating before it.
pub fn last_days(atlas: &Atlas, lang: Lang, typed: &[Typed]) -> Markup {
    let said = atlas.vocabulary().schemes.iter().filter_map(|scheme| {
        let part = |part: &str| typed.iter().find(|typed| typed.name == rating_line(&scheme.code, part));
        let name = lang.say(&scheme.name_zh, &scheme.name_en);
        let (level, rated_on, until) = (part("level")?, part("rated_on")?, part("valid_until")?);
        if level.now.is_empty() {
            return None;
        }
        let until_day = until.now.parse().ok();
        let rating = Rating {
            scheme: scheme.code.clone(),
            level: None,
            issuer: None,
            rated_on: rated_on.now.parse().ok(),
            valid_until: until_day,
        };
        match (lang, until_day, rating.last_day(Some(scheme)).map(|last| words::day(lang, last))) {
            (Lang::Zh, None, Some(last)) => Some(format!("{name}：没有填有效期，按规定算，有效至 {last}。")),
            (Lang::En, None, Some(last)) => Some(format!("{name}: by the scheme's own rule it is valid until {last}.")),
            // A new rating beside the old one's last day.
            (_, Some(_), Some(last)) if until.now == until.was && rated_on.now != rated_on.was => Some(match lang {
                Lang::Zh => format!("{name}：评定日期改了，有效期还是原来的 {last}。是新评的，请返回改正或清空。"),
                Lang::En => format!("{name}: the day of rating is new, the last day is still {last}. Correct or empty it if it was rated anew."),
            }),
            _ => None,
        }
    });
    html! { @for said in said { p.notice { (said) } } }
}

impl Form<'_> {
    /// What is typed there and what was seen before, or else what is held.
    fn value(&self, line: &Line) -> (String, String) {
        let typed = self.typed.iter().find(|typed| typed.name == line.name);
        typed.map_or_else(
            || {
                let held = held(self.facility, line);
                (held.clone(), held)
            },
            |typed| (typed.now.clone(), typed.was.clone()),
        )
    }

    fn wrong(&self, line: &Line) -> Option<&Wrong> {
        self.wrong.iter().find(|wrong| wrong.line == line.name)
    }

    /// Whether a group needs to be looked at: something in it is wrong, or was typed.
    pub fn stirred(&self, group: &Group) -> bool {
        let typed = |line: &Line| self.typed.iter().any(|typed| typed.name == line.name);
        group.lines.iter().any(|line| self.wrong(line).is_some() || typed(line))
    }

    /// One line with its label, its hint and what is wrong with it.
    pub fn input(&self, line: &Line) -> Markup {
        let (value, held) = self.value(line);
        let (lang, id) = (self.lang, line.name.as_str());
        let wrong = self.wrong(line);
        let hint = hint(self.atlas, lang, line);
        let about = [wrong.map(|_| format!("wrong-{id}")), hint.as_ref().map(|_| format!("hint-{id}"))];
        let about = about.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let about = (!about.is_empty()).then_some(about);
        let invalid = wrong.map(|_| "true");
        html! {
            div.field {
                label for=(id) { (short(lang, line)) }
                @if let Some(hint) = &hint { p.hint id=(format!("hint-{id}")) { (hint) } }
                @if id == "hours" && !held.is_empty() && held == value { p.hint { (lang.say("现在登记的是：", "Registered now: ")) (hours_said(self.atlas, lang, &held)) } }
                @if let Some(wrong) = wrong { p id=(format!("wrong-{id}")) { strong { (lang.say("请改正：", "To correct: ")) (words::told(&wrong.said)) } } }
                @match line.how {
                    How::Kind | How::Status | How::Datum | How::PriceUnit | How::Level => select id=(id) name=(id) aria-invalid=[invalid] aria-describedby=[about] {
                        @if value.is_empty() || !matches!(line.how, How::Kind | How::Status) { option value="" selected[value.is_empty()] { (none(lang, line.how)) } }
                        @for (heading, all) in choices(self.atlas, lang, line) {
                            @if heading.is_empty() { (options(&all, &value)) } @else { optgroup label=(heading) { (options(&all, &value)) } }
                        }
                    },
                    How::Prose => textarea id=(id) name=(id) rows="3" lang=[words::tongue(&value)] aria-invalid=[invalid] aria-describedby=[about] { (value) },
                    How::Day => input id=(id) name=(id) type="date" value=(value) aria-invalid=[invalid] aria-describedby=[about];,
                    How::Text | How::Number => input id=(id) name=(id) type="text" value=(value) lang=[words::tongue(&value)] inputmode=[inputmode(line)] autocomplete="off"
                        aria-invalid=[invalid] aria-describedby=[about];,
                }
                input type="hidden" name=(format!("was_{id}")) value=(held);
            }
        }
    }

    /// All lines of a group; of the ratings, each scheme by itself.
    pub fn group(&self, group: &Group) -> Markup {
        let rated = group.lines.iter().all(|line| line.scheme.is_some());
        html! {
            @if self.waits && group.lines.iter().all(reviewed) {
                p.hint { (lang_waits(self.lang)) }
            }
            @if rated { @for (at, lines) in group.lines.chunk_by(|a, b| a.scheme == b.scheme).enumerate() { (self.scheme(lines, at == 0)) } }
            @else { @for line in &group.lines { (self.input(line)) } }
        }
    }

    /// The lines of one scheme of rating; folded where there is nothing of it, unless it is the `first`.
    fn scheme(&self, lines: &[Line], first: bool) -> Markup {
        let code = lines.first().and_then(|line| line.scheme.as_deref()).unwrap_or_default();
        let name = scheme_name(self.atlas, self.lang, code);
        let told = |line: &Line| !self.value(line).0.is_empty() || self.wrong(line).is_some();
        let fields = html! { div.grid role="group" aria-label=(name) { @for line in lines { (self.input(line)) } } };
        html! {
            @if first || lines.iter().any(told) { h3 { (name) } (fields) }
            @else { details { summary { (name) } (fields) } }
        }
    }

    /// What is wrong, each with a way to its line.
    pub fn summary(&self) -> Markup {
        html! {
            @if !self.wrong.is_empty() {
                div.notice role="alert" { h2 { (self.lang.say("还没有保存，请改正：", "Not saved yet; please correct:")) }
                    ul { @for wrong in self.wrong { li { a href=(format!("#{}", wrong.line)) { (words::told(&wrong.said)) } } } } }
            }
        }
    }
}

fn reviewed(line: &Line) -> bool {
    crate::care::fields::field_of(line.field).is_some_and(|field| field.speed == crate::care::fields::Speed::Reviewed)
}

fn lang_waits(lang: Lang) -> &'static str {
    lang.say("这一栏由民政部门审核后生效。", "What changes here stands once the bureau has agreed.")
}

fn none(lang: Lang, how: How) -> &'static str {
    match how {
        How::Level => lang.say("没有评定", "not rated"),
        How::PriceUnit => lang.say("未登记", "not registered"),
        _ => lang.say("请选择", "please choose"),
    }
}

fn inputmode(line: &Line) -> Option<&'static str> {
    match line.name.as_str() {
        "phone" => Some("tel"),
        // A pasted pair has a comma, which some number pads lack.
        _ if line.how == How::Number && line.field == "price" => Some("decimal"),
        _ => None,
    }
}

fn options(all: &[(String, String)], value: &str) -> Markup {
    html! { @for (code, words) in all { option value=(code) selected[code == value] { (words) } } }
}

/// Lines as hidden fields: what is to be, what was, and which are emptied.
pub fn hidden(typed: &[Typed]) -> Markup {
    let emptied: Vec<&str> =
        typed.iter().filter(|typed| typed.now.is_empty()).map(|typed| typed.name.as_str()).collect();
    html! {
        @if !emptied.is_empty() { input type="hidden" name="clear" value=(emptied.join(",")); }
        @for Typed { name, was, now } in typed {
            @if !now.is_empty() { input type="hidden" name=(name) value=(now); }
            input type="hidden" name=(format!("was_{name}")) value=(was);
        }
    }
}
