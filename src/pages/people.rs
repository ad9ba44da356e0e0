//! People: who is counted, of which year, in towns or villages, and what is missing of them, in words.

use maud::{Markup, html};

use super::words;
use crate::analysis::catchment::answer::Totals;
use crate::analysis::coverage::{Counted, LeftOut};
use crate::atlas::Atlas;
use crate::care::{UrbanRural, Vocabulary, Weight};
use crate::http::Lang;

/// Whom a weight counts.
pub fn counted<'a>(vocabulary: &'a Vocabulary, lang: Lang, weight: &'a Weight) -> &'a str {
    match weight {
        Weight::Total => lang.say("全部居民", "all residents"),
        Weight::Aged60 => lang.say("60 岁以上的人", "people aged 60 and over"),
        Weight::Aged80 => lang.say("80 岁以上的人", "people aged 80 and over"),
        Weight::Group(code) => vocabulary.group(code).map_or(code, |group| lang.say(&group.name_zh, &group.name_en)),
    }
}

/// The weights to choose from, as options.
pub fn weights(vocabulary: &Vocabulary, lang: Lang, chosen: &Weight) -> Markup {
    html! {
        @for weight in Weight::offered(vocabulary) {
            option value=(weight.code()) selected[weight == *chosen] { (counted(vocabulary, lang, &weight)) }
        }
    }
}

pub fn class(lang: Lang, class: Option<UrbanRural>) -> &'static str {
    match class {
        Some(UrbanRural::Urban) => lang.say("城镇", "urban"),
        Some(UrbanRural::Rural) => lang.say("乡村", "rural"),
        None => lang.say("城乡未登记", "urban or rural not known"),
    }
}

/// What a row without a region is about: a class, or what stands in no region.
pub fn row_name(lang: Lang, of: Option<&str>) -> &'static str {
    match of {
        None => lang.say("不在任何地区内", "in no region"),
        Some(code) => class(lang, UrbanRural::from_code(code)),
    }
}

/// The classes to choose from.
pub fn classes(lang: Lang, chosen: Option<UrbanRural>) -> Markup {
    html! {
        div.field {
            label for="class" { (lang.say("城乡", "Urban or rural")) }
            select id="class" name="class" {
                option value="" { (lang.say("不分", "both")) }
                @for known in UrbanRural::ALL {
                    option value=(known.code()) selected[chosen == Some(known)] { (class(lang, Some(known))) }
                }
            }
        }
    }
}

/// The years to choose from, with the one that is asked for.
pub fn years(atlas: &Atlas, lang: Lang, chosen: Option<i32>) -> Markup {
    let mut years = atlas.population_years();
    years.extend(chosen.filter(|year| !years.contains(year)));
    html! {
        @if !years.is_empty() {
            div.field {
                label for="population_year" { (lang.say("人口数据的年份", "Year of the population")) }
                select id="population_year" name="population_year" {
                    option value="" { (lang.say("最新", "the latest")) }
                    @for year in years { option value=(year) selected[chosen == Some(year)] { (year) } }
                }
            }
        }
    }
}

/// What is missing of the people, each where there is any.
pub struct Missing<'a> {
    pub weight: &'a Weight,
    pub demand_points: usize,
    pub aged_60: Option<u64>,
    pub regions: usize,
    pub class: Option<LeftOut>,
    pub year: Option<i32>,
}

/// In words.
pub fn missing(lang: Lang, of: &Missing) -> Markup {
    let points = of.demand_points as u64;
    html! {
        @if points > 0 {
            p { (lang.say("另有 ", "")) strong { (words::count(points)) }
                @match of.year {
                    Some(year) => { @match lang { Lang::Zh => { " 个需求点没有 " (year) " 年或更早的这一项人口数" }, Lang::En => { " demand points have no number of this kind of or before " (year) } } },
                    None => (lang.say(" 个需求点没有这一项人口数", " demand points have no number of this kind")),
                }
                (lang.say("，没有算在内", " and are in none of the sums"))
                @if let Some(aged_60) = of.aged_60.filter(|_| *of.weight != Weight::Aged60) {
                    @match lang { Lang::Zh => { "；那里已知 60 岁以上有 " (words::count(aged_60)) " 人" }, Lang::En => { "; " (words::count(aged_60)) " people aged 60 and over are known to live there" } }
                }
                (lang.say("。", "."))
            }
        }
        @if of.regions > 0 {
            p { (lang.say("另有 ", "")) strong { (words::count(of.regions as u64)) }
                (lang.say(" 个最基层的区域没有任何人口数据，那里的人没有算在内；这不等于那里没有缺口。",
                          " regions of the lowest level have no population at all; their people are in none of the sums. That does not mean that there is no gap.")) }
        }
        @if let Some(left_out) = of.class.filter(|left_out| left_out.demand_points > 0) {
            p { (lang.say("另有 ", "")) strong { (words::count(left_out.demand_points as u64)) }
                (lang.say(" 个需求点不知道是城镇还是乡村，没有算在内（", " demand points are left out because nobody has said whether they are urban or rural ("))
                (words::count(left_out.population)) (lang.say(" 人）。", " people).")) }
        }
    }
}

/// In words, where capacity is held against people: without some of them there seems to be more for each.
pub fn missing_of_need(lang: Lang, weight: &Weight, year: Option<i32>, totals: &Totals) -> Markup {
    let of = Missing {
        weight,
        demand_points: totals.unknown_population,
        aged_60: totals.unknown_aged_60,
        regions: totals.regions_without_population,
        class: None,
        year,
    };
    html! {
        (missing(lang, &of))
        @if totals.population.is_some() && of.demand_points + of.regions > 0 {
            p { (lang.say("缺了这些人，本页每千人的数会偏高，缺口会偏小。", "Without these people what falls to 1,000 looks larger than it is, and what is lacking smaller.")) }
        }
    }
}

/// Of which days the counts are.
pub fn days(lang: Lang, counted: &Counted) -> Markup {
    html! {
        @match (counted.oldest, counted.newest) {
            (Some(oldest), Some(newest)) => { (words::day(lang, oldest)) @if oldest != newest { (lang.say(" 至 ", " to ")) (words::day(lang, newest)) } },
            _ => (words::unknown(lang)),
        }
        @if counted.undated > 0 && counted.oldest.is_some() {
            (lang.say("；没有日期的：", "; without a date: ")) (counted.undated)
        }
        @if let Some(year) = counted.year {
            @match lang { Lang::Zh => { "（" (year) " 年或更早的最新一次）" }, Lang::En => { " (the latest of or before " (year) ")" } }
        }
    }
}

/// Why there is no share of people: nobody has said how many there are, or there are none.
pub fn no_share(lang: Lang, population: Option<u64>) -> &'static str {
    match population {
        Some(0) => lang.say("登记的人数是 0", "0 people registered"),
        _ => lang.say("没有人口数据", "no population data"),
    }
}
