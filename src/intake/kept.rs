//! Targets, programme figures and claims: which row of the record a row of the file is about. Pure.

use super::plan::Plan;
use crate::care::Kept;
use crate::care::kept::told_again;
use crate::exchange::Findings;
use crate::exchange::cell::Cell;
use crate::exchange::kept::KeptDraft;

/// Decides for each draft. `held` are all rows of the record.
pub fn plan<T: Kept>(drafts: Vec<KeptDraft<T>>, held: Vec<T>, found: &mut Findings) -> Plan<T> {
    // Keys are lists of values, which have no order: they are told apart by their text.
    let key = |row: &T| format!("{:?}", row.key());
    let held: std::collections::HashMap<String, T> = held.into_iter().map(|row| (key(&row), row)).collect();
    let mut plan = Plan::new();
    for draft in drafts {
        let Some(before) = held.get(&key(&draft.told)) else {
            plan.put(None, draft.told);
            continue;
        };
        match told_again(before, &draft.given) {
            Ok(after) => plan.put(Some(before.clone()), after),
            Err(why) => found.error(&Cell::new(draft.row, T::KEY[0], ""), "rule", why, ""),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::{Datum, Target, Vocabulary};
    use crate::exchange::{Reading, kept::kept};

    fn planned(planned: &str, held: Vec<Target>) -> Plan<Target> {
        let text = format!("region,year,measure,planned\n371500,2024,nursing_beds_added,{planned}\n");
        let vocabulary = Vocabulary::default();
        let reading = Reading { vocabulary: &vocabulary, datum: Datum::Wgs84, profile: None };
        plan(kept(text.as_bytes(), &reading).drafts, held, &mut Findings::default())
    }

    #[test]
    fn the_same_row_changes_nothing_and_another_number_is_the_next_version() {
        let first = planned("500", vec![]);
        let held = vec![first.edits[0].after.clone()];
        assert_eq!((planned("500", held.clone()).unchanged, planned("", held.clone()).unchanged), (1, 1));
        let again = planned("600", held.clone());
        let after = &again.edits[0].after;
        assert_eq!((after.id, after.version, after.planned), (held[0].id, 2, Some(600.0)));
    }
}
