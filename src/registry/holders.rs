//! Holders: who stands behind the tokens that were shown lately, kept only while the database can say at once that something
//! about tokens or accounts has changed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};

use crate::care::Who;

/// More tokens than this are not in use at once.
const KEPT: usize = 10_000;

#[derive(Default)]
pub(super) struct Holders(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    /// Counts what may have changed; an answer that was asked for before the last count is not kept.
    age: u64,
    /// Whether the line is there by which changes would be heard of.
    trusted: bool,
    kept: HashMap<Vec<u8>, (Who, Option<DateTime<Utc>>)>,
}

impl Holders {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Every entry is whole by itself, whoever panicked.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Who holds the token of this hash; or the age to hand to [`Holders::keep`] with the answer of the record.
    pub fn find(&self, hash: &[u8]) -> Result<Who, u64> {
        let inside = self.inside();
        match inside.kept.get(hash) {
            Some((who, ends)) if ends.is_none_or(|ends| ends > Utc::now()) => Ok(who.clone()),
            _ => Err(inside.age),
        }
    }

    pub fn keep(&self, asked: u64, hash: Vec<u8>, who: &Who, ends: Option<DateTime<Utc>>) {
        let mut inside = self.inside();
        if inside.trusted && inside.age == asked && inside.kept.len() < KEPT {
            inside.kept.insert(hash, (who.clone(), ends));
        }
    }

    /// Something about tokens or accounts has changed.
    pub fn forget(&self) {
        let mut inside = self.inside();
        inside.age += 1;
        inside.kept.clear();
    }

    /// Changes are heard of from now on.
    pub fn trust(&self) {
        self.forget();
        self.inside().trusted = true;
    }

    /// The line broke: nothing is heard any more.
    pub fn distrust(&self) {
        self.inside().trusted = false;
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_asked_for_before_a_change_is_not_kept() {
        let (holders, who) = (Holders::default(), Who::operator("op".into(), false));
        let hash = || vec![1];
        let asked = holders.find(&hash()).expect_err("not kept yet");
        holders.keep(asked, hash(), &who, None);
        assert!(holders.find(&hash()).is_err(), "nothing is kept that could change unheard");
        holders.trust();
        holders.keep(asked, hash(), &who, None);
        let asked = holders.find(&hash()).expect_err("asked for before the line was there");
        holders.keep(asked, hash(), &who, None);
        assert_eq!(holders.find(&hash()), Ok(who.clone()));
        holders.forget();
        let asked = holders.find(&hash()).expect_err("something has changed");
        holders.keep(asked, hash(), &who, Some(Utc::now() - chrono::Duration::seconds(1)));
        assert!(holders.find(&hash()).is_err(), "a token that has ended opens nothing");
        holders.keep(asked, hash(), &who, None);
        holders.distrust();
        assert!(holders.find(&hash()).is_err());
    }
}
