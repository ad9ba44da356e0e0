//! Tests of cell.

use super::*;

fn read<T>(text: &str, read: impl Fn(&Cell<'_>, &mut Findings) -> Option<T>) -> (Option<T>, Vec<&'static str>) {
    let mut findings = Findings::default();
    let value = read(&Cell::new(2, "x", clean(text)), &mut findings);
    (value, findings.into_sorted().iter().map(|finding| finding.code).collect())
}

#[test]
fn counts_are_read_from_digits_of_any_width() {
    assert_eq!(read("120", |cell, f| cell.count(f)), (Some(120), vec![]));
    assert_eq!(read("0", |cell, f| cell.count(f)), (Some(0), vec![]));
    assert_eq!(read("120.0", |cell, f| cell.count(f)), (Some(120), vec![]));
    assert_eq!(read("１２０", |cell, f| cell.count(f)), (Some(120), vec!["number_format"]));
    assert_eq!(read("1,200", |cell, f| cell.count(f)), (Some(1200), vec!["number_format"]));
}

#[test]
fn a_count_with_a_unit_a_magnitude_or_a_qualifier_is_read_with_a_warning() {
    assert_eq!(read("120张", |cell, f| cell.count(f)), (Some(120), vec!["number_format"]));
    assert_eq!(read("1.2万", |cell, f| cell.count(f)), (Some(12_000), vec!["number_format"]));
    assert_eq!(read("１，２００", |cell, f| cell.count(f)), (Some(1200), vec!["number_format"]));
    assert_eq!(read("约50张", |cell, f| cell.count(f)), (Some(50), vec!["not_exact"]));
    assert_eq!(read("50余", |cell, f| cell.count(f)), (Some(50), vec!["not_exact"]));
    assert_eq!(read("2.8千元", |cell, f| cell.amount(f)), (Some(2800.0), vec!["number_format"]));
}

#[test]
fn a_code_is_read_as_it_was_before_a_spreadsheet_had_it() {
    for (text, code, found) in [
        ("NH-002", Some("NH-002"), vec![]),
        ("\u{202d}NH-002\u{202c}", Some("NH-002"), vec![]),
        ("ＮＨ００２", Some("NH002"), vec!["code_format"]),
        ("321302.0", Some("321302"), vec!["code_format"]),
        ("'00123", Some("00123"), vec!["code_format"]),
        ("=00123", Some("00123"), vec!["code_format"]),
        ("NH–002", Some("NH-002"), vec!["code_format"]),
        ("#N/A", None, vec!["no_code"]),
        ("########", None, vec!["no_code"]),
        ("—", None, vec!["no_code"]),
        ("3.21302E+11", None, vec!["precision_lost"]),
        ("321302000000000000", Some("321302000000000000"), vec!["precision_lost"]),
    ] {
        assert_eq!(read(text, |cell, f| cell.code(64, f)), (code.map(Text::from), found), "{text}");
    }
}

#[test]
fn a_formula_of_nothing_but_text_is_that_text() {
    assert_eq!(meant("=\"00123\""), "00123");
    assert_eq!(meant("=\"示例\"\"甲\"\"养老院\""), "示例\"甲\"养老院");
    assert_eq!(meant("'=\"x\""), "=\"x\"", "as an export escapes it");
    assert_eq!(meant("=A1&\"x\""), "=A1&\"x\"");
}

#[test]
fn what_is_no_count_says_why() {
    for (text, code) in [
        ("十二", "not_a_number"),
        ("30-50", "not_a_number"),
        ("12.5", "not_a_number"),
        ("1,20", "not_a_number"),
        ("-3", "negative"),
        ("3000000000", "too_large"),
        ("99999999999999999999", "not_a_number"),
        ("1e3", "not_a_number"),
    ] {
        assert_eq!(read(text, |cell, f| cell.count(f)), (None, vec![code]), "{text}");
    }
    let mut findings = Findings::default();
    Cell::new(2, "beds_total", "共120张床").count(&mut findings);
    Cell::new(3, "beds_total", "85%").count(&mut findings);
    Cell::new(4, "beds_total", "1.2w").count(&mut findings);
    let found = findings.into_sorted();
    assert!(found[0].expected.contains("perhaps 120"));
    assert!(found[1].problem.contains("a share") && !found[1].expected.contains("perhaps 85"));
    assert!(!found[2].expected.contains("perhaps 1.2"));
    let mut findings = Findings::default();
    Cell::new(2, "beds_total", "#DIV/0!").count(&mut findings);
    assert!(!findings.into_sorted()[0].expected.contains("perhaps"));
}

#[test]
fn amounts_are_finite_and_not_negative() {
    assert_eq!(read("2800.50", |cell, f| cell.amount(f)), (Some(2800.5), vec![]));
    for (text, code) in [("NaN", "not_a_number"), ("inf", "not_a_number"), ("面议", "not_a_number"), ("-1", "negative")]
    {
        assert_eq!(read(text, |cell, f| cell.amount(f)), (None, vec![code]), "{text}");
    }
}

#[test]
fn dates_are_days_that_exist() {
    let day = NaiveDate::from_ymd_opt(2024, 6, 30);
    assert_eq!(read("2024-06-30", |cell, f| cell.date(f)), (day, vec![]));
    for text in ["2024/06/30", "2024/6/30", "2024.6.30", "2024年6月30日"] {
        assert_eq!(read(text, |cell, f| cell.date(f)), (day, vec!["date_format"]), "{text}");
    }
    for (text, code) in [
        ("2024-02-30", "impossible_date"),
        ("2024-13-01", "impossible_date"),
        ("0024-01-01", "impossible_date"),
        ("45292", "not_a_date"),
        ("2024年6月", "not_a_date"),
        ("30/06/2024", "not_a_date"),
        ("tomorrow", "not_a_date"),
        ("+12024-01-01", "not_a_date"),
    ] {
        assert_eq!(read(text, |cell, f| cell.date(f)), (None, vec![code]), "{text}");
    }
}

#[test]
fn text_is_whole_and_can_be_seen() {
    assert_eq!(read("\u{feff} 示例\u{200b}食堂　", |cell, f| cell.text(20, f)), (Some("示例食堂".into()), vec![]));
    assert_eq!(read("a\0b", |cell, f| cell.text(20, f)), (None, vec!["control_character"]));
    assert_eq!(read("abc", |cell, f| cell.text(2, f)), (None, vec!["too_long"]));
    assert_eq!(read("示例\n食堂", |cell, f| cell.text(20, f)), (Some("示例 食堂".into()), vec![]));
    let list = read("助餐; 助浴;;助餐；康复", |cell, f| cell.list(limits::of("tags"), f));
    assert_eq!(list, (Some(vec!["助餐".into(), "助浴".into(), "康复".into()]), vec![]));
}
