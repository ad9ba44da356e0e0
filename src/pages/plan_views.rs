//! Further views of the plan's answer: people by distance, and the same question on other days.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::waiting::Waiting;
use super::words;
use crate::analysis::coverage::{Band, Totals};
use crate::http::Lang;
use crate::http::frame::Address;

/// One day of a trend.
pub struct Day {
    pub day: NaiveDate,
    /// `None`: the record did not reach so far back.
    pub totals: Option<(Totals, usize)>,
    /// Before the first line of the log.
    pub by_dates: bool,
    /// Facilities that count though nothing says that they were open.
    pub undated: usize,
}

/// The days of a trend.
pub enum Days<'a> {
    Unasked,
    /// They are still being read from the log.
    Waiting(&'a Waiting),
    Read(&'a [Day]),
}

/// The days that a trend looks at: a year ago, the first of this year, and today; each once.
pub fn days(today: NaiveDate) -> Vec<NaiveDate> {
    let year_ago = today.with_year(today.year() - 1).or_else(|| today.pred_opt()?.with_year(today.year() - 1));
    let new_year = NaiveDate::from_ymd_opt(today.year(), 1, 1);
    let mut days: Vec<NaiveDate> = year_ago.into_iter().chain(new_year).chain([today]).collect();
    days.dedup();
    days
}

/// How many people have it how far, as a table with bars.
pub fn distribution(lang: Lang, bands: &[Band], mean_m: Option<f64>) -> Markup {
    let all: u64 = bands.iter().map(|band| band.population).sum();
    let caption = lang.say("离最近的机构多远（按人数）", "How far to the nearest facility, by people");
    let heads = [lang.say("人数", "People"), lang.say("占比", "Share"), lang.say("累计", "Up to here")];
    let mut so_far = 0;
    let rows: Vec<(String, u64, f64, f64)> = bands
        .iter()
        .map(|band| {
            so_far += band.population;
            let of = |people: u64| people as f64 / all.max(1) as f64;
            let name = match (lang, band.to_m) {
                (Lang::Zh, Some(to)) => format!("{}–{}", band.from_m, words::radius(lang, to)),
                (Lang::En, Some(to)) => format!("{} m to {}", band.from_m, words::radius(lang, to)),
                (Lang::Zh, None) => format!("超过 {}", words::radius(lang, band.from_m)),
                (Lang::En, None) => format!("beyond {}", words::radius(lang, band.from_m)),
            };
            (name, band.population, of(band.population), of(so_far))
        })
        .collect();
    html! {
        @if all > 0 {
            h2 id="distances" { (caption) }
            @if let Some(mean) = mean_m { p { (lang.say("每个人到最近机构的平均直线距离：", "Mean straight line from a person to the nearest: ")) strong { (words::distance(lang, mean)) } (lang.say("。", ".")) } }
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr { th scope="col" { (lang.say("直线距离", "Straight line")) } @for head in heads { th.n scope="col" { (head) } } } }
                    tbody { @for (name, people, share, up_to) in &rows {
                        tr {
                            th scope="row" { (name) }
                            td.n data-label=(heads[0]) { (words::count(*people)) }
                            td.n data-label=(heads[1]) { (words::percent(*share)) progress.bar value=(share) max="1" aria-hidden="true" {} }
                            td.n data-label=(heads[2]) { (words::percent(*up_to)) }
                        }
                    } }
                }
            }
        }
    }
}

/// The same question on other days: a link, or the table where it was asked for.
pub fn trend(lang: Lang, days: &Days, here: &Address) -> Markup {
    let caption = lang.say("变化", "Over time");
    let heads = [
        lang.say("覆盖率", "Share"),
        lang.say("没有覆盖", "Not covered"),
        lang.say("平均距离", "Mean distance"),
        lang.say("机构", "Facilities"),
    ];
    html! {
        h2 id="trend" { (caption) }
        @match days {
            Days::Waiting(waiting) => (waiting.show(lang, here, &html! {})),
            Days::Unasked => p { a.button.second href={ (here.clone().with("trend", "yes")) "#trend" } { (lang.say("和年初、一年前比", "Compare with the new year and a year ago")) } },
            Days::Read(days) => {
                div.scroll role="region" aria-label=(caption) tabindex="0" {
                    table.cards {
                        caption { (lang.say("同一个问题，机构按那一天是否已开业、未关停", "The same question, with the facilities that were open on that day")) }
                        thead { tr { th scope="col" { (lang.say("日期", "Day")) } @for head in heads { th.n scope="col" { (head) } } } }
                        tbody { @for day in *days { tr {
                            th scope="row" { (words::day(lang, day.day))
                                @if day.undated > 0 { br; span.quiet { (lang.say("含没有开业日期的 ", "with ")) (words::count(day.undated as u64)) (lang.say(" 家", " that have no opening date")) } } }
                            @match &day.totals {
                                Some((totals, facilities)) => {
                                    td.n data-label=(heads[0]) { @match totals.share { Some(share) => (words::percent(share)), None => (lang.say("没有人口数据", "no population data")) } }
                                    td.n data-label=(heads[1]) { @match totals.uncovered { Some(people) => (words::count(people)), None => (words::unknown(lang)) } }
                                    td.n data-label=(heads[2]) { @match totals.mean_m { Some(metres) => (words::distance(lang, metres)), None => (lang.say("没有", "none")) } }
                                    td.n data-label=(heads[3]) { (words::count(*facilities as u64)) }
                                },
                                None => td colspan="4" { (lang.say("那一天登记册里还没有记录", "the record holds nothing of that day")) },
                            }
                        } } }
                    }
                }
                p.quiet { (lang.say("人口也按那一天登记的算，所以人口更新也会改变覆盖率。", "The population is the one registered on that day, so a newer count changes the share too.")) }
                @if days.iter().any(|day| day.by_dates) {
                    p.quiet { (lang.say("早于第一次导入的日子，机构按各自的开业和关停日期算，人口用现在登记的。",
                                        "On days before the first import, facilities count by their own opening and closing dates, and the people are those that are registered now.")) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_looks_at_a_year_ago_the_new_year_and_today() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let told = |today| days(day(today)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told("2026-11-25"), ["2025-11-25", "2026-01-01", "2026-11-25"]);
        assert_eq!(told("2028-02-29"), ["2027-02-28", "2028-01-01", "2028-02-29"]);
        assert_eq!(told("2026-01-01"), ["2025-01-01", "2026-01-01"]);
    }
}
