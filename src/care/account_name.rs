//! Names of accounts: two that look the same are the same, whatever they are typed with.

use unicode_normalization::UnicodeNormalization;

use super::clean::{clean_text, control_character};

/// The longest name that an account may have, in characters.
pub const LONGEST: usize = 64;

/// What cannot be the name of an account, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("an account needs a name")]
    Empty,
    #[error("a name of {0} characters is too long; {LONGEST} at most")]
    Long(usize),
    #[error("the name has the character U+{:04X}; letters, digits, blanks and . - _ @ ' · are allowed", u32::from(*.0))]
    Odd(char),
    #[error("the name mixes letters of {0} and {1} that look alike; use letters of one script")]
    Mixed(&'static str, &'static str),
}

/// The name to keep: compatible characters as their plain ones, nothing invisible, one blank at a time.
pub fn read(text: &str) -> Result<String, BadName> {
    if let Some(control) = control_character(text) {
        return Err(BadName::Odd(control));
    }
    let plain: String = clean_text(text).nfkc().collect();
    let name = clean_text(&plain).into_owned();
    let length = name.chars().count();
    if length == 0 {
        return Err(BadName::Empty);
    }
    if length > LONGEST {
        return Err(BadName::Long(length));
    }
    if let Some(odd) = name.chars().find(|c| !allowed(*c)) {
        return Err(BadName::Odd(odd));
    }
    // Chinese names beside Latin letters are usual, and nobody takes one for the other.
    let mut scripts: Vec<Script> =
        name.chars().filter_map(script).filter(|script| *script != Script::Chinese).collect();
    scripts.dedup();
    match scripts.iter().find(|other| **other != scripts[0]) {
        Some(other) => Err(BadName::Mixed(scripts[0].name(), other.name())),
        None => Ok(name),
    }
}

/// The name as it is compared with others: compatible forms, cases, and letters that look alike in several scripts are one.
pub fn folded(text: &str) -> String {
    let plain: String = clean_text(text).nfkc().collect();
    // By way of the capitals: ß, ſ and the two forms of sigma then are what they look or sound like.
    let small = plain.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).map(latin);
    clean_text(&small.nfkc().collect::<String>()).into_owned()
}

fn allowed(c: char) -> bool {
    // A mark that found no letter to join with stands upon its neighbour to change how it looks.
    let stray_mark = matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}');
    !stray_mark && (c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@' | '\'' | '·' | '+') || is_mark(c))
}

/// Marks that scripts of this country are written with: Tibetan, Uyghur, Mongolian.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{f0b}'..='\u{fbc}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1800}'..='\u{180a}' | '\u{18a9}')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Chinese,
    Other,
}

impl Script {
    fn name(self) -> &'static str {
        match self {
            Script::Latin => "the Latin script",
            Script::Greek => "the Greek script",
            Script::Cyrillic => "the Cyrillic script",
            Script::Chinese => "the Chinese script",
            Script::Other => "another script",
        }
    }
}

/// The script of a letter; digits and signs go with any.
fn script(c: char) -> Option<Script> {
    if !c.is_alphabetic() {
        return None;
    }
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{aa}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' => {
            Script::Latin
        }
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
            Script::Cyrillic
        }
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Script::Chinese
        }
        _ => Script::Other,
    })
}

/// The Latin letter that a small letter of another script looks like.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'ɡ' => 'g',
        'н' | 'һ' | 'η' => 'h',
        'і' | 'ι' | 'ɩ' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' | 'μ' => 'm',
        'ν' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' => 'y',
        'ζ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for text in [
            "admin1",
            "Admin1",
            " ADMIN1 ",
            "admin1\u{202e}",
            "ａｄｍｉｎ１",
            "ad\u{200b}min1",
            "admin¹",
            "аdmin1",
            "admіn1",
        ] {
            assert_eq!(folded(text), "admin1", "{text:?}");
        }
        assert_eq!(folded("Jos\u{e9}"), folded("Jose\u{301}"));
        assert_eq!((folded("STRASSE"), folded("ПРАВ")), (folded("straße"), folded("прав")));
        assert_eq!(folded("王\u{3000}伟"), folded("王 伟"));
        assert_ne!(folded("admin1"), folded("admin2"));
    }

    #[test]
    fn a_name_is_kept_in_its_plain_form() {
        for (text, kept) in [
            (" Li.Wei ", "Li.Wei"),
            ("ａｄｍｉｎ１", "admin1"),
            ("Jose\u{301}", "José"),
            ("admin1\u{202e}", "admin1"),
            ("王伟2", "王伟2"),
            ("li王", "li王"),
            ("прав", "прав"),
            ("བཀྲ་ཤིས", "བཀྲ་ཤིས"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(kept), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_with_the_reason() {
        assert_eq!(read(" \u{200b} "), Err(BadName::Empty));
        assert_eq!(read(&"x".repeat(10_000)), Err(BadName::Long(10_000)));
        assert_eq!(read("li\u{7}"), Err(BadName::Odd('\u{7}')));
        assert_eq!(read("li🙂"), Err(BadName::Odd('🙂')));
        assert!(matches!(read("q\u{336}w"), Err(BadName::Odd('\u{336}'))));
        for mixed in ["аdmin", "αdmin", "admіn王", "правα"] {
            assert!(matches!(read(mixed), Err(BadName::Mixed(..))), "{mixed}");
        }
    }
}
