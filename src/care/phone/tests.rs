//! What is dialled for the phones that people write.

use proptest::prelude::*;

use super::*;

fn uris(text: &str) -> Vec<String> {
    numbers(text).iter().map(PhoneNumber::uri).collect()
}

#[test]
fn each_number_of_a_text_is_dialled_by_itself() {
    for (text, expected) in [
        ("0527-55550101", &["tel:+8652755550101"][..]),
        ("0527-55550101、13800000000", &["tel:+8652755550101", "tel:+8613800000000"]),
        ("0527-55550101/55550102", &["tel:+8652755550101", "tel:+8652755550102"]),
        ("0527-55550101;0527-55550102", &["tel:+8652755550101", "tel:+8652755550102"]),
        ("0527-55550101，55550102", &["tel:+8652755550101", "tel:+8652755550102"]),
        ("55550102、0527-55550101", &["tel:+8652755550102", "tel:+8652755550101"]),
        ("0527-55550101/02", &["tel:+8652755550101", "tel:+8652755550102"]),
        ("0527-55550101 13800000000", &["tel:+8652755550101", "tel:+8613800000000"]),
        ("值班：0527-55550101 手机：13800000000", &["tel:+8652755550101", "tel:+8613800000000"]),
        ("王院长13800000000", &["tel:+8613800000000"]),
        ("13800000000(王院长)/0527-55550101", &["tel:+8613800000000", "tel:+8652755550101"]),
        ("1.0527-55550101 2.13800000000", &["tel:+8652755550101", "tel:+8613800000000"]),
        ("010-55550101", &["tel:+861055550101"]),
        ("0632-5555010", &["tel:+866325555010"]),
        ("55550101", &["tel:55550101"]),
    ] {
        assert_eq!(uris(text), expected, "{text}");
    }
}

#[test]
fn an_extension_is_dialled_after_the_number() {
    let with = "tel:+8652755550101;ext=802";
    for text in [
        "0527-55550101转802",
        "0527-55550101-802",
        "0527-55550101 ext. 802",
        "0527-55550101 Ext 802",
        "0527-55550101分机802",
        "0527-55550101，分机号：802",
        "0527-55550101 转 802",
        "0527-55550101#802",
        "0527-55550101（转802）",
        "+86 527 5555 0101 x802",
        "0527-55550101 ,802",
        "0527-55550101，802",
        "0527-55550101~802",
        "tel:0527-55550101;ext=802",
        "0527-55550101(802)",
        "0527-55550101（802）",
        "0527-55550101 内 802",
        "0527-55550101 内线802",
    ] {
        assert_eq!(uris(text), [with], "{text}");
    }
    assert_eq!(uris("0527-55550101转802/803"), [with, "tel:+8652755550101;ext=803"]);
    assert_eq!(uris("0632-5555010-8"), ["tel:+866325555010;ext=8"]);
    assert_eq!(uris("0527-55550101(24小时)"), ["tel:+8652755550101"]);
    assert_eq!(uris("400-123-4567转1"), ["tel:+864001234567;ext=1"]);
}

#[test]
fn one_number_is_dialled_alike_however_it_is_written() {
    for text in [
        "05275555 0101",
        "(0527)5555 0101",
        "（０５２７）５５５５０１０１",
        "０５２７－５５５５０１０１",
        "0527—5555-0101",
        "86-527-5555 0101",
        "+86 (0)527 55550101",
        "+86-0527-55550101",
        "0086 527 55550101",
        "008652755550101",
        "Tel: 0527 5555 0101",
        "0527_55550101",
        "0527·55550101",
        "0527/55550101",
        "0527 / 5555 0101",
        "0527：55550101",
        "00-86-527-55550101",
    ] {
        assert_eq!(uris(text), ["tel:+8652755550101"], "{text}");
    }
    for text in [
        "138 0000 0000",
        "+8613800000000",
        "86 138-0000-0000",
        "008613800000000",
        "013800000000",
        "１３８００００００００",
    ] {
        assert_eq!(uris(text), ["tel:+8613800000000"], "{text}");
    }
    for text in ["4001234567", "400-1234-567", "400 123 4567", "4001-234-567"] {
        assert_eq!(uris(text), ["tel:+864001234567"], "{text}");
    }
}

