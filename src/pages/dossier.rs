//! What a facility's page tells of its dossier: the menu from today on, staff, ratings with the former ones, licences.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::words;
use crate::atlas::Atlas;
use crate::care::{Facility, Licence, Meal, MealTime, PastRating, Rating, Staff, Validity};
use crate::http::{App, Lang};

/// How many days of a menu are shown at most.
const DAYS: usize = 7;

pub fn meal_time(lang: Lang, meal: Option<MealTime>) -> &'static str {
    match meal {
        None => lang.say("全天", "All day"),
        Some(MealTime::Breakfast) => lang.say("早餐", "Breakfast"),
        Some(MealTime::Lunch) => lang.say("午餐", "Lunch"),
        Some(MealTime::Dinner) => lang.say("晚餐", "Dinner"),
    }
}

/// 今天 11 月 25 日 周三.
pub fn menu_day(lang: Lang, day: NaiveDate, today: NaiveDate) -> String {
    let near = match (day - today).num_days() {
        0 => lang.say("今天 ", "Today, "),
        1 => lang.say("明天 ", "Tomorrow, "),
        _ => "",
    };
    let date = match lang {
        Lang::Zh => day.format("%-m 月 %-d 日").to_string(),
        Lang::En => day.format("%-d %B").to_string(),
    };
    format!("{near}{date} {}", words::weekday(lang, day))
}

/// 午餐：红烧肉、青菜，12 元.
pub fn meal(lang: Lang, told: &Meal) -> Markup {
    html! {
        @if told.meal.is_some() { (meal_time(lang, told.meal)) (lang.say("：", ": ")) }
        span lang="zh-CN" { @for (at, dish) in told.dishes.iter().enumerate() { @if at > 0 { "、" } (dish) } }
        @if let Some(price) = told.price { (lang.say("，", ", CNY ")) span.number { (price) } (lang.say(" 元", "")) }
    }
}

/// The days of a menu, each with its meals.
pub fn days(lang: Lang, menu: &[Meal], today: NaiveDate) -> Markup {
    html! {
        dl.facts { @for of_day in menu.chunk_by(|a, b| a.day == b.day).take(DAYS) {
            dt { (menu_day(lang, of_day[0].day, today)) }
            dd { @for told in of_day { p { (meal(lang, told)) } } }
        } }
    }
}

/// The menu from today on, where people eat.
pub fn menu(atlas: &Atlas, lang: Lang, facility: &Facility) -> Markup {
    let serves = atlas.vocabulary().kind(&facility.kind).is_some_and(|kind| kind.serves_meals());
    let coming = facility.menu_from(atlas.today());
    html! {
        @if serves || !coming.is_empty() {
            section.block {
                h2 { (lang.say("菜单", "Menu")) }
                @if coming.is_empty() { p { (lang.say("今天起的菜单：", "Menu from today on: ")) (words::unknown(lang)) } }
                @else { (days(lang, coming, atlas.today())) }
            }
        }
    }
}

/// 护理员 12 人，持证 9 人（2026 年 10 月 1 日）.
pub fn staffed(lang: Lang, staff: &Staff) -> String {
    let count = |zh: &str, en: &str, told: Option<u32>| match (lang, told) {
        (Lang::Zh, Some(number)) => format!("{zh} {number} 人"),
        (Lang::Zh, None) => format!("{zh}人数未登记"),
        (Lang::En, Some(number)) => format!("{number} {en}"),
        (Lang::En, None) => format!("number of {en} not registered"),
    };
    let caregivers = count("护理员", "caregivers", staff.caregivers);
    let certified = count("持证", "certified", staff.certified);
    let day = words::day(lang, staff.as_of);
    match lang {
        Lang::Zh => format!("{caregivers}，{certified}（{day}）"),
        Lang::En => format!("{caregivers}, {certified} (as of {day})"),
    }
}

/// The staff, where people are cared for.
pub fn staff(atlas: &Atlas, lang: Lang, facility: &Facility) -> Markup {
    let cares = atlas.vocabulary().kind(&facility.kind).is_some_and(|kind| kind.gives_care());
    html! {
        @if cares || facility.staff.is_some() {
            dt { (lang.say("护理人员", "Staff")) }
            dd { @match &facility.staff { Some(told) => (staffed(lang, told)), None => (words::unknown(lang)) } }
        }
    }
}

/// Who gave a rating and when: 江苏省民政厅，2026 年 5 月 1 日评定.
pub fn given(lang: Lang, rating: &Rating) -> Markup {
    html! {
        @if let Some(issuer) = &rating.issuer { (words::told(issuer)) }
        @if let Some(day) = rating.rated_on {
            @if rating.issuer.is_some() { (lang.say("，", ", ")) }
            (match lang { Lang::Zh => format!("{} 评定", words::day(lang, day)), Lang::En => format!("rated on {}", words::day(lang, day)) })
        }
    }
}

/// The former ratings; none where the record cannot be reached just now.
pub async fn former(app: &App, facility: &Facility) -> Vec<PastRating> {
    if facility.ratings.is_empty() || !app.live.reachable() {
        return Vec::new();
    }
    let mut told = app.registry.ratings_of(facility.id).await.unwrap_or_default();
    told.retain(|past| past.superseded_at.is_some());
    told
}

