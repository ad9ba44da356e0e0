//! Remembered: the last questions of coverage, answered in parts, so that the same one and its scenarios are answered soon.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::analysis::{CoverageQuestion, Standing};
use crate::atlas::Atlas;

/// How many are kept: of a nation of 600,000 demand points and 400,000 facilities each weighs about 50 MB.
const KEPT: usize = 3;

/// One process has one.
#[derive(Default)]
pub struct Remembered {
    held: Mutex<VecDeque<Held>>,
}

type From = (Uuid, i64, NaiveDate);

struct Held {
    /// The log, the record and the day that it was answered from.
    from: From,
    question: CoverageQuestion,
    bands: Vec<f64>,
    standing: Arc<OnceLock<Arc<Standing>>>,
}

impl Remembered {
    /// The question's standing in this atlas, which must be the live one: its revision stands for all that is in it. Who asks
    /// the same meanwhile waits for the same answer.
    pub fn standing(&self, atlas: &Atlas, question: &CoverageQuestion, bands: &[f64]) -> Arc<Standing> {
        let place = self.place((atlas.position().log, atlas.revision(), atlas.today()), question, bands);
        Arc::clone(place.get_or_init(|| Arc::new(Standing::of(atlas, question, bands))))
    }

    /// The place of a question, the latest asked at the front.
    fn place(&self, from: From, question: &CoverageQuestion, bands: &[f64]) -> Arc<OnceLock<Arc<Standing>>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // What an older record said is of no more use, nor what another log said.
        held.retain(|held| held.from.0 == from.0 && held.from >= from);
        let same = |held: &Held| held.from == from && held.question == *question && held.bands == bands;
        let known = held.iter().position(same).and_then(|at| held.remove(at));
        let known = known.unwrap_or_else(|| Held {
            from,
            question: question.clone(),
            bands: bands.to_vec(),
            standing: Arc::default(),
        });
        let standing = Arc::clone(&known.standing);
        held.push_front(known);
        held.truncate(KEPT);
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::{Filter, sample};
    use crate::care::Weight;

    #[test]
    fn the_same_question_of_the_same_record_is_answered_once() {
        let (kept, atlas) = (Remembered::default(), sample::atlas(1, 50));
        let ask = |within_m| {
            let (filter, weight) = (Filter::default(), Weight::Total);
            let question = CoverageQuestion { region: None, filter, within_m, weight, ..CoverageQuestion::default() };
            kept.standing(&atlas, &question, &[])
        };
        let first = ask(1000.0);
        assert!(Arc::ptr_eq(&first, &ask(1000.0)) && !Arc::ptr_eq(&first, &ask(1001.0)));
        (0..KEPT).for_each(|more| drop(ask(2000.0 + more as f64)));
        assert!(!Arc::ptr_eq(&first, &ask(1000.0)), "only a few are kept");
    }
}
