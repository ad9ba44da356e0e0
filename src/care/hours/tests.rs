//! What hours mean, what they cost and how they may be written.

mod peer;

use std::time::{Duration, Instant};

use super::*;

fn at(text: &str) -> NaiveDateTime {
    text.parse().expect("a local time")
}

fn hours(expression: &str) -> Hours {
    Hours::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

fn open(expression: &str, when: &str) -> Option<bool> {
    hours(expression).open_at(at(when))
}

const OPEN: Option<bool> = Some(true);
const CLOSED: Option<bool> = Some(false);

#[test]
fn a_meal_point_is_open_at_lunch_and_closed_between_meals() {
    let hours = hours("Mo-Su 06:30-08:30,11:00-13:00");
    assert_eq!(hours.open_at(at("2026-11-20T12:00:00")), OPEN);
    assert_eq!(hours.open_at(at("2026-11-20T09:00:00")), CLOSED);
    assert_eq!(hours.next_change(at("2026-11-20T09:00:00")), Some(at("2026-11-20T11:00:00")));
    assert_eq!(hours.next_change(at("2026-11-20T13:00:00")), Some(at("2026-11-21T06:30:00")));
}

#[test]
fn national_day_closes_what_says_so_and_nothing_else() {
    for (expression, when, is) in [
        ("Mo-Su 10:30-13:00; PH off", "2026-10-01T11:00:00", CLOSED),
        ("Mo-Su 10:30-13:00", "2026-10-01T11:00:00", OPEN),
        ("Mo-Su 10:30-13:00; PH off", "2026-10-08T11:00:00", OPEN),
        ("Mo-Fr 08:00-17:00; PH 09:00-11:00", "2026-10-01T08:30:00", CLOSED),
        ("Mo-Fr 08:00-17:00; PH 09:00-11:00", "2026-10-03T10:00:00", OPEN),
        // Holidays that are Sundays, and Sundays beside holidays.
        ("Mo-Su 10:30-13:00; PH Su off", "2026-11-29T11:00:00", OPEN),
        ("Mo-Su 10:30-13:00; PH Su off", "2026-10-04T11:00:00", CLOSED),
        ("Mo-Su 10:30-13:00; PH Su off", "2026-10-02T11:00:00", OPEN),
        ("Mo-Su 10:30-13:00; Su PH off", "2026-11-29T11:00:00", OPEN),
        ("Mo-Su 10:30-13:00; Su,PH off", "2026-11-29T11:00:00", CLOSED),
        ("Mo-Su 10:30-13:00; PH,Su off", "2026-10-02T11:00:00", CLOSED),
        ("Mo-Su 10:30-13:00; PH -1 day off", "2026-09-30T11:00:00", CLOSED),
        ("Mo-Su 10:30-13:00; PH +1 day off", "2026-10-08T11:00:00", CLOSED),
        // A weekend that is worked is a weekend, unless working days are meant.
        ("Mo-Fr 08:00-17:00; PH off", "2026-10-10T10:00:00", CLOSED),
        ("Mo-Sa 08:00-17:00; PH off", "2026-10-10T10:00:00", OPEN),
        ("\"工作日\":Mo-Fr 08:00-17:00", "2026-10-10T10:00:00", OPEN),
        ("\"工作日\":Mo-Fr 08:00-17:00;Sa-Su off", "2026-10-10T10:00:00", OPEN),
        ("\"工作日\":Mo-Fr 08:00-17:00;Sa-Su off", "2026-10-17T10:00:00", CLOSED),
        ("\"工作日\":Mo-Fr 08:00-17:00", "2026-10-01T10:00:00", CLOSED),
        ("\"工作日\":Mo-Fr 08:00-17:00", "2026-10-09T10:00:00", OPEN),
    ] {
        assert_eq!(open(expression, when), is, "{expression} at {when}");
    }
}

#[test]
fn a_year_without_a_calendar_is_unknown_only_where_holidays_decide() {
    let state = |expression: &str, when: &str| hours(expression).state_at(at(when));
    let holidays = State::Unknown(Doubt::Holidays);
    for (expression, when, is) in [
        ("Mo-Su 10:30-13:00; PH off", "2027-03-01T11:00:00", holidays),
        ("Mo-Su 10:30-13:00; PH off", "2027-03-01T14:00:00", State::Closed),
        ("Mo-Fr 08:00-17:00; PH off", "2027-03-06T10:00:00", State::Closed),
        ("24/7", "2027-03-01T11:00:00", State::Open),
        ("Mo-Fr 08:00-17:00; PH 09:00-12:00", "2027-03-01T10:00:00", State::Open),
        ("Mo-Fr 08:00-17:00; PH 09:00-12:00", "2027-03-01T16:00:00", holidays),
        ("Mo-Su 10:30-13:00; PH Su off", "2027-03-01T11:00:00", State::Open),
        ("Mo-Su 10:30-13:00; PH Su off", "2027-03-07T11:00:00", holidays),
        // Nobody told school holidays of any year.
        ("Mo-Fr 08:00-17:00; SH off", "2026-11-27T10:00:00", holidays),
        ("Mo-Fr 18:00-02:00; PH off", "2027-03-02T01:00:00", holidays),
    ] {
        assert_eq!(state(expression, when), is, "{expression} at {when}");
    }
    let off = hours("Mo-Su 10:30-13:00; PH off");
    assert_eq!(off.next_change(at("2026-12-31T12:00:00")), Some(at("2026-12-31T13:00:00")));
    assert_eq!(off.next_change(at("2026-12-31T13:00:00")), Some(at("2027-01-01T10:30:00")));
}

#[test]
fn a_remark_an_open_end_and_the_sun_are_unknown() {
    let state = |expression: &str, when: &str| hours(expression).state_at(at(when));
    let told = State::Unknown(Doubt::Told);
    for (expression, when, is) in [
        ("\"请先打电话\"", "2026-11-27T10:00:00", told),
        ("Mo-Fr 08:00-17:00; Sa \"请先打电话\"", "2026-11-28T10:00:00", told),
        ("Mo-Fr 08:00-17:00; Sa \"请先打电话\"", "2026-11-27T10:00:00", State::Open),
        ("Mo-Fr 08:00-17:00 open \"需登记\"", "2026-11-27T10:00:00", State::Open),
        ("Mo-Fr 08:00-17:00 \"需预约\"", "2026-11-27T10:00:00", told),
        ("Mo-Fr 08:00-17:00 \"需预约\"", "2026-11-27T18:00:00", State::Closed),
        ("Mo-Fr off \"检修\"", "2026-11-27T18:00:00", State::Closed),
        ("Mo-Su unknown", "2026-11-27T18:00:00", told),
        ("10:00+", "2026-11-27T09:00:00", State::Closed),
        ("10:00+", "2026-11-27T11:00:00", told),
        ("10:00-16:00+", "2026-11-27T11:00:00", State::Open),
        ("10:00-16:00+", "2026-11-27T17:00:00", told),
        ("sunrise-sunset", "2026-11-27T12:00:00", State::Open),
        ("sunrise-sunset", "2026-11-27T07:00:00", told),
        ("sunrise-sunset", "2026-11-27T01:00:00", State::Closed),
    ] {
        assert_eq!(state(expression, when), is, "{expression} at {when}");
    }
    assert_eq!(hours("\"请先打电话\"").comments(), ["请先打电话"]);
    assert_eq!(hours("\"工作日\":Mo-Fr 08:00-17:00").comments(), Vec::<&str>::new());
}

#[test]
fn rules_stand_in_their_order() {
    for (expression, when, is) in [
        ("Mo-Fr 08:00-17:00; 12:00-13:00 off", "2026-11-27T12:30:00", CLOSED),
        ("Mo-Fr 08:00-17:00; 12:00-13:00 off", "2026-11-27T14:00:00", OPEN),
        ("Mo-Su 08:00-12:00; Fr 14:00-16:00", "2026-11-27T10:00:00", CLOSED),
        ("Mo-Su 08:00-12:00, Fr 14:00-16:00", "2026-11-27T10:00:00", OPEN),
        ("Mo-Fr 22:00-06:00", "2026-11-28T05:59:00", OPEN),
        ("Mo-Fr 22:00-06:00", "2026-11-28T22:30:00", CLOSED),
        ("Mo-Fr 22:00-26:00", "2026-11-28T01:59:59", OPEN),
        ("Mo-Fr 08:00-17:00 || \"电话\"", "2026-11-27T18:00:00", None),
        ("Mo-Fr 08:00-17:00 || \"电话\"", "2026-11-27T10:00:00", OPEN),
        // A closure of certain dates is meant wherever it is written, and other rules of dates stand in their order.
        ("2026 Nov 30-Dec 06 off; Mo-Su 11:00-13:00", "2026-12-01T12:00:00", CLOSED),
        ("2026 Nov 30-Dec 06 off; Mo-Su 11:00-13:00", "2026-12-07T12:00:00", OPEN),
        ("Dec 01 off; Mo-Su 11:00-13:00; Dec 01 12:00-13:00", "2026-12-01T12:30:00", OPEN),
        ("Dec 01 off; Mo-Fr 11:00-13:00; Sa 10:00-12:00", "2026-12-01T12:30:00", CLOSED),
        ("Jul-Aug off, Mo-Su 11:00-13:00", "2026-07-01T12:00:00", CLOSED),
        ("Mo-Su 11:00-13:00; 2026 Nov 30-Dec 06 off", "2026-12-01T12:00:00", CLOSED),
        ("24/7; Dec 25 off", "2026-12-25T12:00:00", CLOSED),
    ] {
        assert_eq!(open(expression, when), is, "{expression} at {when}");
    }
}

/// Texts made to cost much: joined to the limits, or far beyond them.
fn bombs() -> Vec<String> {
    let dated = |from: usize| {
        let days: Vec<String> = (from..from + 28).map(|at| format!("Feb {:02} off", at % 28 + 1)).collect();
        days.join("; ")
    };
    vec![
        "Feb 29 week 30 Mo 10:00-11:00".to_owned(),
        ["Feb 29 week 30 Mo 10:00-11:00"; 1500].join("; "),
        ["Feb 29 week 30 Mo 10:00-11:00"; 16].join("; "),
        ["Mo 08:00-09:00"; 3500].join("; "),
        ["Su[5] off"; 32].join("; "),
        "9999 Dec 31 10:00-11:00".to_owned(),
        "1900-9999/400 week 53 Feb 29 Mo[5] 00:00-00:01".to_owned(),
        "easter -366 days off; easter +366 days 10:00-11:00".to_owned(),
        "PH +1 day off; PH +2 days off; PH +3 days off; PH +4 days off; PH +5 days off; SH off; Mo-Su 10:00-12:00"
            .to_owned(),
        "PH off; SH off; Mo-Su 10:00-12:00; PH -1 day 11:00-11:30".to_owned(),
        dated(0),
        (0..90)
            .map(|at| format!("{:02}:{:02}-{:02}:{:02}", at / 4, at % 4 * 15, at / 4, at % 4 * 15 + 7))
            .collect::<Vec<_>>()
            .join(","),
        format!("off; {}", ["sunrise-sunset off"; 20].join("; ")),
        "\"".repeat(499),
        "\"a\"".repeat(150),
        "(".repeat(500),
        "Jan ".repeat(120),
        "Mo,".repeat(160),
        "1".repeat(500),
        "周".repeat(499),
        "周一至".repeat(160),
        "PH ".repeat(160),
    ]
}

#[test]
fn no_text_costs_more_than_a_moment() {
    // The tests are built without optimisation; the page itself has 50 ms.
    const MOMENT: Duration = Duration::from_millis(400);
    for text in bombs() {
        let shown: String = text.chars().take(60).collect();
        let start = Instant::now();
        let _ = Hours::read(&text);
        let reading = start.elapsed();
        assert!(reading < MOMENT, "{reading:?} to read {shown}");
        let Ok(hours) = Hours::parse(&text) else { continue };
        for from in ["2026-11-28T12:00:00", "2027-12-31T23:59:00", "9999-12-31T00:00:00", "1900-01-01T00:00:00"] {
            let start = Instant::now();
            let (_, _) = (hours.next_change(at(from)), hours.state_at(at(from)));
            let _ = hours.dated(at(from).date());
            let took = start.elapsed();
            assert!(took < MOMENT, "{took:?} for {shown} from {from}");
        }
    }
}

#[test]
fn length_rules_and_offsets_are_limited_and_the_refusal_says_so() {
    let rules = |count: usize| vec!["Su off"; count].join("; ");
    assert_eq!(Hours::read(&rules(MAX_RULES)).as_deref(), Ok(&*rules(MAX_RULES)));
    assert_eq!(Hours::read(&rules(MAX_RULES + 1)), Err(BadHours::Many));
    assert_eq!(Hours::parse(&" ".repeat(10_000)).err().map(|error| error.to_string().is_empty()), Some(false));
    let comment = |chars: usize| format!("off \"{}\"", "字".repeat(chars));
    assert!(Hours::read(&comment(MAX_CHARS - 6)).is_ok());
    assert_eq!(Hours::read(&comment(MAX_CHARS - 5)), Err(BadHours::Long));
    assert_eq!(Hours::read("PH +367 days off"), Err(BadHours::Offset));
    assert_eq!(Hours::read("PH +4000 days,Su off"), Err(BadHours::Offset));
    assert_eq!(Hours::read(&["08:00-08:10"; 97].join(",")), Err(BadHours::Long));
    assert!(hours("Feb 29 10:00-11:00").next_change(at("2026-03-01T00:00:00")).is_none(), "beyond the horizon");
    assert_eq!(hours("24/7").next_change(at("2026-03-01T00:00:00")), None);
}

#[test]
fn hours_may_be_told_as_one_writes_them() {
    for (said, osm) in [
        ("周一至周五 08:00-17:30", "Mo-Fr 08:00-17:30"),
        ("周一至周五 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("周一至周五８：００－１７：００", "Mo-Fr 08:00-17:00"),
        ("每天 10:30—13:00，16:30—18:00", "Mo-Su 10:30-13:00,16:30-18:00"),
        ("星期一到星期五 08:00-17:30；周六、周日休息", "Mo-Fr 08:00-17:30;Sa,Su off"),
        ("周一至五 8：30～17：30，周六日休息", "Mo-Fr 08:30-17:30;Sa,Su off"),
        ("周一、三、五 9:00-11:00", "Mo,We,Fr 09:00-11:00"),
        ("每周一至周五上午8:00-12:00，下午2:00-5:30", "Mo-Fr 08:00-12:00,14:00-17:30"),
        ("早6:30-8:30 午11:00-13:00 晚5:00-6:30", "06:30-08:30,11:00-13:00,17:00-18:30"),
        ("营业时间：每日 8点半至17点", "Mo-Su 08:30-17:00"),
        ("周一至周日 8时-20时30分（节假日除外）", "Mo-Su 08:00-20:30;PH off"),
        ("工作日 8:30-17:30", "\"工作日\":Mo-Fr 08:30-17:30"),
        ("周末 9:00-16:00", "Sa-Su 09:00-16:00"),
        ("11月30日至12月6日休息；每天 11:00-13:00", "Nov 30-Dec 06 off;Mo-Su 11:00-13:00"),
        ("2026年11月30日-12月6日闭馆", "2026 Nov 30-Dec 06 off"),
        ("5月-10月 8:00-18:00", "May-Oct 08:00-18:00"),
        ("Monday to Friday 9am-5:30pm", "Mo-Fr 09:00-17:30"),
        ("Mon-Fri 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("全天", "24/7"),
        ("24小时", "24/7"),
        ("24 小时营业", "24/7"),
        ("每天24小时", "Mo-Su 00:00-24:00"),
        ("Mo-Fr 08:00-12:00", "Mo-Fr 08:00-12:00"),
        ("Mo-Fr 8:00-12:00; PH off", "Mo-Fr 08:00-12:00; PH off"),
        ("Mo-Fr 08:00-17:00; Sa “请先打电话，谢谢：８点”", "Mo-Fr 08:00-17:00; Sa \"请先打电话，谢谢：８点\""),
        ("Mo-Fr 8:00-17:00\nSa 9:00-12:00", "Mo-Fr 08:00-17:00;Sa 09:00-12:00"),
    ] {
        assert_eq!(Hours::read(said).as_deref(), Ok(osm), "{said}");
        assert_eq!(Hours::read(osm).as_deref(), Ok(osm), "{osm} again");
    }
}

#[test]
fn hours_are_read_as_people_turn_them() {
    for (said, osm) in [
        ("週一至週五 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("週日營業 8:00-17:00", "Su 08:00-17:00"),
        ("禮拜一至五 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("周1-周5 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("周1至5 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("周1、3、5 8:00-17:00", "Mo,We,Fr 08:00-17:00"),
        ("法定工作日 8:00-17:00", "\"工作日\":Mo-Fr 08:00-17:00"),
        ("8:00-17:00 节假日不休", "Mo-Su,PH 08:00-17:00"),
        ("法定节假日照常开放 8:00-17:00", "Mo-Su,PH 08:00-17:00"),
        ("周一至周五 8:00-17:00，周末照常开放", "Mo-Fr,Sa-Su 08:00-17:00"),
        ("国庆节休息，8:00-17:00", "08:00-17:00;PH unknown \"国庆节休息\""),
        ("春节期间休息，8:00-17:00", "08:00-17:00;PH unknown \"春节休息\""),
        ("除周一外 9:00-17:00", "09:00-17:00;Mo off"),
        ("每天 9:00-17:00（除周一外）", "Mo-Su 09:00-17:00;Mo off"),
        ("周一休息，9:00-17:00", "09:00-17:00;Mo off"),
        ("周一闭馆，其余 9:00-17:00", "Mo-Su 09:00-17:00;Mo off"),
        ("早6:30-8:30 中11:00-13:00 晚17:00-18:30", "06:30-08:30,11:00-13:00,17:00-18:30"),
        ("11月至次年4月 8:00-17:00", "Nov-Apr 08:00-17:00"),
        ("2026年11月至次年4月 8:00-17:00", "2026 Nov 01-2027 Apr 30 08:00-17:00"),
        ("暂停营业", "off \"暂停营业\""),
        ("暂停开放", "off \"暂停开放\""),
        ("预约开放", "\"预约开放\""),
        ("8.30-17.00", "08:30-17:00"),
        ("周一至周五 8.30-17.00；周六 9.00-12.00", "Mo-Fr 08:30-17:00;Sa 09:00-12:00"),
        ("0830-1700", "08:30-17:00"),
        ("2026-11-28 off", "2026 Nov 28 off"),
        ("2026-11-28至2026-12-06休息；每天 11:00-13:00", "2026 Nov 28-2026 Dec 06 off;Mo-Su 11:00-13:00"),
        ("Nov 28,30 10:00-12:00", "Nov 28,Nov 30 10:00-12:00"),
        ("2026 Nov 28,30 10:00-12:00", "2026 Nov 28,2026 Nov 30 10:00-12:00"),
    ] {
        assert_eq!(Hours::read(said).as_deref(), Ok(osm), "{said}");
        assert_eq!(Hours::read(osm).as_deref(), Ok(osm), "{osm} again");
    }
    let feast = hours("08:00-17:00;PH unknown \"国庆节休息\"");
    assert_eq!(feast.state_at(at("2026-10-01T10:00:00")), State::Unknown(Doubt::Told));
    assert_eq!(feast.state_at(at("2026-10-15T10:00:00")), State::Open);
    assert_eq!(open("Mo-Su 09:00-17:00;Mo off", "2026-11-30T10:00:00"), CLOSED);
    assert_eq!(open("2026 Nov 28,2026 Nov 30 10:00-12:00", "2026-11-30T11:00:00"), OPEN);
    assert_eq!(open("2026 Nov 28,2026 Nov 30 10:00-12:00", "2027-11-30T11:00:00"), CLOSED);
}

#[test]
fn what_may_mean_two_things_is_refused() {
    for said in [
        "4.30-9.30 8.00-18.00",
        "11.30-12.06 11:00-13:00",
        "11.30-12.06 休息",
        "周一,5-7",
        "工作日 8:00-17:00，节假日不休",
        "国庆节休息",
        "国庆节 9:00-12:00",
        "除周一 9:00-17:00",
        "其余 9:00-17:00",
        "周一至周五 8:00-17:00，休息 12:00-13:00",
        "周一至周五 8:00-17:00，周六休息，12:00-13:00",
        "8:00-17:00，暂停营业",
        "8.3-17.3",
        "0861-1700",
    ] {
        assert!(Hours::read(said).is_err(), "{said}: {:?}", Hours::read(said));
    }
}

#[test]
fn hours_that_cannot_be_read_say_what_is_wrong_and_what_would_be_right() {
    for (said, wrong) in [
        ("from nine to five", "from"),
        ("有事请打电话", "有事请打电话"),
        ("朝九晚五", "朝九晚五"),
        ("Mo-Fr 08:00-17:00; Foo 12:00-13:00", "Foo"),
        ("周一至周五 8:00-25:30", "25:30"),
        ("周一至周五", "周一至周五"),
        ("周一至周五 8:00", "08:00"),
        ("周一至周五(节假日除外)9:00-17:00", "周一至周五"),
        ("Jan 40 10:00-12:00", "40"),
    ] {
        let error = Hours::read(said).expect_err(said);
        for told in [error.to_string(), error.in_chinese()] {
            assert!(told.contains(wrong), "{said}: {told}");
            assert!(!told.contains('\n') && !told.contains("-->") && !told.contains('_'), "{told}");
        }
        assert!(
            error.to_string().contains("Mo-Fr 08:00-17:30") && error.in_chinese().contains("周一至周五"),
            "{error}"
        );
    }
}