/// The ratings that stand with issuer, day and last day; the former ones folded away.
pub fn ratings(atlas: &Atlas, lang: Lang, facility: &Facility, former: &[PastRating]) -> Markup {
    html! {
        @if facility.ratings.is_empty() { (words::unknown(lang)) }
        @for (at, rating) in facility.ratings.iter().enumerate() {
            p { (words::rating(atlas, lang, facility, at).unwrap_or_default())
                @if rating.issuer.is_some() || rating.rated_on.is_some() { br; span.quiet { (given(lang, rating)) } } }
        }
        @if !former.is_empty() {
            details {
                summary { (lang.say("以前的等级", "Former ratings")) }
                ul { @for past in former {
                    li { (words::rating_level(atlas, lang, &past.rating)) " " span.quiet { (given(lang, &past.rating)) } }
                } }
            }
        }
    }
}

/// Whether something stands, in words; the last day is said with it.
pub fn validity(lang: Lang, state: Option<Validity>, until: Option<NaiveDate>) -> Markup {
    let last = until.map(|day| words::day(lang, day)).unwrap_or_default();
    html! {
        @match (lang, state) {
            (_, None) => { (lang.say("有效期", "last day ")) (words::unknown(lang)) },
            (Lang::Zh, Some(Validity::Valid)) => { "有效，至 " (last) },
            (Lang::Zh, Some(Validity::EndsSoon)) => { strong { "快到期" } "，至 " (last) },
            (Lang::Zh, Some(Validity::Expired)) => { strong { "已过期" } "，" (last) " 到期" },
            (Lang::Zh, Some(Validity::NotYet)) => { strong { "还未生效" } },
            (Lang::En, Some(Validity::Valid)) => { "valid until " (last) },
            (Lang::En, Some(Validity::EndsSoon)) => { strong { "ends soon" } ", on " (last) },
            (Lang::En, Some(Validity::Expired)) => { strong { "expired" } " on " (last) },
            (Lang::En, Some(Validity::NotYet)) => { strong { "not yet valid" } },
        }
    }
}

pub fn licence_type<'a>(atlas: &'a Atlas, lang: Lang, code: &'a str) -> &'a str {
    atlas.vocabulary().licence_type(code).map_or(code, |term| lang.say(&term.name_zh, &term.name_en))
}

/// One licence in words.
pub fn licence(atlas: &Atlas, lang: Lang, held: &Licence) -> Markup {
    html! {
        (licence_type(atlas, lang, &held.r#type)) (lang.say("：", ": "))
        (validity(lang, held.validity(atlas.today()), held.valid_until))
        @if held.number.is_some() || held.issuer.is_some() {
            br;
            span.quiet {
                @if let Some(number) = &held.number { (lang.say("编号 ", "No. ")) (number) " " }
                @if let Some(issuer) = &held.issuer { (words::told(issuer)) }
            }
        }
    }
}

pub fn licences(atlas: &Atlas, lang: Lang, facility: &Facility) -> Markup {
    html! {
        @if facility.licences.is_empty() { (words::unknown(lang)) }
        @for held in &facility.licences { p { (licence(atlas, lang, held)) } }
    }
}

/// What a bureau looks through: what ends, and what was inspected.
pub fn desk_links(lang: Lang) -> Markup {
    html! {
        ul.links {
            li { a href="/desk/expiring" { (lang.say("快到期的等级和证照", "What ends soon")) } }
            li { a href="/desk/sweep" { (lang.say("排查", "Sweep")) } }
        }
    }
}

/// Where a signed-in person keeps the dossier of a facility.
pub fn links(atlas: &Atlas, lang: Lang, facility: &Facility) -> Markup {
    let serves = atlas.vocabulary().kind(&facility.kind).is_some_and(|kind| kind.serves_meals());
    let link = |page: &str, said: &str| html! { li { a href=(format!("/f/{}/{page}", facility.id)) { (said) } } };
    html! {
        @if serves { (link("menu", lang.say("菜单", "Menu"))) }
        (link("staff", lang.say("护理人员", "Staff")))
        (link("licences", lang.say("证照", "Licences")))
        (link("inspections", lang.say("检查", "Inspections")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_are_told_as_of_their_day_and_what_is_not_known_is_said() {
        let day = "2026-10-01".parse().expect("a day");
        let told = Staff { caregivers: Some(12), certified: Some(9), as_of: day };
        assert_eq!(staffed(Lang::Zh, &told), "护理员 12 人，持证 9 人（2026 年 10 月 1 日）");
        let told = Staff { certified: None, ..told };
        assert_eq!(staffed(Lang::Zh, &told), "护理员 12 人，持证人数未登记（2026 年 10 月 1 日）");
    }

    #[test]
    fn a_day_of_the_menu_is_named_the_way_one_speaks_of_it() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(menu_day(Lang::Zh, day("2026-11-25"), day("2026-11-25")), "今天 11 月 25 日 周三");
        assert_eq!(menu_day(Lang::En, day("2026-11-27"), day("2026-11-25")), "27 November Friday");
    }
}
