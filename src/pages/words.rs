//! Words for people: distances, places free, prices, ratings, said the way one says them.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use crate::atlas::Atlas;
use crate::care::{Capacity, Facility, Level, Price, Rating, Region, Status, kind};
use crate::http::{App, Lang, frame};

/// What is not known is said so, and never shown as zero or left blank.
pub fn unknown(lang: Lang) -> Markup {
    html! { span.unknown { (lang.say("未登记", "not registered")) } }
}

/// Text of the record, which keeps its own language whatever the page is in: said so, for those who have it read out.
pub fn told(text: &str) -> Markup {
    html! {
        @match tongue(text) { Some(tongue) => span lang=(tongue) { (text) }, None => (text) }
    }
}

/// The language that a text of the record is in; none for what is only digits.
pub fn tongue(text: &str) -> Option<&'static str> {
    let chinese = text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
    let latin = text.chars().any(|c| c.is_ascii_alphabetic());
    if chinese { Some("zh-CN") } else { latin.then_some("en") }
}

/// Words of ours in which Chinese may stand amid English: the Chinese says so.
pub fn mixed(text: &str) -> Markup {
    let chinese = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
    let mut runs: Vec<(bool, String)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut().filter(|(held, _)| *held == chinese(c)) {
            Some((_, run)) => run.push(c),
            None => runs.push((chinese(c), c.into())),
        }
    }
    html! { @for (chinese, run) in &runs { @if *chinese { span lang="zh-CN" { (run) } } @else { (run) } } }
}

/// A straight line, in steps of 50 m below a kilometre: a phone does not know its place better.
pub fn distance(lang: Lang, metres: f64) -> String {
    let steps = ((metres / 50.0).round() * 50.0).max(50.0);
    match (lang, steps < 1000.0) {
        (Lang::Zh, true) => format!("约 {steps} 米"),
        (Lang::Zh, false) => format!("约 {:.1} 公里", metres / 1000.0),
        (Lang::En, true) => format!("about {steps} m"),
        (Lang::En, false) => format!("about {:.1} km", metres / 1000.0),
    }
}

/// A radius as it was chosen.
pub fn radius(lang: Lang, metres: f64) -> String {
    let kilometres = metres / 1000.0;
    match (lang, metres < 1000.0) {
        (Lang::Zh, true) => format!("{metres} 米"),
        (Lang::Zh, false) => format!("{kilometres} 公里"),
        (Lang::En, true) => format!("{metres} m"),
        (Lang::En, false) => format!("{kilometres} km"),
    }
}

/// A count with commas.
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or_default().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

pub fn day(lang: Lang, day: NaiveDate) -> String {
    match lang {
        Lang::Zh => day.format("%Y 年 %-m 月 %-d 日").to_string(),
        Lang::En => day.format("%-d %B %Y").to_string(),
    }
}

pub fn kind_name<'a>(atlas: &'a Atlas, lang: Lang, code: &'a str) -> &'a str {
    atlas.vocabulary().kind(code).map_or(code, |kind| lang.say(&kind.name_zh, &kind.name_en))
}

pub fn category(atlas: &Atlas, kind: &str) -> &'static (&'static str, &'static str, &'static str, &'static str) {
    let code = atlas.vocabulary().kind(kind).map_or("other", |kind| &kind.category);
    kind::CATEGORIES.iter().find(|known| known.0 == code).unwrap_or(&kind::CATEGORIES[5])
}

/// The mark of a category: a shape and a character.
pub fn mark(category: &(&str, &str, &str, &str)) -> Markup {
    html! { span class=(format!("mark mark-{}", category.0)) aria-hidden="true" lang="zh-CN" { (category.3) } }
}

pub fn status(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Planned => lang.say("规划中", "planned"),
        Status::UnderConstruction => lang.say("在建", "under construction"),
        Status::Built => lang.say("已建成，未开业", "built, not yet open"),
        Status::Trial => lang.say("试运营", "trial operation"),
        Status::Operating => lang.say("运营中", "operating"),
        Status::Suspended => lang.say("暂停服务", "suspended"),
        Status::Closed => lang.say("已关闭", "closed"),
    }
}

