//! Needle: a searched word, and whether it fits a name as it is written, as it is said or by its initials.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use pinyin::{Pinyin, ToPinyinMulti};

use super::folding::{fold, is_apostrophe};
use crate::care::clean::clean_text;

/// A word to look for. Spaces, case, the width of letters, tone marks, apostrophes, dots, dashes and brackets do not matter,
/// nor whether characters are simplified or traditional; but no syllable is read across an apostrophe (xi'an is not xiang).
pub(crate) struct Needle {
    letters: Vec<char>,
    /// Whether it can be a reading: it has a Latin letter.
    spoken: bool,
    /// The letters before which an apostrophe stands, a bit each.
    parted: Reached,
}

/// How a needle fits a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// From the beginning, with so many characters left: with none, it is the whole name.
    Start { left: usize },
    /// From a later character on.
    Part,
}

/// Places in the needle, a bit each: those that may come next. A needle of more letters fits nothing.
type Reached = u128;
const LONGEST: usize = 127;

impl Needle {
    pub fn new(word: &str) -> Needle {
        let word = clean_text(word);
        let (mut letters, mut parted): (Vec<char>, Reached) = (Vec::new(), 0);
        for c in word.chars() {
            match fold(c) {
                Some(letter) => letters.push(letter),
                None if is_apostrophe(c) => parted |= 1 << letters.len(),
                None => {}
            }
            // A longer word fits nothing; its end need not be read.
            if letters.len() > LONGEST {
                break;
            }
        }
        // Marks alone stand nowhere, unlike no word at all.
        if letters.is_empty() {
            letters.extend(word.chars().take(LONGEST));
        }
        Needle { spoken: letters.iter().any(|letter| letter.is_ascii_lowercase() || *letter == 'ü'), letters, parted }
    }

    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Whether the needle stands in a text as it is written.
    pub fn stands_in(&self, text: &str) -> bool {
        self.walk(text, false).is_some()
    }

    /// How the needle fits a name: each character may be written (`宿`), said (`su`) or begun (`s`), and the last said
    /// in part. A character with several readings fits by each.
    pub fn fits(&self, name: &str) -> Option<Fit> {
        self.walk(name, self.spoken)
    }

    fn walk(&self, text: &str, spoken: bool) -> Option<Fit> {
        if self.letters.is_empty() || self.letters.len() > LONGEST {
            return self.letters.is_empty().then_some(Fit::Part);
        }
        let whole: Reached = 1 << self.letters.len();
        // Every walk that began at any character, and those that began at the first.
        let (mut any, mut first): (Reached, Reached) = (0, 1);
        let (mut part, mut start) = (false, None);
        for (at, character) in folded(text).enumerate() {
            any = self.step(any | 1, character, spoken);
            first = self.step(first, character, spoken);
            part |= any & whole != 0;
            if first & whole != 0 {
                start = Some(at);
            }
            (any, first) = (any & !whole, first & !whole);
            // What follows cannot make it a better fit.
            if part && first == 0 {
                break;
            }
        }
        match start {
            Some(at) => Some(Fit::Start { left: folded(text).count() - at - 1 }),
            None => part.then_some(Fit::Part),
        }
    }

    /// Where the walks stand after one more character of the text.
    fn step(&self, mut reached: Reached, character: char, spoken: bool) -> Reached {
        let mut next = 0;
        while reached != 0 {
            let at = reached.trailing_zeros() as usize;
            reached &= reached - 1;
            let rest = &self.letters[at..];
            if same(character, rest[0]) {
                next |= 1 << (at + 1);
            }
            if spoken && may_begin(character, rest[0]) {
                for reading in character.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain) {
                    let parted = self.parted >> at;
                    next |= said(reading, "ü", rest, parted) << at;
                    if reading.contains('ü') {
                        next |= said(reading, "yu", rest, parted) << at;
                    }
                }
            }
        }
        next
    }
}

