//! How the figures of a report are said: with their unit, in percent, with 余, and never a number where none is known.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::words;
use crate::analysis::evidence::{Records, Said};
use crate::http::Lang;
use crate::http::report::link;

/// A sentence in the reader's language.
pub fn say(lang: Lang, said: &Said) -> &str {
    match lang {
        Lang::Zh => &said.zh,
        Lang::En => &said.en,
    }
}

/// A number with commas; decimals only where there are some.
pub fn number(value: f64) -> String {
    let whole = value.trunc();
    let grouped = words::count(whole.abs() as u64);
    let decimals = ((value - whole).abs() * 1000.0).round() as u64;
    match decimals {
        0 => grouped,
        1000 => words::count(whole.abs() as u64 + 1),
        decimals => format!("{grouped}.{}", format!("{decimals:03}").trim_end_matches('0')),
    }
}

/// A figure with its unit: a share in percent, 余 and the like where the source has it.
pub fn figure(value: f64, unit: &str, qualifier: Option<&str>) -> Markup {
    let qualifier = qualifier.unwrap_or_default();
    html! {
        span.number {
            @match unit {
                "share" => (words::percent(value)),
                unit => { (number(value)) span lang="zh-CN" { (qualifier) @if !unit.is_empty() { " " (unit) } } }
            }
        }
    }
}

/// The days of a flow: 2026 年 1—6 月 where they are whole months of one year.
pub fn period(lang: Lang, from: NaiveDate, to: NaiveDate) -> String {
    let whole_months = from.day() == 1 && to.succ_opt().is_some_and(|next| next.day() == 1) && from.year() == to.year();
    let (year, first, last) = (from.year(), from.month(), to.month());
    match (lang, whole_months) {
        (Lang::Zh, true) if (first, last) == (1, 12) => format!("{year} 年全年"),
        (Lang::En, true) if (first, last) == (1, 12) => format!("the whole of {year}"),
        (Lang::Zh, true) if first == last => format!("{year} 年 {first} 月"),
        (Lang::Zh, true) => format!("{year} 年 {first}—{last} 月"),
        (Lang::Zh, false) => format!("{from} 至 {to}"),
        (Lang::En, _) => format!("{from} to {to}"),
    }
}

/// Links to the records behind a figure.
pub fn records(lang: Lang, records: &[Records]) -> Markup {
    html! {
        @for (at, records) in records.iter().enumerate() {
            @if at > 0 { " " }
            a href=(link(records)) {
                @match records.path {
                    "/api/v1/facilities" => (lang.say("机构记录", "facilities")),
                    "/api/v1/regions" => (lang.say("区域表", "regions")),
                    path if path.starts_with("/api/v1/inspections") => (lang.say("检查记录（须有令牌）", "inspections (with a token)")),
                    "/api/v1/targets" => (lang.say("计划", "target")),
                    _ => (lang.say("台账", "ledger")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_of_whole_months_is_said_by_its_months() {
        let say = |from: &str, to: &str| period(Lang::Zh, from.parse().expect("a day"), to.parse().expect("a day"));
        assert_eq!(say("2026-01-01", "2026-06-30"), "2026 年 1—6 月");
        assert_eq!(say("2024-01-01", "2024-02-29"), "2024 年 1—2 月");
        assert_eq!(say("2024-01-01", "2024-01-31"), "2024 年 1 月");
        assert_eq!(say("2023-01-01", "2023-12-31"), "2023 年全年");
        assert_eq!(say("2026-01-01", "2026-06-15"), "2026-01-01 至 2026-06-15");
    }

    #[test]
    fn numbers_are_grouped_and_keep_the_decimals_that_they_have() {
        let said = [12302.0, 0.5663, 3053.91, 0.0, 9_260_000.0, 1.9999].map(number);
        assert_eq!(said, ["12,302", "0.566", "3,053.91", "0", "9,260,000", "2"]);
    }
}