pub fn level(lang: Lang, level: Level) -> &'static str {
    match level {
        Level::Province => lang.say("省", "province"),
        Level::City => lang.say("市", "city"),
        Level::County => lang.say("区县", "county or district"),
        Level::Town => lang.say("街道、乡镇", "town or sub-district"),
        Level::Village => lang.say("村、社区", "village or community"),
    }
}

pub fn weekday(lang: Lang, day: NaiveDate) -> &'static str {
    const DAYS: [(&str, &str); 7] = [
        ("周一", "Monday"),
        ("周二", "Tuesday"),
        ("周三", "Wednesday"),
        ("周四", "Thursday"),
        ("周五", "Friday"),
        ("周六", "Saturday"),
        ("周日", "Sunday"),
    ];
    let (zh, en) = DAYS[day.weekday().num_days_from_monday() as usize];
    lang.say(zh, en)
}

/// How much is free, in a sentence: 床位还有 23 张空余,共 198 张.
pub fn capacity(atlas: &Atlas, lang: Lang, held: &Capacity) -> String {
    let measure = atlas.vocabulary().measure(&held.measure);
    let name = measure.map_or(&*held.measure, |measure| lang.say(&measure.name_zh, &measure.name_en));
    let unit = measure.map_or("", |measure| lang.say(&measure.unit_zh, ""));
    match (lang, held.total, held.free()) {
        (Lang::Zh, Some(total), Some(_)) if held.over_capacity() => {
            format!("{name}已满：实际 {} {unit}，核定 {total} {unit}", held.occupied.unwrap_or_default())
        }
        (Lang::Zh, Some(total), Some(0)) => format!("{name}已满，共 {total} {unit}"),
        (Lang::Zh, Some(total), Some(free)) => format!("{name}还有 {free} {unit}空余，共 {total} {unit}"),
        (Lang::Zh, Some(total), None) => format!("{name}共 {total} {unit}，空余未登记"),
        (Lang::Zh, None, _) => format!("{name}未登记"),
        (Lang::En, Some(total), Some(_)) if held.over_capacity() => {
            format!("{name}: full, {} taken of {total}", held.occupied.unwrap_or_default())
        }
        (Lang::En, Some(total), Some(0)) => format!("{name}: full, {total} in all"),
        (Lang::En, Some(total), Some(free)) => format!("{name}: {free} free of {total}"),
        (Lang::En, Some(total), None) => format!("{name}: {total} in all, free not registered"),
        (Lang::En, None, _) => format!("{name}: not registered"),
    }
}

/// The date of a capacity, or that nobody has told it.
pub fn figure_date(app: &App, lang: Lang, held: &Capacity) -> String {
    if !held.undated {
        return frame::day_and_age(lang, held.as_of, app);
    }
    let day = held.as_of.with_timezone(&app.atlas().zone()).date_naive();
    match lang {
        Lang::Zh => format!("日期未知，{day} 导入"),
        Lang::En => format!("date unknown, imported on {day}"),
    }
}

/// The date of a capacity, and a warning in words where it is stale.
pub fn capacity_date(app: &App, lang: Lang, held: &Capacity) -> Markup {
    let atlas = app.atlas();
    html! {
        span.quiet { @if !held.undated { (lang.say("数字日期：", "as of ")) } (figure_date(app, lang, held)) }
        @if held.stale(atlas.today(), &atlas.zone()) {
            " " strong { (lang.say("数字较旧，可能已变，请先打电话问。", "An old figure; it may have changed. Please call first.")) }
        }
    }
}