/// The places that a walk reaches by a reading, from where it stands: its end, its first letter, or the needle's end. ü is
/// typed as ü, v or u, and as yu on passports.
fn said(reading: &str, u: &'static str, rest: &[char], parted: Reached) -> Reached {
    let letters = reading.chars().flat_map(|letter| if letter == 'ü' { u.chars() } else { one(letter) });
    let length = letters.clone().count();
    let said = letters.zip(rest).take_while(|(a, b)| same(*a, **b)).count();
    let across = parted & ((1 << said) - 1) & !1 != 0;
    let whole = if (said == length || said == rest.len()) && !across { 1 << said } else { 0 };
    if said > 0 { whole | 1 << 1 } else { whole & !1 }
}

/// The letter as a text of its own, from the alphabet that readings are written in.
fn one(letter: char) -> std::str::Chars<'static> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let at = (letter as usize).wrapping_sub('a' as usize);
    LETTERS.get(at..at.saturating_add(1)).unwrap_or_default().chars()
}

/// Whether a letter of a name is the one that was typed.
fn same(held: char, typed: char) -> bool {
    held == typed || held == 'ü' && matches!(typed, 'u' | 'v') || held == 'u' && typed == 'ü'
}

/// The characters that have a reading and are common enough for a table.
const TABLED: RangeInclusive<u32> = 0x3400..=0x9fff;

/// Whether a reading of the character can begin with the letter. Asked of every character of every name, and mostly
/// answered with no, so it is answered from a table: a bit for each letter, for each character.
fn may_begin(character: char, letter: char) -> bool {
    static LETTERS: LazyLock<Box<[u32]>> =
        LazyLock::new(|| TABLED.map(|code| initials(char::from_u32(code))).collect());
    let code = character as u32;
    let letters =
        if TABLED.contains(&code) { LETTERS[(code - TABLED.start()) as usize] } else { initials(Some(character)) };
    letter.is_ascii_lowercase() && letters >> (letter as u32 - 'a' as u32) & 1 == 1
}

/// The letters that the readings of a character begin with, `a` in the lowest bit.
fn initials(character: Option<char>) -> u32 {
    let readings = character.filter(|c| !c.is_ascii()).and_then(|c| c.to_pinyin_multi()).into_iter().flatten();
    let first = readings.filter_map(|reading| reading.plain().bytes().next());
    first.filter(u8::is_ascii_lowercase).fold(0, |letters, first| letters | 1 << (first - b'a'))
}

