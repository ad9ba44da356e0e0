//! The form of a question of coverage: area, kind, standard, detour, quality, whom to count.

use maud::{Markup, html};

use super::{districts, people, words};
use crate::analysis::coverage::{By, Walk};
use crate::atlas::{Atlas, Filter};
use crate::care::{Kind, Level, Standard, Vocabulary, kind};
use crate::http::question::Asked;
use crate::http::{App, Lang};

/// The service that is asked for most: taking people with dementia.
const DEMENTIA: &str = "失智照护";

/// The kinds of a category, as one value of the parameter `kind`.
pub fn of_category(vocabulary: &Vocabulary, category: &str) -> String {
    let kinds = vocabulary.kinds.iter().filter(|kind| &*kind.category == category);
    kinds.map(|kind| &*kind.code).collect::<Vec<_>>().join(",")
}

/// A standard in a line: its name, its distance, and whether its source is still to be read.
pub fn standard_name(lang: Lang, standard: &Standard) -> String {
    let name = lang.say(&standard.name_zh, &standard.name_en);
    let metres = (standard.within_m(1.0) * 10.0).round() / 10.0;
    let speed = standard.speed_m_s.map(|speed| format!(" ({speed} m/s)")).unwrap_or_default();
    let open = if standard.confirmed { "" } else { lang.say("，来源待确认", ", source to be confirmed") };
    format!("{}{} {name}{speed}{open}", words::radius(lang, metres), lang.say("：", ":"))
}

/// The fields of the question, to stand in a grid.
pub fn fields(app: &App, atlas: &Atlas, lang: Lang, asked: &Asked) -> Markup {
    let (question, filter) = (&asked.question, &asked.question.filter);
    let walk = asked.walk.clone().unwrap_or(Walk { detour: 1.0, ..Walk::default() });
    let own = walk.code.is_none().then_some(question.within_m * walk.detour);
    html! {
            div.field {
                label for="region" { (lang.say("地区", "Area")) }
                select id="region" name="region" { (districts::choice(atlas, lang, question.region.as_deref())) }
            }
            div.field {
                label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                select id="kind" name="kind" { (kinds(atlas, lang, filter, |_| true)) }
            }
            div.field {
                label for="standard" { (lang.say("多远算覆盖（标准）", "How far counts (standard)")) }
                select id="standard" name="standard" {
                    option value="" { (lang.say("自定距离", "a distance of my own")) }
                    @for standard in &app.standards.list {
                        option value=(standard.code) selected[walk.code.as_ref() == Some(&standard.code)] { (standard_name(lang, standard)) }
                    }
                }
            }
            div.field {
                label for="within_m" { (lang.say("自定距离（米）", "Own distance (m)")) }
                input id="within_m" name="within_m" type="number" min="0" step="any" value=[own.map(|own| (own * 10.0).round() / 10.0)];
            }
            (detour(app, lang, asked))
            (whom(atlas, lang, asked))
            div.field {
                label for="min_rating" { (lang.say("等级", "Rating")) }
                select id="min_rating" name="min_rating" {
                    option value="" { (lang.say("不论有没有等级", "rated or not")) }
                    @for level in 1..=5u8 {
                        option value=(level) selected[filter.min_rating == Some(level)] { (lang.say("现行 ", "current, ")) (level) (lang.say(" 级（星）以上", " and above")) }
                    }
                }
            }
            div.field {
                label for="min_free" { (lang.say("空余", "Free places")) }
                select id="min_free" name="min_free" {
                    option value="" { (lang.say("不论有没有空位", "full or not")) }
                    option value="1" selected[filter.min_free.is_some_and(|free| free > 0)] { (lang.say("只算还有空位的", "only those with free places")) }
                }
            }
            div.field {
                label for="service" { (lang.say("服务", "Service")) }
                select id="service" name="service" {
                    option value="" { (lang.say("不论有什么服务", "any service")) }
                    option value=(DEMENTIA) selected[filter.service.as_deref() == Some(DEMENTIA)] { (lang.say("只算收失智老人的", "only those taking dementia")) }
                    @if let Some(other) = filter.service.as_deref().filter(|service| *service != DEMENTIA) {
                        option value=(other) selected lang="zh-CN" { (other) }
                    }
                }
            }
    }
}

