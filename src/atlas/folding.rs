//! Folding: the characters that a search takes for one, and those that it does not look at.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::care::clean::is_invisible;
use crate::care::simplified;

/// Radicals that stand for characters, as they come out of PDF files, where Unicode itself does not say so.
const RADICALS: [(char, char); 24] = [
    ('⺠', '民'),
    ('⻁', '虎'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻑', '长'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
];

/// What a search compares instead of a character; `None` where it passes it over.
pub(super) fn fold(c: char) -> Option<char> {
    static TABLE: LazyLock<Box<[char]>> = LazyLock::new(table);
    match TABLE.get(c as usize) {
        Some('\0') => None,
        Some(folded) => Some(*folded),
        // Its plain form may be a character of the table.
        None => folded(c).map(|plain| TABLE.get(plain as usize).copied().unwrap_or(plain)),
    }
}

/// For each character of the first plane what it folds to; NUL where it is passed over.
fn table() -> Box<[char]> {
    let plane = 0..=0xffff;
    let mut table: Box<[char]> = plane.map(|code| char::from_u32(code).and_then(folded).unwrap_or('\0')).collect();
    for (traditional, simplified) in simplified::pairs() {
        table[traditional as usize] = simplified;
    }
    for (radical, character) in RADICALS {
        table[radical as usize] = character;
    }
    // A compatibility form of a traditional character has been folded to that one.
    for at in 0..table.len() {
        table[at] = table.get(table[at] as usize).copied().unwrap_or(table[at]);
    }
    table
}

/// By Unicode's own rules: compatibility forms, case, and accents but for the dots of ü.
fn folded(c: char) -> Option<char> {
    if c.is_whitespace() || c.is_control() || is_invisible(c) || passed_over(c) {
        return None;
    }
    let plain = compatible(c);
    let lower = plain.to_lowercase().next().unwrap_or(plain);
    if passed_over(lower) {
        return None;
    }
    let mut parts = std::iter::once(lower).nfd();
    let base = parts.next().unwrap_or(lower);
    let dotted = base == 'u' && parts.any(|mark| mark == '\u{308}');
    let latin = base.is_ascii_alphabetic();
    Some(if dotted {
        'ü'
    } else if latin {
        base
    } else {
        lower
    })
}

/// The character that a form of it stands for, where it is one character.
fn compatible(c: char) -> char {
    let mut forms = std::iter::once(c).nfkc();
    match (forms.next(), forms.next()) {
        (Some(form), None) => form,
        _ => c,
    }
}

/// Apostrophes of every sort: in pinyin they part syllables.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | 'ʻ' | 'ʹ' | '′' | '‛' | '＇')
}

/// Marks that people leave out, or write in many ways: apostrophes, dots, dashes, brackets, quotation marks, and accents
/// that stand alone.
fn passed_over(c: char) -> bool {
    is_apostrophe(c)
        || matches!(c,
            '·' | '•' | '・' | '･' | '‧' | '∙' | '⋅' | '●' | '᛫' | '.' | '。' | '-' | '‐'..='―' | '−' | '_' | ',' | '、'
            | '(' | ')' | '[' | ']' | '【' | '】' | '〔' | '〕' | '《' | '》' | '「' | '」' | '"' | '“' | '”'
            | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_twice_is_folding_once() {
        for c in (0..=0x2ffffu32).filter_map(char::from_u32) {
            if let Some(once) = fold(c) {
                assert_eq!(fold(once), Some(once), "U+{:04X}", c as u32);
            }
        }
    }
}