/// A text without its spaces, in lower case, plain width and simplified characters.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(word: &str, name: &str) -> Option<Fit> {
        Needle::new(word).fits(name)
    }

    #[test]
    fn a_name_is_found_as_written_as_said_and_by_its_initials() {
        for word in ["宿迁", "suqian", "SuQian", "ｓｕ ｑｉａｎ", "sq", "suq", "sqian", "suqi", "宿qian"] {
            assert_eq!(fit(word, "宿迁市"), Some(Fit::Start { left: 1 }), "{word}");
        }
        assert_eq!(fit("suqianshi", "宿迁市"), Some(Fit::Start { left: 0 }));
        assert_eq!(fit("qian", "宿迁市"), Some(Fit::Part));
        assert_eq!(fit("uqian", "宿迁市"), None);
        assert_eq!(fit("suqianx", "宿迁市"), None);
    }

    #[test]
    fn a_character_with_several_readings_is_found_by_each() {
        assert!(fit("chongqing", "重庆市").is_some());
        assert!(fit("zhongqing", "重庆市").is_some());
    }

    #[test]
    fn a_name_with_ü_is_found_however_it_is_typed() {
        for word in ["lüliang", "lvliang", "luliang", "lyuliang", "LÜ LIANG", "lǚliáng", "lu\u{308}liang", "ll"] {
            assert_eq!(fit(word, "吕良养老院"), Some(Fit::Start { left: 3 }), "{word}");
        }
        for (names, syllable) in [("吕绿旅律率驴履屡侣铝滤虑", "l"), ("女", "n")] {
            for name in names.chars().map(String::from) {
                for ending in ["ü", "v", "u", "yu"] {
                    assert!(fit(&format!("{syllable}{ending}"), &name).is_some(), "{name} {syllable}{ending}");
                }
            }
        }
        for word in ["lüeyang", "lveyang", "lueyang", "lyueyang"] {
            assert!(fit(word, "略阳县").is_some(), "{word}");
        }
        assert_eq!(fit("liliang", "吕良"), None);
        assert!(fit("laoyu", "老鱼").is_some() && fit("lyu", "老鱼").is_some());
    }

    #[test]
    fn traditional_and_simplified_characters_are_one() {
        for (word, name) in [("爱国", "愛國養老院"), ("愛國", "爱国养老院"), ("養老院", "示例养老院"), ("臺灣", "台湾")]
        {
            assert!(fit(word, name).is_some(), "{word} {name}");
        }
        assert!(fit("aiguo", "愛國養老院").is_some());
    }

    #[test]
    fn marks_that_people_leave_out_do_not_matter() {
        for (word, name) in [
            ("xi'an", "西安市"),
            ("xian", "西安市"),
            ("xi’an", "Xi'an"),
            ("sùqiān", "宿迁市"),
            ("sùqia\u{304}n", "宿迁市"),
            ("买买提艾力", "买买提·艾力养老院"),
            ("买买提•艾力", "买买提·艾力养老院"),
            ("买买提・艾力", "买买提艾力养老院"),
            ("⼀家", "一家养老院"),
            ("⻓安", "长安区"),
            ("一家", "⼀家养老院"),
            ("cafe", "Café"),
            ("caf\u{65}\u{301}", "Cafe"),
            ("ＳＵＮ\u{200b}", "Sunrise"),
        ] {
            assert!(fit(word, name).is_some(), "{word} {name}");
        }
    }

    #[test]
    fn dots_dashes_and_brackets_of_a_name_may_be_left_out() {
        for (word, name) in [
            ("阿里木.买买提", "阿里木·买买提养老院"),
            ("阿里木．买买提", "阿里木·买买提养老院"),
            ("st mary anne", "St. Mary-Anne Home"),
            ("maryanne", "St. Mary-Anne Home"),
            ("第12养老院东区", "第12养老院（东区）"),
            ("第12养老院(东区)", "第12养老院（东区）"),
        ] {
            assert!(fit(word, name).is_some(), "{word} {name}");
        }
        assert_eq!(fit("-", "示例养老院"), None, "marks alone are in no name");
    }

    #[test]
    fn an_apostrophe_parts_syllables() {
        for word in ["xi'an", "xi’an", "XI'AN"] {
            assert_eq!(fit(word, "西安市"), Some(Fit::Start { left: 1 }), "{word}");
            assert_eq!(fit(word, "乡村养老院"), None, "{word}");
        }
        assert!(fit("xian", "乡村养老院").is_some() && fit("xi'an", "Xian Home").is_some());
    }

    #[test]
    fn a_foreign_name_is_found_by_any_part_of_it() {
        assert_eq!(fit("sunrise m", "Sunrise Manor"), Some(Fit::Start { left: 4 }));
        assert_eq!(fit("manor", "Sunrise Manor"), Some(Fit::Part));
        assert_eq!(fit("sm", "Sunrise Manor"), None);
    }

    #[test]
    fn a_needle_that_is_not_said_stands_only_where_it_is_written() {
        assert!(Needle::new("A-1").stands_in("xa-17"));
        assert!(!Needle::new("sq").stands_in("宿迁"));
        assert_eq!(fit("宿", "苏州"), None);
        assert_eq!(fit(&"长".repeat(200), &"长".repeat(300)), None);
        assert_eq!(fit("aa", "aaa"), Some(Fit::Start { left: 1 }));
    }
}
