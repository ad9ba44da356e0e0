//! The maps of regions of the planner's pages: share covered, and capacity within reach.

use maud::{Markup, html};

use super::choropleth::{NOTHING, Sheet, Shown, UNKNOWN, class, draw};
use super::words;
use crate::analysis::Part;
use crate::analysis::catchment::answer::Row as Reach;
use crate::analysis::coverage::Row;
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::Address;

/// Where the classes of share end, each with its end outside; the last takes the rest.
const SHARES: [f64; 4] = [0.2, 0.4, 0.6, 0.8];
/// The classes of capacity against a target, as parts of it.
const OF_TARGET: [f64; 3] = [0.5, 0.75, 1.0];

/// Regions by the share of people covered.
pub fn coverage(atlas: &Atlas, lang: Lang, rows: &[Row], here: &Address) -> Markup {
    let none = lang.say("没有人口数据", "no population data");
    let shown: Vec<Shown> = rows
        .iter()
        .map(|row| Shown {
            region: row.region.as_deref(),
            name: row.name.as_deref(),
            class: class(row.share, &SHARES),
            figure: row.share.map_or("?".to_owned(), |share| format!("{:.0}%", share * 100.0)),
            said: row.share.map_or(none.to_owned(), words::percent),
        })
        .collect();
    let sheet = Sheet {
        title: lang.say("各地区的覆盖率图", "Map of the share covered by region"),
        hint: lang.say(
            "线越密，覆盖的人越少；空白的覆盖八成以上。每个地区的数字都在下面的表里。",
            "The denser the lines, the fewer are covered; blank is four in five or more. Every figure is in the table below.",
        ),
        classes: [
            lang.say("不到 20%", "below 20%"),
            "20%–40%",
            "40%–60%",
            "60%–80%",
            lang.say("80% 以上", "80% and above"),
            none,
            "",
        ]
        .map(str::to_owned),
    };
    draw(atlas, lang, &sheet, &shown, here)
}

/// Where classes of capacity for a thousand people end: parts of the target, or quarters of the regions that have some.
fn ends(rows: &[Reach], target: Option<f64>) -> Vec<f64> {
    if let Some(target) = target {
        return OF_TARGET.map(|part| part * target).to_vec();
    }
    let mut held: Vec<f64> = rows.iter().filter_map(|row| row.per_1000).filter(|held| *held > 0.0).collect();
    held.sort_by(f64::total_cmp);
    let mut ends: Vec<f64> = (1..4).filter_map(|part| held.get(part * held.len() / 4).copied()).collect();
    ends.dedup();
    ends
}

/// Regions by the capacity within reach of a thousand people there, counted in `unit`.
pub fn reach(atlas: &Atlas, lang: Lang, rows: &[Reach], (target, unit): (Option<f64>, &str), here: &Address) -> Markup {
    let none = lang.say("没有人口数据", "no population data");
    let uncounted = lang.say("够得着的机构没有登记数量", "no facility within reach has registered its capacity");
    let nothing = lang.say("一点也够不着", "reaches nothing");
    let ends = ends(rows, target);
    // The best class is the blank one, however many there are.
    let first = 4 - ends.len();
    let shown: Vec<Shown> = rows
        .iter()
        .map(|row| {
            let unreached = row.area.as_ref().and_then(|area| area.unreached_population).filter(|people| *people > 0);
            let some = unreached.map(|people| match lang {
                Lang::Zh => format!("；其中 {} 人{nothing}", words::count(people)),
                Lang::En => format!("; {} people there reach nothing", words::count(people)),
            });
            let bare = row.reached == Some(false);
            let (class, said) = match row.per_1000 {
                None if row.population.is_some_and(|people| people > 0) => (UNKNOWN, uncounted.to_owned()),
                None => (UNKNOWN, none.to_owned()),
                Some(_) if bare => (NOTHING, nothing.to_owned()),
                Some(held) => {
                    let per = match lang {
                        Lang::Zh => format!("每千人 {held:.1} {unit}"),
                        Lang::En => format!("{held:.1} {unit} for 1,000 people"),
                    };
                    (first + class(Some(held), &ends), format!("{per}{}", some.unwrap_or_default()))
                }
            };
            let mark = if unreached.is_some() { "✕" } else { "" };
            let figure = row.per_1000.map_or("?".to_owned(), |held| format!("{held:.1}{mark}"));
            Shown {
                region: row.region.as_deref(),
                name: row.name.as_deref(),
                class,
                figure: if bare && class == NOTHING { "✕".to_owned() } else { figure },
                said,
            }
        })
        .collect();
    let told = |held: f64| format!("{held:.1}");
    let mut classes: [String; 7] = Default::default();
    let silent = rows.iter().any(|row| row.per_1000.is_none() && row.population.is_some_and(|people| people > 0));
    let unknown = if silent {
        lang.say(
            "不知道（没有人口数据，或机构没有登记数量）",
            "not known (no population data, or no capacity registered)",
        )
    } else {
        none
    };
    (classes[UNKNOWN], classes[NOTHING]) = (unknown.to_owned(), nothing.to_owned());
    for at in 0..=ends.len() {
        let (from, to) = (at.checked_sub(1).map(|below| told(ends[below])), ends.get(at).copied().map(told));
        classes[first + at] = match (from, to) {
            (None, Some(to)) => format!("{} {to}", lang.say("不到", "below")),
            (Some(from), Some(to)) => format!("{from}–{to}"),
            (Some(from), None) => format!("{from} {}", lang.say("以上", "and above")),
            (None, None) => lang.say("够得着", "reaches some").to_owned(),
        };
    }
    let how = match target {
        Some(_) => {
            lang.say("分档按目标的一半、四分之三和全部。", "Classes end at half, three quarters and all of the target.")
        }
        None => lang.say("分档按够得着的地区的四等分。", "Classes are quarters of the regions that reach some."),
    };
    let hint = format!(
        "{}{how}{}",
        lang.say(
            "线越密，每千人够得着的越少。写着 ✕ 的，有人一点也够不着；满是叉的，谁也够不着。",
            "The denser the lines, the less is within reach of 1,000 people. Where ✕ is written, some people reach nothing; where all is crosses, nobody reaches anything. "
        ),
        lang.say("每个地区的数字都在下面的表里。", " Every figure is in the table below."),
    );
    let sheet = Sheet {
        title: lang.say("各地区每千人够得着多少", "Map of what 1,000 people reach, by region"),
        hint: &hint,
        classes,
    };
    html! { (draw(atlas, lang, &sheet, &shown, here)) }
}

/// So many rows of a table are on a page; the files have them all.
pub const SHOWN: usize = 1000;

/// Where a table has more rows than a page shows: how many, and the files that have them all.
pub fn rest(lang: Lang, shown: usize, matched: usize, table: &Address) -> Markup {
    let files = (0..matched).step_by(Part::MOST).map(|first| table.clone().with("cursor", first));
    html! { @if matched > shown { p {
        (lang.say("共 ", "")) (words::count(matched as u64)) (lang.say(" 个地区，这里列 ", " regions, of which ")) (words::count(shown as u64))
        (lang.say(" 个。全部（CSV 表格）：", " are listed here. All of them (CSV): "))
        @for (number, file) in (1..).zip(files) { a href=(file) { (number) } " " }
    } } }
}
