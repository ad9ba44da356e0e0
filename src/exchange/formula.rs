//! Text that a spreadsheet would take for a formula: escaped on the way out, as it was on the way in.

use std::borrow::Cow;

/// A spreadsheet would take such a cell for a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// Text as it may stand in a spreadsheet: with a leading ' where it would be taken for a formula.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

/// What [`escape`] was given.
pub fn unescape(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_a_formula_is_escaped_and_comes_back() {
        for text in ["=1+1", "+86 527 5555 0101", "-", "@you", "'=x", "''+1", "'tis", "示例", ""] {
            assert_eq!(unescape(&escape(text)), text);
            assert!(!escape(text).starts_with(FORMULA));
        }
    }
}
