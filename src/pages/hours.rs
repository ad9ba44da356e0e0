//! Opening hours for people: whether it is open now, the next seven days by date, and what rules of certain dates say.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use maud::{Markup, html};
use opening_hours_syntax::rules::day::{Date, MonthdayRange};

use super::words::{day, told, unknown, weekday};
use crate::atlas::{Atlas, Entry};
use crate::care::hours::{DAY, Doubt, HORIZON_DAYS, MAX_CHARS, State, Stretch};
use crate::care::{Holidays, Hours};
use crate::http::Lang;

/// How far a list looks for the next change: it says a weekday and no date.
const LIST_DAYS: u64 = 7;

/// Whether it is open now (`None`: nobody can say), and in words until when.
pub fn open_now(lang: Lang, entry: &Entry, local: NaiveDateTime) -> Option<(Option<bool>, String)> {
    said_now(lang, entry, local, LIST_DAYS)
}

/// The same, looking as far ahead as anybody does.
pub fn open_now_and_next(lang: Lang, entry: &Entry, local: NaiveDateTime) -> Option<(Option<bool>, String)> {
    said_now(lang, entry, local, HORIZON_DAYS)
}

fn said_now(lang: Lang, entry: &Entry, local: NaiveDateTime, days: u64) -> Option<(Option<bool>, String)> {
    // What does not serve has its status beside its name, and no hours that anybody could go by.
    if !entry.facility.status.serving() {
        return None;
    }
    let hours = entry.hours()?;
    let state = entry.state_at(local)?;
    let change = || hours.next_change_within(local, days);
    let said = match state {
        State::Open if hours.always_open() => lang.say("24 小时", "Open 24 hours").to_owned(),
        State::Open => match change() {
            Some(at) => format!("{}{}", lang.say("正在开放，到 ", "Open now, until "), moment(lang, at, local)),
            None => lang.say("正在开放", "Open now").to_owned(),
        },
        State::Closed => match change().filter(|at| hours.state_at(*at) == State::Open) {
            Some(at) if lang == Lang::Zh => format!("现在休息，{} 开门", moment(lang, at, local)),
            Some(at) => format!("Closed now, opens {}", moment(lang, at, local)),
            None => lang.say("现在休息", "Closed now").to_owned(),
        },
        State::Unknown(doubt) => {
            let comment = hours.stretch_at(local).comment;
            doubted(lang, doubt, local.date(), comment.as_deref())
        }
    };
    Some((state.open(), said))
}

fn moment(lang: Lang, at: NaiveDateTime, local: NaiveDateTime) -> String {
    let time = at.format("%H:%M");
    match (at.date() - local.date()).num_days() {
        0 => time.to_string(),
        1 => format!("{} {time}", lang.say("明天", "tomorrow")),
        2..=6 => format!("{} {time}", weekday(lang, at.date())),
        _ => format!("{} {time}", day(lang, at.date())),
    }
}

fn doubted(lang: Lang, doubt: Doubt, date: NaiveDate, comment: Option<&str>) -> String {
    match (doubt, comment, lang) {
        (Doubt::Holidays, _, Lang::Zh) => format!("是否开放不确定：还没有 {} 年的节假日安排", date.year()),
        (Doubt::Holidays, _, Lang::En) => {
            format!("Open or not is unknown: no calendar of holidays for {}", date.year())
        }
        (Doubt::Told, Some(comment), _) => {
            format!("{}{comment}", lang.say("是否开放不确定：", "Open or not is unknown: "))
        }
        (Doubt::Told, None, _) => {
            lang.say("是否开放不确定，请先打电话", "Open or not is unknown; please call first").to_owned()
        }
    }
}

/// The coming seven days, each by its date, holidays and working weekends named.
fn coming(lang: Lang, hours: &Hours, today: NaiveDate) -> Vec<(NaiveDate, Option<&'static str>, String)> {
    let days = today.iter_days().take(7);
    days.map(|date| (date, mark(lang, date), one_day(lang, hours, date))).collect()
}

fn mark(lang: Lang, date: NaiveDate) -> Option<&'static str> {
    let holidays = Holidays::in_force();
    let named = holidays.holiday(date).map(|holiday| lang.say(&holiday.name_zh, &holiday.name_en));
    named.or_else(|| (holidays.worked(date) == Some(true)).then(|| lang.say("调休上班", "working day")))
}

/// The coming week by weekday, days with the same hours together: 周一至周五, 08:00–17:30.
pub fn week(lang: Lang, hours: &Hours, today: NaiveDate) -> Vec<(String, String)> {
    let mut days = coming(lang, hours, today);
    days.sort_by_key(|(date, ..)| date.weekday().num_days_from_monday());
    let mut week: Vec<(NaiveDate, NaiveDate, String)> = Vec::new();
    for (date, mark, said) in days {
        let said = mark.map_or(said.clone(), |mark| format!("{said}{}", aside(lang, mark)));
        match week.last_mut() {
            Some((_, last, held)) if *held == said => *last = date,
            _ => week.push((date, date, said)),
        }
    }
    let all = week.len() == 1;
    let name = |(first, last, said): (NaiveDate, NaiveDate, String)| {
        let days = match (all, first == last) {
            (true, _) => lang.say("每天", "Every day").to_owned(),
            (_, true) => weekday(lang, first).to_owned(),
            _ => format!("{}{}{}", weekday(lang, first), lang.say("至", " to "), weekday(lang, last)),
        };
        (days, said)
    };
    week.into_iter().map(name).collect()
}

