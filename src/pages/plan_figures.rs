//! How the figures of a report are said: with their unit, in percent, with 余, and never a number where none is known.

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
    fn numbers_are_grouped_and_keep_the_decimals_that_they_have() {
        let said = [12302.0, 0.5663, 3053.91, 0.0, 9_260_000.0, 1.9999].map(number);
        assert_eq!(said, ["12,302", "0.566", "3,053.91", "0", "9,260,000", "2"]);
    }
}