pub fn price(lang: Lang, price: &Price) -> Option<String> {
    let figure = |yuan: f64| if yuan.fract() == 0.0 { format!("{yuan}") } else { format!("{yuan:.2}") };
    let sum = match (price.min, price.max) {
        (Some(min), Some(max)) if min != max => format!("{}–{}", figure(min), figure(max)),
        (Some(one), _) | (None, Some(one)) => figure(one),
        (None, None) => return None,
    };
    let from = if price.max.is_none() { lang.say("起", " and up") } else { "" };
    let (zh, en) = match &*price.unit {
        "month" => ("每月", "a month"),
        "day" => ("每天", "a day"),
        "meal" => ("每餐", "a meal"),
        "plot" => ("每穴", "a plot"),
        "year" => ("每年", "a year"),
        "time" | "visit" => ("每次", "a visit"),
        unit => (unit, unit),
    };
    Some(match lang {
        Lang::Zh => format!("{zh} {sum} 元{from}"),
        Lang::En => format!("CNY {sum}{from} {en}"),
    })
}

/// 养老机构等级（GB/T 37276）：4 星.
pub fn rating_level(atlas: &Atlas, lang: Lang, rating: &Rating) -> String {
    let scheme = atlas.vocabulary().scheme(&rating.scheme);
    let name = scheme.map_or(&*rating.scheme, |scheme| lang.say(&scheme.name_zh, &scheme.name_en));
    let unit = scheme.map_or("", |scheme| &scheme.unit);
    let level = match (lang, rating.level) {
        (Lang::Zh, Some(level)) => format!("{level} {unit}"),
        (Lang::Zh, None) => "已评级，级别未登记".to_owned(),
        (Lang::En, Some(level)) => format!("{level} of {}", scheme.map_or(5, |scheme| scheme.levels)),
        (Lang::En, None) => "rated, level not registered".to_owned(),
    };
    format!("{name}{}{level}", lang.say("：", ": "))
}

/// The same, and until when it stands, or that it is past its day.
pub fn rating(atlas: &Atlas, lang: Lang, facility: &Facility, at: usize) -> Option<String> {
    facility.ratings.get(at).map(|rating| rating_until(atlas, lang, rating))
}

pub fn rating_until(atlas: &Atlas, lang: Lang, rating: &Rating) -> String {
    let scheme = atlas.vocabulary().scheme(&rating.scheme);
    let last = rating.last_day(scheme);
    let until = match (rating.current(scheme, atlas.today()), last) {
        (true, Some(last)) => format!("{}{}", lang.say("，有效至 ", ", valid until "), day(lang, last)),
        (true, None) => String::new(),
        (false, Some(last)) => {
            format!("{}{}{}", lang.say("，已过期（", ", expired ("), day(lang, last), lang.say(" 到期）", ")"))
        }
        (false, None) => lang.say("，已过期", ", expired").to_owned(),
    };
    format!("{}{until}", rating_level(atlas, lang, rating))
}

/// 江苏省 › 宿迁市 › 宿城区.
pub fn path(regions: &[&Region]) -> String {
    regions.iter().map(|region| &*region.name).collect::<Vec<_>>().join(" › ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_go_in_steps_of_fifty_metres_and_then_in_tenths_of_a_kilometre() {
        assert_eq!(distance(Lang::Zh, 3.0), "约 50 米");
        assert_eq!(distance(Lang::Zh, 362.0), "约 350 米");
        assert_eq!(distance(Lang::Zh, 974.0), "约 950 米");
        assert_eq!(distance(Lang::Zh, 976.0), "约 1.0 公里");
        assert_eq!(distance(Lang::En, 12_340.0), "about 12.3 km");
        assert_eq!(radius(Lang::Zh, 1500.0), "1.5 公里");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!([count(7u64), count(1234u64), count(1_234_567u64)], ["7", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_price_says_what_it_is_for() {
        let priced = |min, max, unit: &str| Price { min, max, unit: unit.into() };
        assert_eq!(price(Lang::Zh, &priced(Some(1300.0), Some(2800.0), "month")).as_deref(), Some("每月 1300–2800 元"));
        assert_eq!(price(Lang::Zh, &priced(Some(12.5), None, "meal")).as_deref(), Some("每餐 12.50 元起"));
        assert_eq!(price(Lang::En, &priced(None, None, "meal")), None);
    }
}
