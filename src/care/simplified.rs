//! Simplified characters for traditional ones, one for one: what search, and the reading of opening hours, take for the same.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Simplified characters, each followed by its traditional forms.
const TABLE: &str = include_str!("simplified.txt");

/// Each traditional character with its simplified one.
pub fn pairs() -> impl Iterator<Item = (char, char)> {
    let words = TABLE.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split(' '));
    words.flat_map(|word| {
        let mut forms = word.chars();
        let simplified = forms.next();
        forms.filter_map(move |traditional| Some((traditional, simplified?)))
    })
}

/// A text in simplified characters. Those that would take another number of bytes stay, so that places in both are the same.
pub fn simplified(text: &str) -> String {
    static OF: LazyLock<HashMap<char, char>> =
        LazyLock::new(|| pairs().filter(|(from, to)| from.len_utf8() == to.len_utf8()).collect());
    text.chars().map(|c| if c.is_ascii() { c } else { OF.get(&c).copied().unwrap_or(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_words_of_opening_hours_become_simplified_and_keep_their_length() {
        for (said, plain) in [("週一至週五營業", "周一至周五营业"), ("國慶節關門，預約開放", "国庆节关门，预约开放")]
        {
            assert_eq!(simplified(said), plain);
            assert_eq!(said.len(), plain.len());
        }
    }
}