#[test]
fn an_area_code_loses_its_zero_whatever_the_number_behind_it() {
    for (text, expected) in [
        ("010-12345678", "tel:+861012345678"),
        ("02112345678", "tel:+862112345678"),
        ("0632-1234567", "tel:+866321234567"),
        ("0755-1234567", "tel:+867551234567"),
        ("010-1234567", "tel:+86101234567"),
    ] {
        assert_eq!(uris(text), [expected], "{text}");
    }
}

#[test]
fn two_zeros_open_an_international_number() {
    for text in ["00852-21234567", "00852 2123 4567", "0085221234567", "00 852 2123 4567", "＋852 2123 4567"] {
        assert_eq!(uris(text), ["tel:+85221234567"], "{text}");
    }
    for text in ["001-415-555-2671", "0014155552671", "+1 415 555 2671"] {
        assert_eq!(uris(text), ["tel:+14155552671"], "{text}");
    }
    assert_eq!(uris("0527-55550101、0085221234567"), ["tel:+8652755550101", "tel:+85221234567"]);
    assert_eq!(uris("0527-55550100/001"), ["tel:+8652755550100", "tel:+8652755550001"]);
}

#[test]
fn the_number_of_an_account_is_not_dialled() {
    for text in
        ["QQ 123456789", "QQ：12345678", "qq群号 123456789", "微信号 abc12345678", "微信 123456789", "12345678@qq.com"]
    {
        assert!(uris(text).is_empty(), "{text}: {:?}", uris(text));
    }
    for text in [
        "QQ:123456789 电话13800000000",
        "13800000000（微信同号）",
        "电话/微信：13800000000",
        "微信 13800000000",
        "12345678@163.com 13800000000",
    ] {
        assert_eq!(uris(text), ["tel:+8613800000000"], "{text}");
    }
}

#[test]
fn short_numbers_are_dialled_as_they_are() {
    assert_eq!(uris("12345"), ["tel:12345"]);
    assert_eq!(uris("120、110"), ["tel:120", "tel:110"]);
    assert_eq!(uris("95519转2"), ["tel:95519;ext=2"]);
    assert_eq!(uris("0527-12345"), ["tel:+8652712345"]);
}

#[test]
fn what_is_no_number_is_not_dialled() {
    for text in ["请打前台", "", "无", "8:00-17:00", "2024-06-30", "3号楼2层", "05275555010113800000000"] {
        assert!(uris(text).is_empty(), "{text}");
    }
}

#[test]
fn a_foreign_number_is_dialled_as_it_is_written() {
    assert_eq!(uris("(205) 555-0100"), ["tel:2055550100"]);
    assert_eq!(uris("2055550100"), ["tel:2055550100"]);
    assert_eq!(uris("+1 205 555 0100"), ["tel:+12055550100"]);
    assert_eq!(uris("1-800-555-0100"), ["tel:+18005550100"]);
    assert_eq!(uris("+44 20 7946 0958"), ["tel:+442079460958"]);
    assert_eq!(uris("+852 2555 0101"), ["tel:+85225550101"]);
}

#[test]
fn a_number_is_found_with_and_without_its_area_code() {
    for words in
        ["052755550101", "0527-5555 0101", "55550101", "+8652755550101", "tel:+8652755550101", "0527-55550101转8"]
    {
        let wanted = wanted(words).expect("a number");
        assert!(has_number("值班：（0527）55550101转802", &wanted), "{words}");
        assert!(!has_number("0527-55550102", &wanted), "{words}");
    }
    for words in ["宿城区", "12", "321302001", "NH-5555010"] {
        assert!(wanted(words).is_none_or(|number| !has_number("0527-55550101", &number)), "{words}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[0-9０-９+()（）转/、;, \\-xX.电话\\PC]{0,40}") {
        for number in numbers(&text) {
            prop_assert!(text.get(number.at.clone()).is_some());
            prop_assert!(number.dial.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit()));
            prop_assert!((3..=16).contains(&number.dial.len()), "{}", number.dial);
        }
    }

    #[test]
    fn two_numbers_stay_two(area in "0[3-9][0-9]{2}", one in "[2-8][0-9]{7}", mobile in "1[3-9][0-9]{9}", sign in "[、/;；，, ]") {
        let text = format!("{area}-{one}{sign}{mobile}");
        prop_assert_eq!(uris(&text), [format!("tel:+86{}{one}", &area[1..]), format!("tel:+86{mobile}")]);
    }
}