/// How many times the way is as long as the straight line.
pub fn detour(app: &App, lang: Lang, asked: &Asked) -> Markup {
    let chosen = asked.walk.as_ref().map_or(1.0, |walk| walk.detour);
    html! {
        div.field {
            label for="detour" { (lang.say("绕行系数", "Detour factor")) }
            select id="detour" name="detour" {
                @for detour in &app.standards.detours {
                    option value=(if *detour == 1.0 { String::new() } else { detour.to_string() }) selected[*detour == chosen] {
                        @if *detour == 1.0 { (lang.say("1（直线）", "1 (straight line)")) } @else { (detour) }
                    }
                }
                @if !app.standards.detours.contains(&chosen) { option value=(chosen) selected { (chosen) } }
            }
        }
    }
}

/// Whom to count, and by which regions.
pub fn whom(atlas: &Atlas, lang: Lang, asked: &Asked) -> Markup {
    let question = &asked.question;
    html! {
        div.field {
            label for="weight" { (lang.say("算哪些人", "Whom to count")) }
            select id="weight" name="weight" {
                (people::weights(atlas.vocabulary(), lang, &question.weight))
            }
        }
        (people::classes(lang, question.class))
        (people::years(atlas, lang, question.population_year))
        div.field {
            label for="by" { (lang.say("按什么分行", "A row for each")) }
            select id="by" name="by" {
                option value="" { (lang.say("下一级", "next level down")) }
                @for level in Level::ALL {
                    option value=(level.code()) selected[question.by == Some(By::Level(level))] { (words::level(lang, level)) }
                }
                option value="class" selected[question.by == Some(By::Class)] { (lang.say("城镇、乡村", "urban and rural")) }
            }
        }
    }
}

/// Where the standards come from.
pub fn sources(app: &App, lang: Lang) -> Markup {
    html! {
        details {
            summary { (lang.say("各标准的来源", "Where the standards come from")) }
            ul { @for standard in &app.standards.list {
                li { span lang=(lang.tag()) { (standard_name(lang, standard)) } br; span.quiet { (words::told(&standard.source)) } }
            } }
            p { (lang.say("距离按直线算。绕行系数把标准缩短成直线距离：系数 1.29 时，1 公里的路约是 775 米直线。",
                          "Distances are straight lines. The detour factor shortens a standard to a straight line: with 1.29, a walk of 1 km is a line of about 775 m.")) }
        }
    }
}

/// The kinds to choose from among those that are `offered`, alone and by category, with whichever is asked about.
pub fn kinds(atlas: &Atlas, lang: Lang, filter: &Filter, offered: impl Fn(&Kind) -> bool) -> Markup {
    let all: Vec<&Kind> = atlas.vocabulary().kinds.iter().filter(|kind| offered(kind)).collect();
    let group = |category: &str| {
        let codes = all.iter().filter(|kind| &*kind.category == category).map(|kind| &*kind.code);
        codes.collect::<Vec<_>>().join(",")
    };
    let chosen = match &filter.category {
        Some(category) if filter.kinds.is_empty() => group(category),
        _ => filter.kinds.join(","),
    };
    let groups: Vec<_> = kind::CATEGORIES.iter().map(|category| (category, group(category.0))).collect();
    let listed = groups.iter().any(|(_, all)| *all == chosen) || all.iter().any(|kind| *kind.code == chosen);
    html! {
        @if !listed {
            option value=(chosen) selected {
                @if chosen.is_empty() { (lang.say("全部机构", "All facilities")) }
                @else { (filter.kinds.iter().map(|code| words::kind_name(atlas, lang, code)).collect::<Vec<_>>().join(lang.say("、", ", "))) }
            }
        }
        @for (category, codes) in groups.iter().filter(|(_, codes)| !codes.is_empty()) {
            optgroup label=(lang.say(category.1, category.2)) {
                @if codes.contains(',') { option value=(codes) selected[*codes == chosen] { (lang.say(category.1, category.2)) (lang.say("（全部）", " (all)")) } }
                @for kind in all.iter().filter(|kind| *kind.category == *category.0) {
                    option value=(kind.code) selected[*kind.code == chosen] { (lang.say(&kind.name_zh, &kind.name_en)) }
                }
            }
        }
    }
}

/// That the record reaches not so far back, where that is so.
pub fn before_all(lang: Lang, so: bool) -> Markup {
    html! { @if so { p.notice { (lang.say("那一天登记册里还没有记录。", "The record holds nothing of that day.")) } } }
}

/// The day as of which to answer.
pub fn as_of(lang: Lang, day: Option<&str>) -> Markup {
    html! {
        div.field {
            label for="as_of" { (lang.say("截至哪一天（留空为现在）", "As of which day (empty: now)")) }
            input id="as_of" name="as_of" type="text" inputmode="numeric" placeholder="2026-10-01" value=[day];
        }
    }
}
