//! Text, and words: texts that recur in many records and are held once.

use std::collections::HashSet;
use std::sync::Arc;

/// Text that is never edited in place. Copies share it.
pub type Text = Arc<str>;

/// The words met so far. Kinds, regions, hours and tags are few and stand in hundreds of thousands of records: held once,
/// they are most of what such a record would weigh.
#[derive(Debug, Default)]
pub struct Words(HashSet<Text>);

impl Words {
    /// The one copy of a word.
    pub fn hold(&mut self, word: &str) -> Text {
        if let Some(held) = self.0.get(word) {
            return held.clone();
        }
        let held = Text::from(word);
        self.0.insert(held.clone());
        held
    }

    pub fn hold_some(&mut self, word: Option<&str>) -> Option<Text> {
        word.map(|word| self.hold(word))
    }

    pub fn hold_all(&mut self, words: Vec<&str>) -> Vec<Text> {
        words.into_iter().map(|word| self.hold(word)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_held_once() {
        let mut words = Words::default();
        let (one, other) = (words.hold("canteen"), words.hold(&String::from("canteen")));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(words.hold_some(None), None);
    }
}
