//! Bytes to text: UTF-8 with or without a mark, UTF-16 with one, or GBK as Chinese spreadsheets save it.

use std::borrow::Cow;

use encoding_rs::{Encoding, GBK};

use super::cell::Cell;
use super::file_type::file_type;
use super::{Finding, Findings};

/// The text of a file; or the one finding that says why there is none.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Finding>> {
    if let Some(known) = file_type(bytes) {
        return Err(unreadable(1, known.code, format!("this is {}, not text", known.name), known.instead));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = &bytes[mark..];
        let (text, damaged) = encoding.decode_without_bom_handling(body);
        return if damaged { Err(broken(body)) } else { Ok(text) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let (text, damaged) = GBK.decode_without_bom_handling(bytes);
    if damaged { Err(broken(bytes)) } else { Ok(text) }
}

fn broken(bytes: &[u8]) -> Box<Finding> {
    let good = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let line = 1 + bytes[..good].iter().filter(|byte| **byte == b'\n').count() as u64;
    let problem = "the text is neither UTF-8 nor GBK from this line on";
    unreadable(line, "encoding", problem.to_owned(), "a CSV or GeoJSON file; save a workbook as \"CSV UTF-8\"")
}

fn unreadable(line: u64, code: &'static str, problem: String, expected: &'static str) -> Box<Finding> {
    let mut findings = Findings::default();
    findings.error(&Cell::new(line, "", ""), code, problem, expected);
    Box::new(findings.into_sorted().remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_with_and_without_a_mark_and_gbk_read_the_same() {
        let text = "name,kind\n示例幸福食堂,canteen\n";
        let (gbk, _, _) = GBK.encode(text);
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &marked, &gbk] {
            assert_eq!(decode(bytes).expect("readable"), text);
        }
    }

    #[test]
    fn bytes_that_are_no_text_say_on_which_line() {
        assert_eq!(decode(b"name\n\xff\xff\xff").expect_err("no text").row, 2);
        assert_eq!(decode(b"PK\x03\x04....xl/workbook.xml").expect_err("a workbook").code, "workbook");
    }
}