fn aside(lang: Lang, text: &str) -> String {
    format!("{}{text}{}", lang.say("（", " ("), lang.say("）", ")"))
}

fn one_day(lang: Lang, hours: &Hours, date: NaiveDate) -> String {
    let day = hours.day(date);
    let closed = |stretch: &Stretch| stretch.state == State::Closed;
    let comment = |stretch: &Stretch| stretch.comment.as_deref().map(|comment| aside(lang, comment));
    let told = day.iter().filter(|stretch| !closed(stretch)).map(|stretch| {
        let whole = (stretch.from, stretch.until) == (0, DAY);
        let times = format!("{}–{}", clock(stretch.from), clock(stretch.until));
        let times = if whole { lang.say("全天 24 小时", "all day, 24 hours").to_owned() } else { times };
        match stretch.state {
            State::Unknown(Doubt::Holidays) if whole => {
                lang.say("不确定（节假日安排未知）", "unknown (holidays not known)").to_owned()
            }
            State::Unknown(Doubt::Holidays) => {
                format!("{times}{}", lang.say("，不确定（节假日安排未知）", ", unknown (holidays not known)"))
            }
            State::Unknown(Doubt::Told) if whole => comment(stretch)
                .map_or(lang.say("请先打电话", "please call first").to_owned(), |comment| {
                    format!("{}{comment}", lang.say("不确定", "unknown"))
                }),
            State::Unknown(Doubt::Told) => {
                format!("{times}{}", comment(stretch).unwrap_or_else(|| aside(lang, lang.say("不一定", "not sure"))))
            }
            _ => format!("{times}{}", comment(stretch).unwrap_or_default()),
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        let why = day.iter().find_map(comment).unwrap_or_default();
        return format!("{}{why}", lang.say("休息", "closed"));
    }
    told.join(lang.say("、", ", "))
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The hours of a facility, with the next seven days, what its rules remark, and what holidays do to them.
pub fn section(lang: Lang, entry: &Entry, atlas: &Atlas) -> Markup {
    let (written, today) = (entry.facility.hours.as_deref(), atlas.today());
    html! {
        section.block {
            h2 { (lang.say("开放时间", "Opening hours")) }
            @match (written, entry.hours()) {
                (None, _) => p { (unknown(lang)) },
                (Some(written), None) => {
                    p { code { (written.chars().take(MAX_CHARS).collect::<String>()) } }
                    p.quiet { (lang.say("登记的时间读不出来，去之前请先打电话。", "These hours cannot be read; call before you go.")) }
                },
                (Some(_), Some(hours)) => {
                    @if !entry.facility.status.serving() {
                        p { strong { (lang.say("现在不开放。平时的时间是：", "It is not open at present. Its usual hours:")) } }
                    }
                    dl.facts {
                        @if hours.always_open() { dt { (lang.say("每天", "Every day")) } dd.number { (lang.say("全天 24 小时", "all day, 24 hours")) } }
                        @else { @for (date, mark, said) in coming(lang, hours, today) {
                            dt { (date_name(lang, date, today)) @if let Some(mark) = mark { " " span.tag { (mark) } } }
                            dd.number { (said) }
                        } }
                    }
                    (remarks(lang, hours, today))
                }
            }
        }
    }
}

fn date_name(lang: Lang, date: NaiveDate, today: NaiveDate) -> String {
    let name = match (date - today).num_days() {
        0 => lang.say("今天", "Today"),
        1 => lang.say("明天", "Tomorrow"),
        _ => weekday(lang, date),
    };
    match lang {
        Lang::Zh => format!("{} 月 {} 日 {name}", date.month(), date.day()),
        Lang::En => format!("{name}, {}", date.format("%-d %b")),
    }
}

/// Rules of certain dates, remarks, and a word on holidays.
fn remarks(lang: Lang, hours: &Hours, today: NaiveDate) -> Markup {
    let dated = hours.dated(today);
    let aside: Vec<&str> = dated.iter().filter_map(|rule| rule.comment.as_deref()).collect();
    let comments: Vec<&str> = hours.comments().into_iter().filter(|comment| !aside.contains(comment)).collect();
    let known = |date: Option<NaiveDate>| date.is_some_and(|date| Holidays::in_force().knows(date));
    let (now, later) = (known(Some(today)), known(today.checked_add_days(Days::new(60))));
    html! {
        @if !dated.is_empty() { ul { @for rule in &dated { li {
            @match dates(lang, &rule.dates).filter(|_| rule.closed) {
                Some(dates) => { strong { (dates) } " " (lang.say("休息", "closed")) }
                None => code { (rule.written) },
            }
            @if let Some(comment) = rule.comment.as_deref().filter(|_| rule.closed) { " " (told(comment)) }
        } } } }
        @for comment in comments { p { (lang.say("说明：", "Remark: ")) (told(comment)) } }
        p.quiet {
            @if !hours.ask_calendar() { (lang.say("法定节假日可能不同，去之前请先打电话。", "Public holidays may differ; call before you go.")) }
            @else if !now || !later {
                (missing_year(lang, if now { today.year() + 1 } else { today.year() }))
            }
            @else { (lang.say("节假日按国务院办公厅的放假安排。", "Public holidays are those of the State Council's notice.")) }
        }
    }
}

fn missing_year(lang: Lang, year: i32) -> String {
    match lang {
        Lang::Zh => format!("还没有 {year} 年的节假日安排，那一年是否开放请先打电话问。"),
        Lang::En => format!("There is no calendar of public holidays for {year} yet; for that year please call first."),
    }
}

/// 2026 年 11 月 30 日至 12 月 6 日; none where a rule says it by weekdays or Easter.
fn dates(lang: Lang, ranges: &[MonthdayRange]) -> Option<String> {
    let fixed = |date: &Date| match *date {
        Date::Fixed { year, month, day } => Some((year.map(|year| year.0), month as u32, Some(day))),
        _ => None,
    };
    let mut said = Vec::new();
    for range in ranges {
        let (first, last) = match range {
            MonthdayRange::Date { start, end } if start.1 == end.1 && start.1 == Default::default() => {
                (fixed(&start.0)?, fixed(&end.0)?)
            }
            MonthdayRange::Date { .. } => return None,
            MonthdayRange::Month { range, year } => {
                let year = year.map(|year| year.0);
                ((year, *range.start() as u32, None), (year, *range.end() as u32, None))
            }
        };
        let begin = date_words(lang, first);
        let end = if last.0 == first.0 { (None, last.1, last.2) } else { last };
        let end = (first != last).then(|| date_words(lang, end));
        said.push(end.map_or(begin.clone(), |end| format!("{begin}{}{end}", lang.say("至 ", " to "))));
    }
    (!said.is_empty()).then(|| said.join(lang.say("、", ", ")))
}

fn date_words(lang: Lang, (year, month, of_month): (Option<i32>, u32, Option<u8>)) -> String {
    let name = NaiveDate::from_ymd_opt(2024, month, 1).map(|date| date.format("%B").to_string()).unwrap_or_default();
    let parts = match lang {
        Lang::Zh => [
            year.map(|year| format!("{year} 年")),
            Some(format!("{month} 月")),
            of_month.map(|of_month| format!("{of_month} 日")),
        ],
        Lang::En => [of_month.map(|of_month| of_month.to_string()), Some(name), year.map(|year| year.to_string())],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expression: &str, today: &str) -> Vec<String> {
        let (hours, today) = (Hours::parse(expression).expect("hours"), today.parse().expect("a day"));
        week(Lang::Zh, &hours, today).into_iter().map(|(days, said)| format!("{days} {said}")).collect()
    }

    #[test]
    fn days_with_the_same_hours_stand_together() {
        let week = shown("Mo-Fr 08:00-12:00,14:00-17:30; Sa 09:00-12:00", "2026-11-22");
        assert_eq!(week, ["周一至周五 08:00–12:00、14:00–17:30", "周六 09:00–12:00", "周日 休息"]);
        assert_eq!(shown("24/7", "2026-11-22"), ["每天 全天 24 小时"]);
    }

    #[test]
    fn the_coming_days_name_holidays_and_weekends_that_are_worked() {
        let hours = Hours::parse("Mo-Su 10:30-13:00; PH off").expect("hours");
        let days = coming(Lang::Zh, &hours, "2026-09-30".parse().expect("a day"));
        let said: Vec<String> = days.iter().map(|(date, mark, said)| format!("{date} {mark:?} {said}")).collect();
        assert_eq!(said[0], "2026-09-30 None 10:30–13:00");
        assert_eq!(said[1], "2026-10-01 Some(\"国庆节\") 休息");
        assert_eq!(days.len(), 7);
        let days = coming(Lang::En, &hours, "2026-10-10".parse().expect("a day"));
        assert_eq!((days[0].1, &*days[0].2), (Some("working day"), "10:30–13:00"));
        let days = coming(Lang::Zh, &hours, "2027-01-04".parse().expect("a day"));
        assert_eq!(days[0].2, "10:30–13:00，不确定（节假日安排未知）");
    }

    #[test]
    fn closures_of_certain_dates_are_said_in_words() {
        let hours = Hours::parse("Mo-Su 11:00-13:00; 2026 Nov 30-Dec 06 off \"检修\"; 2025 May 01 off").expect("hours");
        let text = remarks(Lang::Zh, &hours, "2026-11-28".parse().expect("a day")).into_string();
        assert!(text.contains("2026 年 11 月 30 日至 12 月 6 日") && text.contains("检修"), "{text}");
        assert!(!text.contains("2025"), "{text}");
        let only = one_day(Lang::Zh, &Hours::parse("\"请先打电话\"").expect("hours"), NaiveDate::default());
        assert_eq!(only, "不确定（请先打电话）");
    }
}
